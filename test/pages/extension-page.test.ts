import { domainCreated } from '@posthorn/admin/contract';
import { defineExtension, field, job, migration, on, page, parameterForm, parameters, view } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

const made: string[] = [];
let isBroken = false;

/** Notes on domains: brings something of every kind that the page names. */
const notes = defineExtension({
  id: 'acme-notes',
  version: '1.2.3',
  sdk: '^1.0.0',
  title: 'Notes',
  description: 'Notes on <domains>.',
  requires: { admin: '*' },
  claims: { commands: ['note'], tables: ['old_note'] },
  migrations: [
    migration({
      name: 'acme-notes/0001-initial',
      up: (ddl) => [
        ...ddl.createTable('acme_notes_note', { columns: { id: { type: 'id' }, text: { type: 'text' } } }),
        ...ddl.createTable('acme_notes_label', { columns: { name: { type: 'string(20)', primary: true } } }),
        ...ddl.addColumn('core_user', 'acme_nickname', { type: 'text', nullable: true }),
      ],
      down: (ddl) => [
        ...ddl.dropColumn('core_user', 'acme_nickname'),
        ...ddl.dropTable('acme_notes_label'),
        ...ddl.dropTable('acme_notes_note'),
      ],
    }),
  ],
  parameters: [
    parameterForm(
      parameters('acme-notes', 'global', { size: field.integer({ label: 'Size' }).default(1) }, { title: 'Notes' }),
    ),
  ],
  permissions: { 'acme-notes.view': { label: 'See notes', roles: ['DomainAdmins'] } },
  taps: [
    on(domainCreated, async () => {
      throw new Error('no note for this one');
    }),
  ],
  backfill: {
    title: 'Make a note for every old domain',
    async run(context) {
      await context.progress(0, 1);
      if (isBroken) throw new Error('out of paper');
      made.push(`${context.extension} for ${context.startedBy?.username}`);
      await context.progress(1, 1);
    },
  },
  contributes: [
    job({ id: 'tidy', title: 'Tidy the notes', run: async () => undefined }),
    page({ path: '/notes/', permission: 'acme-notes.view', load: async () => view('none', 'Notes') }),
  ],
});

let b: Bench;
let site: Site;
let admin: Reader;
const PATH = '/core/extensions/acme-notes/';

