import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bootKernel,
  createApp,
  createLog,
  disableExtension,
  enableExtension,
  type InstanceConfig,
  type Kernel,
  observedExtensions,
  runOnKernel,
  setUpInstance,
} from '@posthorn/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const sdk = fileURLToPath(new URL('../../sdk', import.meta.url));
const log = createLog({ level: 'silent', name: 'test', to: 2 });
let directory: string;
let config: InstanceConfig;

/** Puts a package into the instance; `code` is its module, `block` its posthorn block. */
async function install(
  id: string,
  o: { readonly code?: string; readonly block?: object; readonly version?: string } = {},
): Promise<void> {
  const folder = join(directory, 'node_modules', `posthorn-${id}`);
  await mkdir(folder, { recursive: true });
  const version = o.version ?? '1.0.0';
  const block = { id, sdk: '^1.0.0', entry: './index.js', ...o.block };
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: `posthorn-${id}`, version, type: 'module', posthorn: block }),
  );
  await writeFile(
    join(folder, 'index.js'),
    o.code ??
      `import { defineExtension } from '@posthorn/sdk';
       export default defineExtension({ id: '${id}', version: '${version}', sdk: '^1.0.0', title: '${id}',
         requires: ${JSON.stringify((o.block as { requires?: object })?.requires ?? {})},
         migrations: [{ name: '${id}/0001-initial', up: (d) => d.createTable('${id.replaceAll('-', '_')}_thing', { columns: { id: { type: 'id' } } }), down: (d) => d.dropTable('${id.replaceAll('-', '_')}_thing') }] });`,
  );
  const manifest = join(directory, 'package.json');
  const { dependencies } = JSON.parse(await readFile(manifest, 'utf8')) as { dependencies: Record<string, string> };
  await writeFile(
    manifest,
    JSON.stringify({ private: true, dependencies: { ...dependencies, [`posthorn-${id}`]: version } }),
  );
}

const boot = () => bootKernel({ config, role: 'command', log });
const setUp = (...extensions: string[]) =>
  setUpInstance({ config, extensions, adminUsername: 'admin', adminPassword: 'Toto1234', log });
