/** The examples of the documents for authors, each enabled and used: what a document says, its example does. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import admin from '@posthorn/admin';
import { Domain, domains } from '@posthorn/admin/contract';
import { instance, plainText } from '@posthorn/sdk';
import { type TestHost, testHost } from '@posthorn/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import assetExample from '../../docs/authors/examples/assets.js';
import authenticationExample from '../../docs/authors/examples/authentication.js';
import checkExample from '../../docs/authors/examples/checks.js';
import commandExample from '../../docs/authors/examples/commands.js';
import endpointExample from '../../docs/authors/examples/endpoints.js';
import fileExample from '../../docs/authors/examples/files.js';
import rowExample from '../../docs/authors/examples/import-export.js';
import jobExample, { sendLetter } from '../../docs/authors/examples/jobs.js';
import letterExample, { tell } from '../../docs/authors/examples/letters.js';
import listExample from '../../docs/authors/examples/lists.js';
import noticeExample from '../../docs/authors/examples/notices.js';
import pageExample from '../../docs/authors/examples/pages.js';
import parameterExample, { read } from '../../docs/authors/examples/parameters.js';
import { create, list } from '../../docs/authors/examples/parts/notes.js';
import permissionExample from '../../docs/authors/examples/permissions.js';
import schemaExample, { addNote, leave, noteMade, notesOf } from '../../docs/authors/examples/schema.js';
import serviceExample, { travel } from '../../docs/authors/examples/services.js';
import signalExample, { noteChanged, rewrite } from '../../docs/authors/examples/signals.js';
import { said } from '../../docs/authors/examples/texts.js';

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
    expect((await root.get(`/core/jobs/${second}/`)).text).toContain(
      `Waits for job ${first}, since one runs at a time`,
    );
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

  it('schema: looks after older domains, and takes its files away when it leaves', async () => {
    await open(admin, schemaExample);
    const { pk } = await domain('old.test');
    expect((await host.command(['extension', 'backfill', 'acme-notes'])).code).toBe(0);
    expect((await host.jobs.drain()).map(({ outcome }) => outcome)).toEqual(['done']);
    const context = host.context('acme-notes');
    expect(await notesOf(context, pk)).toHaveLength(1);
    const files = join(context.get(instance).directory, 'data', 'acme-notes');
    await mkdir(files, { recursive: true });
    await leave(context);
    expect(existsSync(files)).toBe(false);
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

  it('letters: waits in the queue once a server is set', async () => {
    await open(letterExample);
    const context = host.context('acme-spam');
    const reader = { name: 'Anna', address: 'anna@example.org', language: 'en' };
    expect(await tell(context, reader, 3)).toBeNull();
    for (const [name, value] of [
      ['sender_address', 'noreply@example.org'],
      ['smtp_host', '127.0.0.1'],
    ])
      expect((await host.command(['parameter', 'set', `core.${name}`, `${value}`])).code).toBe(0);
    expect(await tell(context, reader, 3)).toBeGreaterThan(0);
    expect((await (await host.admin()).get('/core/letters/acme-spam.waiting/en/')).text).toContain('Hello {{name}},');
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

  it('signals: raises what was committed, once, and nothing that was taken back', async () => {
    await open(signalExample);
    const heard = host.hook(noteChanged);
    const context = host.context('acme-notes');
    const { id } = await create(context, host.system, { text: 'old' });
    await rewrite(context, id, 'new');
    const failing = context.data.write(async () => {
      await rewrite(context, id, 'never');
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    expect(heard.calls).toEqual([{ id, fields: ['text'] }]);
    expect((await list(context)).map(({ text }) => text)).toEqual(['new']);
  });

  it('endpoints: makes a note and shows it, refuses what it does not know', async () => {
    await open(admin, endpointExample);
    const tokenOf = async (role: string) => {
      const { username } = await host.account({ role });
      return (await host.command(['token', 'create', username, '--label', 'test'])).stdout.trim();
    };
    const ask = async (token: string, path: string, body?: unknown) => {
      const answer = await host.guest.ask(`/api/v1/acme-notes${path}`, {
        headers: {
          accept: 'application/json, application/problem+json',
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
    };
    const [root, keeper] = [await tokenOf('SuperAdmins'), await tokenOf('DomainAdmins')];
    const made = await ask(root, '/notes/', { text: 'Ask Anna' });
    expect(made).toEqual({ status: 201, body: { id: expect.any(Number), text: 'Ask Anna', tags: [] } });
    expect(await ask(keeper, `/notes/${made.body['id']}/`)).toEqual({ status: 200, body: made.body });
    expect(await ask(keeper, '/notes/?limit=1')).toEqual({ status: 200, body: [made.body] });
    expect((await ask(keeper, '/notes/', { text: 'no' })).status).toBe(403);
    expect((await ask(root, '/notes/', { text: 'no', colour: 'red' })).status).toBe(400);
    expect((await ask(root, '/notes/99/')).body).toMatchObject({ status: 404, code: 'E_NOTE_GONE' });
  });

  it('import and export: reads rows and writes the same', async () => {
    await open(rowExample);
    const directory = await mkdtemp(join(tmpdir(), 'posthorn-rows-'));
    try {
      const rows = ['acme-notes-note;Ask;yes;urgent;old', 'acme-notes-note;Tell;no'];
      const file = join(directory, 'notes.csv');
      await writeFile(file, `${rows.join('\n')}\n`);
      const imported = await host.command(['import', file]);
      expect([imported.code, imported.stderr]).toEqual([0, expect.any(String)]);
      expect(await list(host.context('acme-notes'))).toMatchObject([
        { title: 'Ask', pinned: true, tags: ['urgent', 'old'] },
        { title: 'Tell', pinned: false, tags: [] },
      ]);
      const written = await host.command(['export', 'acme-notes']);
      expect(written.stdout).toMatch(/acme-notes-note;"?Ask"?;.*urgent.*old/);
      await writeFile(file, 'acme-notes-note;;no\n');
      expect((await host.command(['import', file])).code).not.toBe(0);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('authentication: lets in whom the directory knows, with the right password', async () => {
    await open(admin, authenticationExample);
    const signIn = (username: string, password: string) =>
      host.guest.post('/accounts/login/', { username, password, rememberme: '', next: '' });
    expect((await signIn('anna@acme.test', 'wrong')).status).toBe(422);
    expect((await signIn('bert@acme.test', 'Anna-in-42-Weiden')).status).toBe(422);
    expect((await signIn('anna@acme.test', 'Anna-in-42-Weiden')).url).toBe('/user/');
    expect(await host.kernel.accounts.findByUsername('anna@acme.test')).toMatchObject({
      is_local: false,
      role: 'SimpleUsers',
      last_name: 'Ahorn',
    });
  });

  it('texts: says a number by its form, and a text inside another', () => {
    expect(said('Anna', 1).map((text) => plainText(text))).toEqual([
      'Note of Anna',
      '1 note',
      'The note was not saved: it is too long.',
    ]);
    expect(plainText(said('Anna', 2)[1] ?? '')).toBe('2 notes');
  });

  it('pages: shows, removes, takes a file, has a tab and a step, and starts a job', async () => {
    await open(admin, pageExample);
    const root = await host.admin();
    const context = host.context('acme-notes');
    const { id } = await create(context, host.system, { text: 'Ask Anna' });
    expect((await root.get('/acme-notes/')).menu.map(({ label }) => label)).toContain('Notes');
    const note = await root.get(`/acme-notes/${id}/`);
    expect(note.text).toContain('Ask Anna');
    const gone = await note.form(`/acme-notes/${id}/delete/`).submit();
    expect(gone.notices.join()).toContain('The note is gone.');
    expect((await root.get(`/acme-notes/${id}/`)).status).toBe(404);

    const form = new FormData();
    form.set('_token', /name="_token" value="([^"]+)"/.exec(gone.html)?.[1] ?? '');
    form.set('table', new Blob(['from a file']), 'notes.txt');
    expect((await root.ask('/acme-notes/import/', { method: 'POST', body: form })).status).toBe(303);
    expect((await list(context)).map(({ text }) => text)).toEqual(['from a file']);

    await domain('a.test');
    const editor = await root.get('/admin/domains/a.test/edit/');
    await editor.tab('notes').submit({ text: 'Beside it' });
    expect((await root.get('/admin/domains/a.test/edit/')).tab('notes').field('text').value).toBe('Beside it');
    expect((await root.get('/admin/domains/new/')).text).toContain('Next server');

    await create(context, host.system, { text: '' });
    const started = await (await root.get('/acme-notes/')).form('/acme-notes/tidy/').submit();
    expect(started.url).toMatch(/^\/core\/jobs\/\d+\/$/);
    expect(await host.jobs.drain()).toMatchObject([{ job: 'acme-notes.tidy', outcome: 'done' }]);
    expect(await list(context)).toHaveLength(1);
  });
});

it('every example is run here', () => {
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const folder = fileURLToPath(new URL('../../docs/authors/examples/', import.meta.url));
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  expect(names.filter((name) => !source.includes(`examples/${name.replace('.ts', '.js')}'`))).toEqual([]);
});
