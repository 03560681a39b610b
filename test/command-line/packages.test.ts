import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { makeTempDir, removeTempDir } from '../kit/src/servers/temp-dir.js';

const TAPE = `
import { defineExtension, migration, parameterForm, parameters, field } from '@posthorn/sdk';
const initial = migration({
  name: 'acme-tape/0001-initial',
  up: (ddl) => ddl.createTable('acme_tape_reel', { columns: { id: { type: 'id' }, name: { type: 'text' } } }),
  down: (ddl) => ddl.dropTable('acme_tape_reel'),
});
const settings = parameters('acme-tape', 'global', { speed: field.integer({ label: 'Speed' }).default(7) }, { title: 'Tape' });
export default defineExtension({
  id: 'acme-tape', version: '1.0.0', sdk: '^1.0.0', title: 'Tape', migrations: [initial],
  parameters: [parameterForm(settings)],
  permissions: { 'acme-tape.play': { label: 'Play', roles: ['DomainAdmins'] } },
});`;
const PLAIN = (id: string) =>
  `export default { id: '${id}', version: '1.0.0', sdk: '^1.0.0', title: '${id}', requires: {} };`;

let instance: Instance;
let folder: string;

/** A package as its author has it; `block` undefined means that it is no extension. */
async function write(name: string, code: string, block: object | undefined): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  const more = block === undefined ? {} : { posthorn: { sdk: '^1.0.0', entry: './index.js', ...block } };
  const manifest = { name, version: '1.0.0', type: 'module', peerDependencies: { '@posthorn/sdk': '^1.0.0' }, ...more };
  await writeFile(join(path, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(path, 'index.js'), code);
  return path;
}

const tarball = (path: string): string =>
  join(
    folder,
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: path, encoding: 'utf8' }).trim(),
  );
const run = (...args: string[]) => instance.posthorn(args);
const sql = (text: string): readonly Record<string, unknown>[] => {
  const database = new DatabaseSync(instance.sqliteFile ?? '');
  try {
    return database.prepare(text).all();
  } finally {
    database.close();
  }
};
const packages = () => ({
  wanted: readFileSync(join(instance.directory, 'package.json'), 'utf8'),
  there: readdirSync(join(instance.directory, 'node_modules')).filter((name) => !name.startsWith('.')),
  tarballs: existsSync(join(instance.directory, 'packages')) ? readdirSync(join(instance.directory, 'packages')) : [],
});

beforeAll(async () => {
  instance = await freshInstance();
  folder = await makeTempDir('packages');
});
afterAll(async () => {
  await instance?.remove();
  await removeTempDir(folder);
});

describe('the package of an extension', () => {
  it('is added, enabled, disabled, and taken away with everything it left', async () => {
    const before = packages();
    const path = tarball(await write('posthorn-acme-tape', TAPE, { id: 'acme-tape' }));
    expect((await instance.must(['extension', 'add', path, '--json'])).json()).toMatchObject({
      id: 'acme-tape',
      package: 'posthorn-acme-tape',
      version: '1.0.0',
    });
    const states = (await instance.must(['extension', 'list', '--json'])).rows();
    expect(states).toContainEqual(expect.objectContaining({ id: 'acme-tape', state: 'available' }));
    expect((await run('extension', 'add', path)).code).toBe(4);

    await instance.must(['extension', 'enable', 'acme-tape']);
    await instance.must(['parameter', 'set', 'acme-tape.speed', '19']);
    sql("insert into acme_tape_reel (name) values ('one')");
    expect((await run('extension', 'uninstall', 'acme-tape', '--yes')).code).toBe(4);
    expect(sql('select name from acme_tape_reel')).toHaveLength(1);

    await instance.must(['extension', 'disable', 'acme-tape']);
    const planned = (await instance.must(['extension', 'uninstall', 'acme-tape', '--dry-run', '--json'])).rows();
    expect(planned).toEqual(
      expect.arrayContaining([
        { kind: 'table', name: 'acme_tape_reel', rows: 1 },
        { kind: 'step', name: 'acme-tape/0001-initial', rows: 1 },
        { kind: 'parameter', name: 'core_parameter', rows: 1 },
        { kind: 'grant', name: 'core_grant', rows: 1 },
        { kind: 'wish', name: 'core_extension', rows: 1 },
      ]),
    );
    expect(sql('select name from acme_tape_reel')).toHaveLength(1);
    expect((await run('extension', 'uninstall', 'acme-tape')).code).toBe(2);

    expect((await instance.must(['extension', 'uninstall', 'acme-tape', '--yes', '--json'])).rows()).toEqual(planned);
    expect(sql("select name from sqlite_schema where name like 'acme%'")).toEqual([]);
    for (const table of ['core_parameter', 'core_grant', 'core_job', 'core_outbox', 'core_quarantine']) {
      expect(sql(`select id from ${table} where extension = 'acme-tape'`), table).toEqual([]);
    }
    expect(sql("select name from core_migration where name like 'acme%'")).toEqual([]);
    expect(sql("select id from core_extension where id = 'acme-tape'")).toEqual([]);
    expect(packages()).toMatchObject({ there: before.there, tarballs: [] });
    expect(JSON.parse(packages().wanted)).toEqual(JSON.parse(before.wanted));
    await instance.must(['domain', 'create', 'still.test']);
  });

  const endless = 'for (;;) {}';
  it.each([
    ['is none', 'posthorn-plain', 'export default 1;', undefined, /is no extension/],
    ['has a wrong block', 'posthorn-wrong', PLAIN('wrong'), { id: 'Not An Id' }, /posthorn block is wrong/],
    ['has the id of another', 'posthorn-admin', PLAIN('admin'), { id: 'admin' }, /@posthorn\/admin has that id/],
    ['has a reserved id', 'posthorn-proto', PLAIN('core'), { id: 'core' }, /id core is reserved/],
    ['throws', 'posthorn-throws', 'throw new Error("no luck");', { id: 'throws' }, /fails on import: .*no luck/],
    ['ends the process', 'posthorn-exits', 'process.exit(0);', { id: 'exits' }, /ends the process on import/],
    ['never ends', 'posthorn-endless', endless, { id: 'endless' }, /did not end within 10 seconds/],
    [
      'never resolves',
      'posthorn-waits',
      'await new Promise(() => setInterval(() => {}, 9));',
      { id: 'waits' },
      /did not/,
    ],
    ['lies elsewhere', 'posthorn-away', PLAIN('away'), { id: 'away', entry: '../x.js' }, /outside the package/],
  ])('that %s is refused, and everything is as before', async (_what, name, code, block, reason) => {
    const before = packages();
    const { code: exit, stderr } = await run('extension', 'add', await write(name, code, block));
    expect(stderr).toMatch(reason);
    expect(exit).not.toBe(0);
    expect(packages()).toEqual(before);
    expect(existsSync(join(instance.directory, 'node_modules', name))).toBe(false);
    await instance.must(['extension', 'list']);
  });

  it('that is nowhere is refused', async () => {
    const before = packages();
    expect((await run('extension', 'add', './nothing-here.tgz')).stderr).toMatch(/could not be installed/);
    expect((await run('extension', 'uninstall', 'nobody', '--yes')).code).toBe(3);
    expect(packages()).toEqual(before);
  });
});
