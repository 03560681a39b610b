import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootKernel, createLog, type InstanceConfig, type Kernel, superActor } from '@posthorn/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { makeTempDir, removeTempDir } from '../kit/src/servers/temp-dir.js';
import type { TestHost } from '../kit/src/test-host.js';
import { type Answer, type Reader, type Site, startSite } from './site.js';

/** Has a table, a file for another program, a secret, something to look after and something to tidy up. */
const tape = (folder: string) => `
import { existsSync, writeFileSync } from 'node:fs';
import { defineExtension, field, mapFile, migration, parameterForm, parameters } from '@posthorn/sdk';
const initial = migration({
  name: 'acme-tape/0001-initial',
  up: (ddl) => ddl.createTable('acme_tape_reel', { columns: { id: { type: 'id' }, name: { type: 'text' } } }),
  down: (ddl) => ddl.dropTable('acme_tape_reel'),
});
const settings = parameters('acme-tape', 'global', {
  speed: field.integer({ label: 'Speed' }).default(7), key: field.secret({ label: 'Key' }).default(''),
}, { title: 'Tape' });
const query = 'select name from acme_tape_reel where name = \\'%s\\'';
export default defineExtension({
  id: 'acme-tape', version: '1.0.0', sdk: '^1.0.0', title: 'Tape', requires: { admin: '*' }, migrations: [initial],
  claims: { commands: ['reel'] },
  parameters: [parameterForm(settings)],
  permissions: { 'acme-tape.play': { label: 'Play tapes', roles: ['DomainAdmins'] } },
  contributes: [mapFile({ set: 'maps', name: 'sql-tape.cf', summary: 'Tapes', query: { sqlite: query, postgresql: query, mariadb: query } })],
  backfill: { title: 'Wind old tapes', run: async (c) => { await c.data.execute("insert into acme_tape_reel (name) values ('wound')"); } },
  uninstall: async (c) => {
    if (existsSync('${folder}/stuck')) throw new Error('the shelf is locked');
    const rows = await c.data.execute('select name from acme_tape_reel');
    writeFileSync('${folder}/tidied', String(rows.length));
  },
});`;
const MANIFEST = {
  name: 'posthorn-acme-tape',
  version: '1.0.0',
  type: 'module',
  author: { name: 'Ann <b>Other</b>' },
  license: 'MIT',
  homepage: 'javascript:alert(1)',
  bugs: { url: 'https://tape.example/bugs' },
  peerDependencies: { '@posthorn/sdk': '^1.0.0' },
  posthorn: {
    id: 'acme-tape',
    sdk: '^1.0.0',
    entry: './index.js',
    requires: { admin: '*' },
    claims: { commands: ['reel'] },
  },
};

const PASSWORD = 'Toto1234';
const ADD = '/core/extensions/add/';
const PAGE = '/core/extensions/acme-tape/';

let instance: Instance;
let folder: string;
let tarball: Buffer;
let config: InstanceConfig;
let kernel: Kernel;
let site: Site;
let admin: Reader;

/** As a worker that has followed: a process of the present arrangement. */
async function restart(): Promise<void> {
  await kernel?.[Symbol.asyncDispose]();
  kernel = await bootKernel({ config, role: 'command', log: createLog({ level: 'silent', name: 'test', to: 2 }) });
}
const drain = () => kernel.jobs.runner(['default']).drain();
const sql = (text: string) => kernel.database.execute(text);
const jobs = () =>
  sql("select name, state, error from core_job where extension = 'core' and name like '%a%' order by id");
const uploads = () => {
  const path = join(instance.directory, 'data', 'uploads');
  return existsSync(path) ? readdirSync(path) : [];
};
const plain = (answer: Answer): string => answer.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

interface Sent {
  readonly file?: { readonly name: string; readonly content: Uint8Array<ArrayBuffer> };
  readonly fields?: Readonly<Record<string, string>>;
  readonly username?: string;
}