const stateOf = (kernel: Kernel, id: string) => {
  const s = kernel.states.find((each) => each.id === id);
  return s === undefined ? 'unknown' : `${s.state}${s.reason === '' ? '' : `: ${s.reason}`}`;
};
const tables = async (kernel: Kernel) =>
  (
    await kernel.database.execute<{ name: string }>(
      "select name from sqlite_master where type = 'table' and name like '%_thing'",
    )
  ).map((r) => r.name);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-packages-'));
  await mkdir(join(directory, 'data/db'), { recursive: true });
  await mkdir(join(directory, 'node_modules/@posthorn'), { recursive: true });
  await symlink(sdk, join(directory, 'node_modules/@posthorn/sdk'));
  await writeFile(join(directory, 'package.json'), '{"private":true,"dependencies":{}}');
  config = {
    directory,
    databaseUrl: 'sqlite:data/db/posthorn.db',
    hostname: 'mail.example.test',
    baseUrl: 'http://127.0.0.1:8000',
    language: 'en',
    timeZone: 'UTC',
    logLevel: 'silent',
    essential: [],
    poolSize: 2,
  };
});
/** Wants extensions whatever they are like. */
async function wish(...ids: string[]): Promise<void> {
  await using kernel = await boot();
  for (const id of ids) {
    await kernel.database.execute(
      `insert into core_extension (id, package, desired) values ('${id}', 'posthorn-${id}', 'enabled')`,
    );
  }
}
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a package that is wrong stops nobody else', () => {
  const cases: readonly (readonly [string, Parameters<typeof install>[1], RegExp])[] = [
    ['throws on import', { code: "throw new Error('boom at import')" }, /its code fails on import: boom at import/],
    ['does not parse', { code: 'export default {' }, /its code fails on import/],
    ['has no definition', { code: 'export const x = 1' }, /no default export/],
    [
      'says another id',
      { code: "export default { id: 'other', version: '1.0.0', sdk: '^1.0.0' }" },
      /its code says id other, its package says bad/,
    ],
    [
      'says another version',
      { code: "export default { id: 'bad', version: '2.0.0', sdk: '^1.0.0' }" },
      /version 2.0.0, its package says 1.0.0/,
    ],
    [
      'hides what it requires',
      { code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', requires: { good: '*' } }" },
      /disagree on what it requires/,
    ],
    [
      'claims in secret',
      { code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', claims: { tables: ['x'] } }" },
      /disagree on the tables it claims/,
    ],
    [
      'uses a permission outside its prefix',
      {
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', permissions: { 'good.x': { label: 'x', roles: [] } } }",
      },
      /permission good.x does not begin with bad/,
    ],
    [
      'takes something away from the schema',
      {
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', migrations: [{ name: 'bad/0002-less', up: (d) => d.dropColumn('bad_thing', 'x'), down: () => [] }] }",
      },
      /its schema step bad\/0002-less drops a column; going up may only add/,
    ],
    [
      'was built for another sdk',
      { block: { sdk: '^9.0.0' }, code: "export default { id: 'bad', version: '1.0.0', sdk: '^9.0.0' }" },
      /built for sdk \^9.0.0, this host has/,
    ],
    [
      'requires what is not there',
      { block: { requires: { nowhere: '^1.0.0' } } },
      /requires nowhere \^1.0.0, which is not enabled/,
    ],
    [
      'claims the id of another one as a noun',
      {
        block: { claims: { endpoints: ['good'] } },
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', claims: { endpoints: ['good'] } }",
      },
      /claims good \(endpoints\), which good has claimed/,
    ],
    ...['jobs', 'core'].map(
      (noun) =>
        [
          `claims the host's ${noun}`,
          {
            block: { claims: { endpoints: [noun] } },
            code: `export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', claims: { endpoints: ['${noun}'] } }`,
          },
          new RegExp(`claims ${noun} \\(endpoints\\), which core has claimed`),
        ] as const,
    ),
    [
      'claims an address as a noun',
      {
        block: { claims: { endpoints: ['a/b'] } },
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', claims: { endpoints: ['a/b'] } }",
      },
      /no noun of the API/,
    ],
    [
      'imports rows that it does not claim',
      {
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', contributes: [{ slot: { id: 'host.importers@1' }, item: { kind: 'things' }, order: 0 }] }",
      },
      /imports things without claiming it/,
    ],
    [
      'leaves a table of another one out of the audit',
      {
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', contributes: [{ slot: { id: 'host.unaudited-tables@1' }, item: { table: 'core_user' }, order: 0 }] }",
      },
      /it says how core_user is recorded, which is no table of its own/,
    ],
    [
      'makes a table outside its prefix',
      {
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', migrations: [{ name: 'bad/0001-x', up: (d) => d.createTable('good_more', { columns: { id: { type: 'id' } } }), down: () => [] }] }",
      },
      /it makes the table good_more without claiming it/,
    ],
    [
      'listens with what is no function',
      {
        code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', taps: [{ hook: { id: 'x.y@1', kind: 'signal' }, run: 7, order: 0 }] }",
      },
      /one of its taps has no hook or no function/,
    ],
    [
      'contributes to nothing',
      { code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', contributes: [{}] }" },
      /its definition cannot be read/,
    ],
    [
      'has words where lists belong',
      { code: "export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', services: 'many' }" },
      /its services are no list/,
    ],
    ['ends the process on import', { code: 'process.exit(0);' }, /its code ends the process on import/],
    ['never ends on import', { code: 'for (;;) {}' }, /its import did not end within 5 seconds/],
    ['points outside its folder', { block: { entry: '../../../evil.js' } }, /its entry lies outside the package/],
  ];

  it.each(cases)('when it %s', async (_what, o, reason) => {
    await install('good');
    await install('bad', o);
    await setUp('good');
    await using before = await boot();
    await before.database.execute(
      "insert into core_extension (id, package, desired) values ('bad', 'posthorn-bad', 'enabled')",
    );
    await using kernel = await boot();
    expect(stateOf(kernel, 'good')).toBe('enabled');
    expect(stateOf(kernel, 'bad')).toMatch(reason);
  });

  it.each(['__proto__', 'Core', 'core', 'a b', ''])('when its id is %j', async (id) => {
    await install('good');
    await install('bad', { block: { id } });
    await setUp('good');
    await using kernel = await boot();
    expect(stateOf(kernel, 'good')).toBe('enabled');
    expect(kernel.states.filter((s) => s.package === 'posthorn-bad').map((s) => s.state)).toEqual(['incompatible']);
  });

  it('when it brings its own copy of the sdk', async () => {
    await install('bad');
    const copy = join(directory, 'node_modules/posthorn-bad/node_modules/@posthorn/sdk');
    await mkdir(copy, { recursive: true });
    await cp(join(sdk, 'package.json'), join(copy, 'package.json'));
    await install('good');
    await setUp('good');
    await using kernel = await boot();
    expect(stateOf(kernel, 'bad')).toMatch(/brings its own copy of @posthorn\/sdk/);
  });

  it('when two have the same id', async () => {
    await install('good');
    await install('bad');
    const manifest = join(directory, 'node_modules/posthorn-bad/package.json');
    await setUp('good');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"id":"bad"', '"id":"good"'));
    await using kernel = await boot();
    expect(stateOf(kernel, 'good')).toMatch(/two packages are called good: posthorn-bad and posthorn-good/);
    expect(kernel.order.map(({ id }) => id)).toEqual(['core']);
  });

  it('when its command lacks a part', async () => {
    await install('good');
    await install('bad', {
      code: "import { command } from '@posthorn/sdk'; export default { id: 'bad', version: '1.0.0', sdk: '^1.0.0', title: 'b', requires: {}, contributes: [command({ noun: 'bad', verb: 'show', run() {} })] }",
    });
    await setUp('good', 'bad');
    await using kernel = await boot();
    expect(stateOf(kernel, 'bad')).toBe('enabled');
    const out: string[] = [];
    const write = (text: string) => out.push(text) > 0;
    const streams = { out: { write }, err: { write } };
    expect(await runOnKernel(kernel, ['extension', 'disable', 'bad'], streams as never)).toBe(0);
    expect(await runOnKernel(kernel, ['bad', 'show'], streams as never)).toBe(2);
  });

  it('when several require each other in a circle', async () => {
    await install('good');
    await install('one', { block: { requires: { two: '*' } } });
    await install('two', { block: { requires: { one: '*' } } });
    await setUp('good');
    await wish('one', 'two');
    await using kernel = await boot();
    expect(kernel.order.map(({ id }) => id)).toEqual(['core', 'good']);
    expect(stateOf(kernel, 'one')).toMatch(/incompatible: is part of a cycle: one → two → one/);
  });

  it('but an essential one stops the boot, loudly', async () => {
    await install('good');
    await setUp('good');
    config = { ...config, essential: ['gone'] };
    await expect(boot()).rejects.toMatchObject({ code: 'E_EXTENSIONS', exitCode: 78 });
  });
});

describe('a package that was installed by hand', () => {
  const counting = (file: string, rest: string) =>
    `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(file)}, process.pid + '\\n'); ${rest}`;
  const plain = (id: string) =>
    `export default { id: '${id}', version: '1.0.0', sdk: '^1.0.0', title: '${id}', requires: {} };`;
  const pids = async (file: string) => (await readFile(file, 'utf8')).trim().split('\n').map(Number);

  it('is imported by a child first, and only the first time', async () => {
    const file = join(directory, 'imports');
    await install('good', { code: counting(file, plain('good')) });
    await setUp('good');
    const first = await pids(file);
    expect(first).toHaveLength(2);
    expect(first[0]).not.toBe(process.pid);
    expect(first[1]).toBe(process.pid);
    await using again = await boot();
    expect(stateOf(again, 'good')).toBe('enabled');
    expect(await pids(file)).toEqual(first);
    const kept = JSON.parse(await readFile(join(directory, 'data/tried-imports.json'), 'utf8')) as object;
    expect(Object.values(kept)).toEqual([{ reason: '', at: expect.any(Number) }]);
  });

  it('and keeps no start waiting when it never ends, until somebody enables it anew', async () => {
    const file = join(directory, 'imports');
    await install('bad', { code: counting(file, 'for (;;) {}') });
    await setUp();
    await wish('bad');
    await using first = await boot();
    expect(stateOf(first, 'bad')).toBe('failed: its import did not end within 5 seconds');
    expect(await pids(file)).toHaveLength(1);
    await using second = await boot();
    expect(stateOf(second, 'bad')).toBe('failed: its import did not end within 5 seconds');
    expect(await pids(file)).toHaveLength(1);
    await expect(enableExtension(second, 'bad', 'test')).rejects.toMatchObject({ code: 'E_EXTENSION_UNUSABLE' });
    expect(await pids(file)).toHaveLength(2);
    expect(await pids(file)).not.toContain(process.pid);
  });

  it('and is gone is told as missing', async () => {
    await setUp();
    await wish('gone');
    await using kernel = await boot();
    expect(stateOf(kernel, 'gone')).toBe('missing: its package is not installed in this instance');
  });
});

describe('an extension for another contract', () => {
  const code = (sdk: string) =>
    `export default { id: 'newer', version: '1.0.0', sdk: '${sdk}', title: 'n', requires: {} };`;

  it('is enabled where somebody says so, and that stays known until the contract fits', async () => {
    await install('newer', { block: { sdk: '^9.0.0' }, code: code('^9.0.0') });
    await setUp();
    await using kernel = await boot();
    await expect(enableExtension(kernel, 'newer', 'anna')).rejects.toMatchObject({
      message: expect.stringMatching(/built for sdk \^9.0.0/),
    });
    await enableExtension(kernel, 'newer', 'anna', { despiteSdk: true });
    const warned = /^enabled: built for sdk \^9.0.0, this host has \S+; anna enabled it all the same \(\d{4}-.* UTC\)$/;
    await using after = await boot();
    expect(stateOf(after, 'newer')).toMatch(warned);
    expect(after.order.map(({ id }) => id)).toEqual(['core', 'newer']);
    expect(await observedExtensions(after)).toMatchObject([{ id: 'newer', state: 'enabled', reason: /./ }]);
    const folder = join(directory, 'node_modules/posthorn-newer');
    const manifest = join(folder, 'package.json');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('^9.0.0', '^1.0.0'));
    // A process that imported the file before keeps it.
    await writeFile(join(folder, 'fits.js'), code('^1.0.0'));
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('./index.js', './fits.js'));
    await using fitting = await boot();
    expect(stateOf(fitting, 'newer')).toBe('enabled');
  });

  it('is enabled despite nothing else', async () => {
    await install('newer', {
      block: { sdk: '^9.0.0', requires: { nowhere: '^1.0.0' } },
      code: code('^9.0.0').replace('requires: {}', "requires: { nowhere: '^1.0.0' }"),
    });
    await setUp();
    await using kernel = await boot();
    await expect(enableExtension(kernel, 'newer', 'anna', { despiteSdk: true })).rejects.toMatchObject({
      message: expect.stringMatching(/requires nowhere/),
    });
    expect(await kernel.database.execute('select extension from core_sdk_override')).toEqual([]);
  });
});

