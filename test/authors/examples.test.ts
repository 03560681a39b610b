/** The examples of the documents for authors, each enabled and used: what a document says, its example does. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import admin from '@posthorn/admin';
import { Domain, domains } from '@posthorn/admin/contract';
import { type TestHost, testHost } from '@posthorn/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import assetExample from '../../docs/authors/examples/assets.js';
import checkExample from '../../docs/authors/examples/checks.js';
import commandExample from '../../docs/authors/examples/commands.js';
import fileExample from '../../docs/authors/examples/files.js';
import jobExample, { sendLetter } from '../../docs/authors/examples/jobs.js';
import listExample from '../../docs/authors/examples/lists.js';
import noticeExample from '../../docs/authors/examples/notices.js';
import parameterExample, { read } from '../../docs/authors/examples/parameters.js';
import permissionExample from '../../docs/authors/examples/permissions.js';
import schemaExample, { addNote, noteMade, notesOf } from '../../docs/authors/examples/schema.js';
import serviceExample, { travel } from '../../docs/authors/examples/services.js';

let host: TestHost;
const open = async (...extensions: Parameters<typeof testHost>[0]['with']): Promise<TestHost> => {
  host = await testHost({ with: extensions });
  return host;
};
afterEach(async () => {
  const unexpected = host?.reports.map(({ message }) => message) ?? [];
  await host?.[Symbol.asyncDispose]();
  expect(unexpected).toEqual([]);
});
const domain = (name: string) => host.context('admin').get(domains).create(host.system, { name });

describe('the example of', () => {
  it('jobs: sends each letter in turns, once, and forgets by the clock', async () => {
    await open(admin, jobExample);
    const context = host.context('acme-letters');
    const root = await host.admin();
    const by = await host.actor(root.username);
    const first = await sendLetter(context, 1, ['a@x.test', 'nobody', 'a@x.test'], by);
    const second = await sendLetter(context, 1, ['b@x.test'], by);
    const other = await sendLetter(context, 2, ['c@x.test'], by);
    const { driver } = host.kernel.jobs;
    const held = await driver.claim({
      worker: 'somebody',
      queues: ['default'],
      known: [{ extension: 'acme-letters', name: 'send' }],
      limit: 9,
      leaseMs: 60_000,
    });
    expect(held.map((job) => job.id)).toEqual([first, other]);
    expect((await root.get(`/core/jobs/${second}/`)).text).toContain(`Job ${first}, since one runs at a time`);
    expect((await root.get('/core/jobs/')).text).toContain(`Waits for job ${first}, since one runs at a time`);
    const listed = await host.command(['jobs', 'list', '--json']);
    expect(listed.stdout).toContain(`"waits_for":${first}`);
    for (const lease of held) await driver.release(lease);
    expect((await host.jobs.drain()).map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
    const sent = () => context.data.execute('select letter, address from acme_letters_sent order by letter, address');
    expect(await sent()).toEqual([
      { letter: 1, address: 'a@x.test' },
      { letter: 1, address: 'b@x.test' },
      { letter: 2, address: 'c@x.test' },
    ]);
    const page = await root.get(`/core/jobs/${first}/`);
    expect(page.text).toMatch(/nobody\s*is no address/);
    await host.clock.advance('25h');
    const ran = (await host.jobs.drain()).filter(({ job }) => job === 'acme-letters.forget');
    expect(ran).toMatchObject([{ outcome: 'done' }]);
    expect(await sent()).toEqual([]);
  });

  it('commands: reads its words, asks, and ends with the code of its problem', async () => {
    await open(commandExample);
    expect((await host.command(['acme-moods', 'show', '--json'])).stdout.trim()).toBe('{"mood":"calm"}');
    const done = await host.command(['acme-moods', 'rehearse', 'merry', '--times', '2', '--yes', '--json']);
    expect(
      done.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { take: 1, mood: 'merry' },
      { take: 2, mood: 'merry' },
    ]);
    expect((await host.command(['acme-moods', 'rehearse', 'merry'])).code).toBe(2);
    expect((await host.command(['acme-moods', 'rehearse', 'loud', '--yes'])).code).toBe(6);
    const same = await host.command(['acme-moods', 'rehearse', 'calm', '--yes']);
    expect([same.code, same.stderr]).toEqual([4, expect.stringContaining('The mood is calm already.')]);
  });

  it('files: writes them, keeps what was edited by hand, and says what differs', async () => {
    await open(admin, fileExample);
    await domain('a.test');
    const directory = await mkdtemp(join(tmpdir(), 'posthorn-files-'));
    try {
      const run = (...words: string[]) => host.command(['acme-greylist', ...words]);
      const written = await run('write', directory, '--delay', '60');
      expect([written.code, written.stderr]).toEqual([0, expect.stringContaining('it delays by 60 seconds')]);
      const conf = join(directory, 'greylist.conf');
      expect(await readFile(conf, 'utf8')).toMatch(/delay = 60\ndomains = a\.test/);
      expect(await readFile(join(directory, 'greylist-domains.cf'), 'utf8')).toContain('SELECT name FROM admin_domain');
      expect((await run('check', directory, '--delay', '60')).code).toBe(0);
      await domain('b.test');
      expect((await run('check', directory, '--delay', '60')).code).toBe(1);
      await writeFile(conf, `${await readFile(conf, 'utf8')}# mine\n`);
      expect((await run('write', directory, '--delay', '60')).stderr).toContain('edited by hand: greylist.conf');
      expect(await readFile(conf, 'utf8')).toContain('# mine');
      await run('write', directory, '--delay', '60', '--force');
      expect(await readFile(conf, 'utf8')).toMatch(/domains = a\.test b\.test/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('services: answers who asks, who does without where nobody offers it', async () => {
    await open(serviceExample, travel);
    const root = await host.admin();
    expect((await root.get('/acme-travel/')).text).toMatch(/Riga \d{4}/);
    await host.disable('acme-clocks');
    expect((await root.get('/acme-travel/')).text).toContain('Nobody knows the time there.');
  });

  it('permissions: shows, hides and refuses by role', async () => {
    await open(admin, permissionExample);
    const [reseller, keeper, user] = [
      await host.account({ role: 'Resellers' }),
      await host.account({ role: 'DomainAdmins' }),
      await host.account({ role: 'SimpleUsers' }),
    ];
    expect((await user.get('/acme-keys/')).status).toBe(403);
    expect((await user.get('/user/')).menu.map(({ label }) => label)).not.toContain('Keys');
    const seen = await keeper.get('/acme-keys/');
    expect(seen.menu.map(({ label }) => label)).toContain('Keys');
    expect(seen.text).toContain('The door is shut.');
    expect(seen.text).not.toContain('You may turn the key.');
    expect((await keeper.post('/acme-keys/turn/')).status).toBe(403);
    expect((await reseller.get('/acme-keys/')).text).toContain('You may turn the key.');
    expect((await reseller.post('/acme-keys/turn/')).text).toContain('The door is open.');
  });

  it('assets: serves them under an address that changes with them, and in the language of the reader', async () => {
    await open(assetExample);
    const root = await host.admin();
    const page = await root.get('/acme-posters/');
    const [, sheet = ''] = /href="(\/assets\/acme-posters\/[0-9a-f]{12}\/poster\.css)"/.exec(page.html) ?? [];
    const [, horn = ''] = /src="(\/assets\/acme-posters\/[0-9a-f]{12}\/horn\.svg)"/.exec(page.html) ?? [];
    const css = await root.ask(sheet);
    expect(css.body).toContain(`url("${horn}")`);
    expect(css.headers.get('cache-control')).toContain('immutable');
    expect((await root.ask(horn)).headers.get('content-type')).toBe('image/svg+xml');
    const french = await root.ask('/acme-posters/', { headers: { 'accept-language': 'fr' } });
    expect(french.body).toMatch(/alt="(Un cor|A horn)"/);
    expect((await host.kernel.translator('fr'))({ extension: 'acme-posters', key: 'A horn', args: {} })).toBe('Un cor');
  });

  it('schema: keeps rows of its own, a column of another entity, and goes with its domain', async () => {
    await open(admin, schemaExample);
    host.hook(noteMade);
    const { pk } = await domain('a.test');
    const context = host.context('acme-notes');
    const id = await addNote(context, pk, 'Ask Anna');
    expect((await notesOf(context, pk)).map(({ text }) => text)).toEqual(['Ask Anna']);
    await expect.poll(() => host.hook(noteMade).calls).toEqual([{ id, domain: pk }]);
    await context.data.write(async (em) => {
      Object.assign(await em.findOneOrFail(Domain, { id: pk }), { acmeNotesColour: 'red' });
    });
    const [row] = await context.data.execute('select acme_notes_colour as c from admin_domain where id = ?', [pk]);
    expect(row).toEqual({ c: 'red' });
    await host.context('admin').get(domains).remove(host.system, 'a.test');
    expect(await notesOf(context, pk)).toEqual([]);
  });

  it('checks: finds, repairs, and finds nothing then', async () => {
    await open(admin, checkExample);
    await domain('a.test');
    const found = await host.command(['check', '--json']);
    expect(found.stdout).toContain('a.test has no policy.');
    const tried = await host.command(['repair', 'acme-spam.policies', '--dry-run', '--json']);
    expect(tried.stdout).toContain('gets the usual policy');
    expect((await host.command(['check'])).stdout).toContain('a.test has no policy.');
    expect((await host.command(['repair', 'acme-spam.policies'])).code).toBe(0);
    expect((await host.command(['check'])).stdout).not.toContain('a.test has no policy.');
  });

  it('lists: adds a column, actions, a filter and a widget to the list of domains', async () => {
    await open(admin, listExample);
    const [{ pk }] = [await domain('a.test'), await domain('b.test')];
    const { data } = host.context('acme-reports');
    for (const failures of [0, 3])
      await data.execute('insert into acme_reports_report (domain_id, failures) values (?, ?)', [pk, failures]);
    const root = await host.admin();
    const list = await root.get('/admin/domains/');
    expect(list.table.map((row) => row['Reports'])).toEqual(['2', '–']);
    expect(list.links.map(({ href }) => href)).toContain('/acme-reports/a.test/');
    const narrowed = await root.get('/admin/domains/?acme-reports.state=failing');
    expect(narrowed.table).toHaveLength(1);
    expect((await root.get('/admin/domains/a.test/')).text).toMatch(/Latest report\s*a\.test/);
    await root.post(`/acme-reports/${pk}/forget/`);
    expect((await root.get('/admin/domains/')).table.map((row) => row['Reports'])).toEqual(['–', '–']);
  });

  it('notices: says what is open, announces, and offers a first page', async () => {
    await open(admin, noticeExample);
    const root = await host.admin();
    const user = await host.account({ role: 'SimpleUsers' });
    expect((await root.get('/user/')).text).not.toContain('Messages wait');
    await host.command(['parameter', 'set', 'acme-spam.open', '3']);
    await host.command(['parameter', 'set', 'acme-spam.works', 'noon']);
    expect((await root.get('/user/')).text).toContain('Messages wait to be released.');
    expect((await user.get('/user/')).text).not.toContain('Messages wait');
    expect((await host.guest.get('/accounts/login/')).text).toContain('The filter is down for works at noon.');
    expect((await user.get('/user/preferences/')).text).toContain('Quarantine');
    expect((await user.get('/acme-spam/quarantine/')).status).toBe(200);
  });

  it('parameters: has defaults, refuses what does not fit, and upgrades old rows', async () => {
    await open(parameterExample);
    const context = host.context('acme-spam');
    const visitor = await host.admin();
    const { id } = await host.actor(visitor.username);
    expect(await read(context, id ?? 0)).toMatchObject({ limit: 5, rows: 40 });
    const set = (name: string, value: string) => host.command(['parameter', 'set', `acme-spam.${name}`, value]);
    expect((await set('limit', '101')).code).toBe(6);
    const remote = await set('is_remote', 'true');
    expect([remote.code, remote.stderr]).toEqual([6, expect.stringContaining('is needed there')]);
    expect((await set('limit', '7')).code).toBe(0);
    expect(await read(context, id ?? 0)).toMatchObject({ limit: 7 });
    await context.data.execute("update core_parameter set version = 1, value = ? where extension = 'acme-spam'", [
      JSON.stringify({ points: 9 }),
    ]);
    await host.disable('acme-spam');
    await host.enable('acme-spam');
    expect(await read(host.context('acme-spam'), id ?? 0)).toMatchObject({ limit: 9 });
  });
});