/** Sends the form of a page that takes a file. */
async function send({ file, fields = {}, username = 'root' }: Sent): Promise<Answer> {
  const cookie = await site.cookie(username);
  const text = await (await fetch(`${site.base}/user/`, { headers: { cookie, accept: 'text/html' } })).text();
  const body = new FormData();
  const all = {
    _token: /name="_token" value="([^"]+)"/.exec(text)?.[1] ?? '',
    trust: 'true',
    password: PASSWORD,
    ...fields,
  };
  for (const [name, value] of Object.entries(all)) if (value !== '') body.append(name, value);
  if (file !== undefined) body.append('tarball', new File([file.content], file.name));
  const answer = await fetch(`${site.base}${ADD}`, {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: { cookie, accept: 'text/html', origin: site.base },
  });
  return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') };
}
const theTape = (name: string) => ({ name, content: new Uint8Array(tarball) });

beforeAll(async () => {
  instance = await freshInstance();
  folder = await makeTempDir('packages');
  const path = join(folder, 'tape');
  await mkdir(path);
  await writeFile(join(path, 'package.json'), JSON.stringify(MANIFEST));
  await writeFile(join(path, 'index.js'), tape(folder));
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: path,
    encoding: 'utf8',
  });
  tarball = readFileSync(join(folder, packed.trim()));
  config = {
    directory: instance.directory,
    databaseUrl: 'sqlite:data/db/posthorn.db',
    hostname: 'mx.example.test',
    baseUrl: 'http://127.0.0.1:8000',
    language: 'en',
    timeZone: 'UTC',
    logLevel: 'silent',
    essential: [],
    poolSize: 2,
    packagePages: true,
  };
  await restart();
  for (const [username, role] of [
    ['root', 'SuperAdmins'],
    ['dora', 'DomainAdmins'],
  ] as const) {
    await kernel.accounts.create(superActor('system'), { username, role, passwordHash: `{PLAIN}${PASSWORD}` });
  }
  site = await startSite({
    get kernel() {
      return kernel;
    },
  } as unknown as TestHost);
  admin = await site.as('root');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await kernel?.[Symbol.asyncDispose]();
  await instance?.remove();
  await removeTempDir(folder);
});

describe('the form that adds a package', () => {
  it.each([
    ['nothing', {}, 'Give a name or a tarball.'],
    ['an author who is not trusted', { package: 'posthorn-x', trust: '' }, 'Tick this to go on.'],
    ['a wrong password', { package: 'posthorn-x', password: 'wrong' }, 'This is not your present password.'],
    ['an option of npm', { package: '--global' }, 'must be a name such as'],
    ['a path', { package: '../../etc' }, 'must be a name such as'],
    ['an address', { package: 'https://evil.example/x.tgz' }, 'must be a name such as'],
    ['a repository', { package: 'github:evil/x' }, 'must be a name such as'],
    ['another name for a package', { package: 'x@npm:y@1' }, 'must be a name such as'],
    ['a file of this machine', { package: 'x@file:/etc' }, 'must be a name such as'],
  ])('refuses %s', async (_what, fields, complaint) => {
    const answer = await send({ fields });
    expect(answer.status).toBe(422);
    expect(plain(answer)).toContain(complaint);
    expect(answer.text).not.toContain(`value="${PASSWORD}"`);
    expect(await jobs()).toEqual([]);
  });

  it('refuses what is no tarball, and one that is too large', async () => {
    const zip = await send({ file: { name: 'x.tgz', content: new TextEncoder().encode('PK not gzip') } });
    expect([zip.status, plain(zip).includes('is no tarball')]).toEqual([422, true]);
    const large = new Uint8Array(20 * 1_048_576 + 1);
    expect([413, 422]).toContain((await send({ file: { name: 'x.tgz', content: large } })).status);
    expect(await jobs()).toEqual([]);
    expect(uploads()).toEqual([]);
  });

  it('is for those who may, and takes nothing forged', async () => {
    expect((await send({ file: theTape('x.tgz'), username: 'dora' })).status).toBe(403);
    expect((await send({ file: theTape('x.tgz'), fields: { _token: 'forged' } })).status).toBe(403);
    expect(await jobs()).toEqual([]);
    expect(uploads()).toEqual([]);
  });

  it('takes a tarball whatever it is called, and only one at a time', async () => {
    const sent = await send({ file: theTape('../../../etc/cron.d/--evil;x.tgz') });
    expect(sent.to).toMatch(/^\/core\/jobs\/\d+\/$/);
    expect(uploads()).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.tgz$/)]);
    expect((await send({ fields: { package: 'posthorn-other@1.0.0' } })).status).toBe(409);
    const { assembly } = await kernel.revisionRow.read();
    await drain();
    expect(await jobs()).toEqual([{ name: 'add-package', state: 'done', error: null }]);
    expect(uploads()).toEqual([]);
    // Other processes have to look for packages anew.
    expect((await kernel.revisionRow.read()).assembly).toBe(assembly + 1);
    expect((await admin.get(sent.to ?? '')).text).toContain(`href="${PAGE}"`);
    expect(existsSync(join(instance.directory, 'packages', 'node_modules', 'posthorn-acme-tape'))).toBe(true);
    expect(existsSync(join(instance.directory, '..', 'etc'))).toBe(false);
  });

  it('whose starter may no longer do this installs nothing', async () => {
    await send({ file: theTape('x.tgz') });
    await sql("update core_user set is_active = 0 where username = 'root'");
    await drain();
    await sql("update core_user set is_active = 1 where username = 'root'");
    expect((await jobs()).at(-1)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('core.manage_extensions'),
    });
    expect(uploads()).toEqual([]);
  });
});