beforeAll(async () => {
  b = await bench({ with: [notes] });
  await populate(b);
  await b.sql("insert into acme_notes_note (text) values ('one'), ('two')");
  site = await startSite(b.host);
  admin = await site.as('admin');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const text = async (path = PATH): Promise<string> => (await admin.get(path)).text.replace(/<[^>]+>|\s+/g, ' ');

describe('the page of an extension', () => {
  it('names what it is, what it brings and what it claims', async () => {
    const { status, text: html } = await admin.get(PATH);
    expect(status).toBe(200);
    expect(html).toMatch(/Notes on &lt;domains(?:>|&gt;)\./);
    expect(html).toContain('href="/core/extensions/admin/"');
    expect(html).toContain('href="/core/parameters/acme-notes/"');
    expect(html).toContain('href="/core/extensions/doctor/?extension=acme-notes"');
    const shown = await text();
    for (const part of [
      '1.2.3',
      'GET /notes/',
      'Tidy the notes',
      'acme-notes.view',
      'admin.domain-created@1',
      'note',
    ]) {
      expect(shown).toContain(part);
    }
    expect(shown).toMatch(/Claims.*Tables +old_note.*Commands +note/);
    expect(shown).toMatch(/acme_notes_note +Table +2 .*acme_notes_label +Table +0 /);
    expect(shown).toContain('core_user.acme_nickname');
  });

  it('says who needs it, and who listens to its hooks', async () => {
    const shown = await text('/core/extensions/admin/');
    expect(shown).toMatch(/Needed by +acme-notes \*/);
    expect(shown).toMatch(/Who listens to its hooks +admin\.domain-created@1 +acme-notes/);
  });

  it('shows what failed last', async () => {
    expect(await text()).toContain('no note for this one');
  });

  it('asks the database as often, however many tables there are', async () => {
    const statements = (path: string) => b.count(() => admin.get(path));
    const [few, many] = [(await statements(PATH)).length, (await statements('/core/extensions/admin/')).length];
    // Notes have a backfill, which is one statement more.
    expect(many).toBe(few - 1);
  });

  it('is there for those who may, and for extensions that are there', async () => {
    for (const path of [PATH, `${PATH}uninstall/`, `${PATH}export/`, '/core/extensions/add/']) {
      expect((await (await site.as('user@test.com')).get(path)).status).toBe(403);
      expect((await site.guest.get(path)).status).toBe(303);
    }
    for (const id of ['nobody', 'core', '..%2Fadmin', 'a%00b', '%3Cb%3E']) {
      expect((await admin.get(`/core/extensions/${id}/`)).status).toBe(404);
      expect((await admin.get(`/core/extensions/${id}/uninstall/`)).status).toBe(404);
      expect((await admin.get(`/core/extensions/${id}/export/`)).status).toBe(404);
    }
  });
});

describe('the list', () => {
  it('leads to each, in one line', async () => {
    const { text: html } = await admin.get('/core/extensions/');
    expect(html).toContain(`href="${PATH}"`);
    expect(html).toMatch(/Notes on &lt;domains(?:>|&gt;)\./);
    expect(html).not.toContain('Tidy the notes');
  });
});

describe('a backfill', () => {
  const run = () => b.host.kernel.jobs.runner(['default']).drain();
  const start = () => admin.post(`${PATH}backfill/`, {});

  it('is offered, runs as a job, and its result is kept', async () => {
    expect(await text()).toContain('has not been looked after yet');
    const started = await start();
    expect(started.to).toMatch(/^\/core\/jobs\/\d+\/$/);
    expect(await text(started.to ?? '')).toContain('Make a note for every old domain');
    // One at a time.
    expect((await start()).to).toBe(PATH);
    expect(await text()).toContain('is being brought up to date already');
    await run();
    expect(made).toEqual(['acme-notes for admin']);
    expect((await admin.get(started.to ?? '')).text).toContain(`href="${PATH}"`);
    const shown = await text();
    expect(shown).not.toContain('has not been looked after yet');
    expect(shown).toMatch(/Started by +admin +Result +Done/);
  });

  it('that failed says why, and is offered again', async () => {
    isBroken = true;
    await start();
    await run();
    isBroken = false;
    expect(await text()).toMatch(/has not been looked after yet.*Result +out of paper/);
    await start();
    await run();
    expect(await text()).toMatch(/Result +Done/);
  });

  it('is due again once the extension was away', async () => {
    await b.sql("update core_extension set changed_at = '2099-01-01 00:00:00' where id = 'acme-notes'");
    expect(await text()).toContain('has not been looked after yet');
  });

  it('is cancelled before it runs, and is nobody else’s to start', async () => {
    const { to } = await start();
    await admin.post(`${to}cancel/`, {});
    const before = made.length;
    await run();
    expect(made).toHaveLength(before);
    const path = `${PATH}backfill/`;
    expect((await (await site.as('user@test.com')).post(path, {})).status).toBe(403);
    expect((await admin.post(path, { _token: 'forged' })).status).toBe(403);
    expect((await admin.post('/core/extensions/admin/backfill/', {})).to).toBe('/core/extensions/admin/');
    expect(await text('/core/extensions/admin/')).toContain('admin has nothing to bring up to date.');
    await run();
    expect(made).toHaveLength(before);
  });
});

describe('the question before uninstalling', () => {
  it('lists what would go, and why it cannot go now', async () => {
    const shown = await text(`${PATH}uninstall/`);
    expect(shown).toMatch(/acme_notes_note +Table +2 /);
    expect(shown).toContain('acme-notes is enabled, so it cannot be uninstalled.');
    expect(shown).not.toContain('Uninstall acme-notes?');
    const refused = await admin.post(`${PATH}uninstall/`, { confirmation: 'acme-notes' });
    expect(refused.status).toBe(422);
    expect(await b.sql("select id from core_job where name = 'uninstall-extension'")).toEqual([]);
  });

  it('gives an export of all that it keeps', async () => {
    await b.sql("update core_user set acme_nickname = 'Boss' where username = 'admin'");
    const { status, text: lines } = await admin.get(`${PATH}export/`);
    expect(status).toBe(200);
    const records = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records[0]).toMatchObject({
      posthorn: 'extension-export',
      id: 'acme-notes',
      steps: ['acme-notes/0001-initial'],
    });
    expect(records).toContainEqual({ table: 'acme_notes_note', row: { id: 2, text: 'two' } });
    expect(records).toContainEqual({ table: 'core_user', key: { id: 1 }, row: { acme_nickname: 'Boss' } });
    expect(records.filter(({ table }) => table === 'core_user')).toHaveLength(1);
    expect(records.some(({ table }) => table === 'core_grant')).toBe(true);
    expect(lines).not.toContain('password');
  });
});

describe('adding on the page', () => {
  it('is off unless the configuration says otherwise, and says how', async () => {
    const shown = await text('/core/extensions/add/');
    expect(shown).toContain('posthorn extension add');
    expect(shown).toContain('packages: { pages: true }');
    const refused = await admin.post('/core/extensions/add/', {
      package: 'posthorn-x',
      trust: 'true',
      password: 'Toto1234',
    });
    expect(refused.status).toBe(403);
    expect(await b.sql("select id from core_job where name = 'add-package'")).toEqual([]);
  });
});