describe('what the processes show of an extension', () => {
  const process = (kernel: Kernel, id: string, o: { assembly: number; version?: string; problem?: string }) =>
    kernel.database.execute(
      `insert into core_process (id, role, host, pid, assembly, versions, problems, seen_at)
       values (?, 'web', 'elsewhere', 7, ?, ?, ?, current_timestamp)`,
      [
        id,
        o.assembly,
        JSON.stringify(o.version === undefined ? {} : { one: o.version }),
        JSON.stringify(o.problem === undefined ? [] : [o.problem]),
      ],
    );

  it('is its state, beside what this one would make of it', async () => {
    await install('one');
    await setUp('one');
    await using kernel = await boot();
    const { assembly } = kernel;
    const states = async () => {
      const [one] = await observedExtensions(kernel);
      await kernel.database.execute('delete from core_process');
      return one;
    };
    expect(await states()).toMatchObject({ state: 'enabled', reason: '' });
    await process(kernel, 'a', { assembly, version: '1.0.0' });
    expect(await states()).toMatchObject({ state: 'enabled', reason: '' });
    await process(kernel, 'a', { assembly: assembly - 1 });
    expect(await states()).toMatchObject({ state: 'starting', desired: 'enabled' });
    await process(kernel, 'a', { assembly: assembly - 1, version: '0.9.0' });
    expect(await states()).toMatchObject({ state: 'starting' });
    await process(kernel, 'a', { assembly: assembly - 1, problem: `assembly ${assembly}: other: start: boom` });
    expect(await states()).toMatchObject({ state: 'waiting-for-retry', reason: expect.stringContaining('boom') });
    await process(kernel, 'a', { assembly: assembly - 1, problem: `assembly ${assembly}: one: start: boom` });
    expect(await states()).toMatchObject({ state: 'failed', reason: expect.stringContaining('boom') });
    // An earlier attempt does not count.
    await process(kernel, 'a', { assembly: assembly - 1, problem: `assembly ${assembly - 1}: one: start: boom` });
    expect(await states()).toMatchObject({ state: 'starting' });
    await process(kernel, 'a', { assembly, version: '1.0.0' });
    await process(kernel, 'b', { assembly, version: '0.9.0' });
    expect(await states()).toMatchObject({
      state: 'version-differs',
      reason: 'process 7 on elsewhere has 0.9.0',
    });
    await process(kernel, 'b', { assembly });
    expect(await states()).toMatchObject({ state: 'version-differs', reason: 'process 7 on elsewhere has none' });
  });
});