describe('what was added', () => {
  it('says who made it and what it asks for before it is enabled', async () => {
    await restart();
    const answer = await admin.get(PAGE);
    const shown = plain(answer);
    for (const part of ['Not enabled', 'MIT', 'Play tapes (DomainAdmins)', 'sql-tape.cf', 'Commands reel', 'admin *']) {
      expect(shown).toContain(part);
    }
    expect(answer.text).not.toContain('<b>Other');
    expect(answer.text).not.toContain('javascript:');
    expect(answer.text).toContain('href="https://tape.example/bugs"');
    expect(shown).not.toContain('has not been looked after yet');
  });

  it('is enabled there, and offers to look after what is there already', async () => {
    expect((await admin.post(`${PAGE}enable/`, { from: 'page' })).to).toBe(PAGE);
    await restart();
    expect(plain(await admin.get(PAGE))).toContain('has not been looked after yet');
    const { stdout } = await instance.must(['extension', 'backfill', 'acme-tape', '--json']);
    expect(JSON.parse(stdout)).toEqual({ id: 'acme-tape', job: expect.any(Number) });
    expect((await instance.posthorn(['extension', 'backfill', 'acme-tape'])).code).toBe(4);
    await drain();
    expect(await sql('select name from acme_tape_reel')).toEqual([{ name: 'wound' }]);
    await instance.must(['parameter', 'set', 'acme-tape.speed', '19']);
    const [form] = kernel.generation.order.find(({ id }) => id === 'acme-tape')?.parameters ?? [];
    await kernel.parameters.write(form as never, { key: 'open sesame' });
    await instance.must(['extension', 'disable', 'acme-tape']);
    const again = await instance.must(['extension', 'enable', 'acme-tape']);
    expect(again.stderr).toContain('extension backfill acme-tape');
    await instance.must(['maps', 'write', join(folder, 'maps')]);
    expect((await instance.posthorn(['extension', 'uninstall', 'acme-tape', '--yes'])).code).toBe(4);
    await instance.must(['extension', 'disable', 'acme-tape']);
    expect((await instance.posthorn(['extension', 'backfill', 'acme-tape'])).code).toBe(4);
    await restart();
  });
});