describe('switching', () => {
  it('enables with its schema, raises the assembly, and disables without touching data', async () => {
    await install('one');
    await install('two', { block: { requires: { one: '^1.0.0' } } });
    await setUp('one');
    await using first = await boot();
    expect(stateOf(first, 'two')).toBe('available');
    const { assembly, applied } = await enableExtension(first, 'two', 'test');
    expect(applied).toEqual(['two/0001-initial']);
    expect(assembly).toBe(first.assembly + 1);
    await using second = await boot();
    expect(second.order.map((d) => d.id)).toEqual(['core', 'one', 'two']);
    await expect(disableExtension(second, 'one', { withDependents: false, by: 'test' })).rejects.toMatchObject({
      code: 'E_EXTENSION_DEPENDENTS',
      exitCode: 5,
    });
    const { disabled } = await disableExtension(second, 'one', { withDependents: true, by: 'test' });
    expect(disabled).toEqual(['one', 'two']);
    await using third = await boot();
    expect(third.order.map((d) => d.id)).toEqual(['core']);
    expect(await tables(third)).toEqual(['one_thing', 'two_thing']);
  });

  it('writes nothing when the wider set cannot be assembled', async () => {
    await install('one');
    await install('bad', { code: "throw new Error('boom')" });
    await setUp('one');
    await using kernel = await boot();
    const before = await kernel.revisionRow.read();
    await expect(enableExtension(kernel, 'bad', 'test')).rejects.toMatchObject({
      code: 'E_EXTENSION_UNUSABLE',
      exitCode: 4,
    });
    await expect(enableExtension(kernel, 'nowhere', 'test')).rejects.toMatchObject({
      code: 'E_EXTENSION_NOT_FOUND',
      exitCode: 3,
    });
    expect(await kernel.revisionRow.read()).toEqual(before);
  });

  it('enables nobody at the price of another', async () => {
    const claims = { tables: ['shared_thing'] };
    const code = (id: string) =>
      `export default { id: '${id}', version: '1.0.0', sdk: '^1.0.0', title: '${id}', claims: ${JSON.stringify(claims)} };`;
    await install('second', { code: code('second'), block: { claims } });
    await install('first', { code: code('first'), block: { claims } });
    await setUp('second');
    await using kernel = await boot();
    await expect(enableExtension(kernel, 'first', 'test')).rejects.toMatchObject({
      code: 'E_EXTENSION_DISPLACES',
      message: expect.stringMatching(/second would have to go: claims shared_thing \(tables\)/),
    });
    await using after = await boot();
    expect(stateOf(after, 'second')).toBe('enabled');
    expect(stateOf(after, 'first')).toBe('available');
  });

  it('runs firstEnable once, and leaves the wish alone when a schema step fails', async () => {
    await install('seeded', {
      code: `import { defineExtension } from '@posthorn/sdk';
        export default defineExtension({ id: 'seeded', version: '1.0.0', sdk: '^1.0.0', title: 's',
          firstEnable: async (c) => { await c.data.execute("insert into core_grant (role, permission, extension) values ('r' || (select count(*) from core_grant), 'p', 'seeded')"); } });`,
    });
    await install('broken', {
      code: `export default { id: 'broken', version: '1.0.0', sdk: '^1.0.0', title: 'b', migrations: [{ name: 'broken/0001-x', up: () => ['create table broken_a (id integer)', 'nonsense'], down: () => [] }] }`,
    });
    await setUp();
    await using kernel = await boot();
    await enableExtension(kernel, 'seeded', 'test');
    await using again = await boot();
    await disableExtension(again, 'seeded', { withDependents: false, by: 'test' });
    await enableExtension(again, 'seeded', 'test');
    expect(await again.database.execute("select role from core_grant where extension = 'seeded'")).toHaveLength(1);
    await expect(enableExtension(again, 'broken', 'test')).rejects.toThrow();
    await using after = await boot();
    expect(stateOf(after, 'broken')).toBe('available');
    expect(await after.database.execute("select name from sqlite_master where name = 'broken_a'")).toEqual([]);
  });
});