describe('uninstalling', () => {
  const there = async () => (await sql("select name from sqlite_master where name = 'acme_tape_reel'")).length === 1;

  it('stops where the extension cannot tidy up, and nothing is gone', async () => {
    writeFileSync(join(folder, 'stuck'), '');
    const refused = await instance.posthorn(['extension', 'uninstall', 'acme-tape', '--yes']);
    expect([refused.code, refused.stderr.includes('the shelf is locked')]).toEqual([4, true]);
    expect(await there()).toBe(true);
  });

  it('on the page asks for the name, and its job ends the same way', async () => {
    const shown = plain(await admin.get(`${PAGE}uninstall/`));
    for (const part of ['acme_tape_reel', 'Table', 'Parameters', 'maps/sql-tape.cf', 'Uninstall acme-tape?']) {
      expect(shown).toContain(part);
    }
    const path = `${PAGE}uninstall/`;
    expect((await admin.post(path, { confirmation: 'tape' })).status).toBe(422);
    expect((await admin.post(path, { confirmation: 'acme-tape', _token: 'forged' })).status).toBe(403);
    expect((await (await site.as('dora')).post(path, { confirmation: 'acme-tape' })).status).toBe(403);
    expect((await admin.post(path, { confirmation: 'acme-tape' })).to).toMatch(/^\/core\/jobs\//);
    await drain();
    expect((await jobs()).at(-1)).toMatchObject({
      name: 'uninstall-extension',
      state: 'failed',
      error: expect.stringContaining('the shelf is locked'),
    });
    expect(await there()).toBe(true);
  });

  it('refuses to write its export over a file', async () => {
    const file = join(folder, 'kept.ndjson');
    await writeFile(file, 'mine');
    const refused = await instance.posthorn(['extension', 'uninstall', 'acme-tape', '--export', file, '--yes']);
    expect(refused.code).toBe(4);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const nowhere = join(folder, 'nowhere', 'x.ndjson');
    expect((await instance.posthorn(['extension', 'export', 'acme-tape', nowhere])).code).toBe(1);
    expect(await there()).toBe(true);
  });

  it('goes on where the operator insists, exports first, and leaves files that were edited', async () => {
    const maps = join(folder, 'maps');
    const edited = join(folder, 'edited');
    await instance.must(['extension', 'enable', 'acme-tape']);
    await instance.must(['maps', 'write', edited]);
    writeFileSync(join(edited, 'sql-tape.cf'), '# mine\n');
    await instance.must(['extension', 'disable', 'acme-tape']);
    const file = join(folder, 'tape.ndjson');
    const printed = await instance.must(['extension', 'export', 'acme-tape']);
    const done = await instance.must([
      ...['extension', 'uninstall', 'acme-tape', '--yes', '--force', '--export', file],
      ...['--files', maps, '--files', edited],
    ]);
    expect(done.stderr).toContain('Its own tidying up failed: the shelf is locked');
    expect(readFileSync(file, 'utf8')).toBe(printed.stdout);
    expect(existsSync(join(maps, 'sql-tape.cf'))).toBe(false);
    expect(readdirSync(maps).length).toBeGreaterThan(1);
    expect(readFileSync(join(maps, 'modoboa-postfix-maps.chk'), 'utf8')).not.toContain('sql-tape');
    expect(readFileSync(join(edited, 'sql-tape.cf'), 'utf8')).toBe('# mine\n');
    expect(await there()).toBe(false);
    const records = printed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records[1]).toEqual({ table: 'acme_tape_reel', row: { id: 1, name: 'wound' } });
    expect(records.find(({ table }) => table === 'core_parameter')).toMatchObject({
      row: { extension: 'acme-tape', value: { speed: 19 } },
      left_out: ['key'],
    });
    expect(printed.stdout).not.toMatch(/sesame|sealed/);
  });

  it('on the page takes all away, once the extension has tidied up', async () => {
    await rm(join(folder, 'stuck'));
    await restart();
    await send({ file: theTape('again.tgz') });
    await drain();
    await instance.must(['extension', 'enable', 'acme-tape']);
    await instance.must(['extension', 'disable', 'acme-tape']);
    await restart();
    const started = await admin.post(`${PAGE}uninstall/`, { confirmation: 'acme-tape' });
    await drain();
    expect((await jobs()).at(-1)).toMatchObject({ name: 'uninstall-extension', state: 'done' });
    expect(plain(await admin.get(started.to ?? ''))).toContain('acme_tape_reel');
    expect(readFileSync(join(folder, 'tidied'), 'utf8')).toBe('0');
    expect(await there()).toBe(false);
    expect(existsSync(join(instance.directory, 'packages', 'node_modules', 'posthorn-acme-tape'))).toBe(false);
    await restart();
    expect((await admin.get(PAGE)).status).toBe(404);
  });
});