describe('the address of an extension that is not enabled', () => {
  it('is told to who may enable it, and is nothing for others', async () => {
    await install('good');
    await install('shop', { block: { claims: { endpoints: ['carts'] } } });
    await setUp('good');
    await using kernel = await boot();
    const admin = await kernel.accounts.findByUsername('admin');
    const token = await kernel.tokens.create({ accountId: admin?.id ?? 0, label: '', expiresAt: undefined });
    const server = createServer(
      createApp({
        kernel: () => kernel,
        status: () => ({ waitingFor: undefined, trouble: undefined, notices: [] }),
        draining: () => false,
        log,
        version: '1.2.3',
        trustedProxies: [],
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const codeOf = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
      const { port } = server.address() as AddressInfo;
      const accept = 'application/problem+json';
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, { headers: { accept, ...headers } });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    const authorization = `Bearer ${token}`;
    expect(await codeOf('shop/', { authorization })).toEqual([404, 'extension-disabled']);
    expect(await codeOf('carts/1/', { authorization })).toEqual([404, 'extension-disabled']);
    expect(await codeOf('good/', { authorization })).toEqual([404, 'E_HTTP_404']);
    expect(await codeOf('shop/')).toEqual([404, 'E_HTTP_404']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('setting up', () => {
  it('is repeatable and refuses a database with foreign tables', async () => {
    await install('one');
    expect(await setUp('one')).toEqual({ created: true });
    expect(await setUp('one')).toEqual({ created: false });
    const { DatabaseSync } = await import('node:sqlite');
    const foreign = new DatabaseSync(join(directory, 'data/db/foreign.db'));
    foreign.exec('create table customers (id integer)');
    foreign.close();
    config = { ...config, databaseUrl: 'sqlite:data/db/foreign.db' };
    await expect(setUp('one')).rejects.toMatchObject({ code: 'E_FOREIGN_DATABASE', exitCode: 78 });
  });
});
