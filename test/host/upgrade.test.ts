import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { makeTempDir, removeTempDir, sleep, until } from '@posthorn/testkit/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instance, type Ran, run } from './instance.js';
import { packPackage } from './package-sources.js';
import { request, type Serving, serve, sql } from './serving.js';

interface Tape {
  readonly version: string;
  /** Numbers of its schema steps; 9 fails at its second statement. */
  readonly steps: readonly number[];
  readonly block?: Readonly<Record<string, unknown>>;
  /** Before the definition. */
  readonly head?: string;
  /** More members of the definition. */
  readonly members?: string;
  /** Version of the package it depends on, which it imports late. */
  readonly reel?: string;
}

/** Other suites keep the processors busy. */
const PATIENT = { POSTHORN_READY_SECONDS: '25' };

let made: Awaited<ReturnType<typeof instance>>;
let folder: string;
let serving: Serving;
let isOver = false;
let load: Promise<void>[];
const failures: string[] = [];
const seen = new Set<string>();

const step = (n: number) =>
  `migration({ name: 'acme-tape/000${n}-x',
     up: (ddl) => [...ddl.createTable('acme_tape_t${n}', { columns: { id: { type: 'id' } } }), ${n === 9 ? "'nonsense'" : ''}],
     down: (ddl) => ddl.dropTable('acme_tape_t${n}') })`;

async function tape(t: Tape): Promise<string> {
  const { version, steps, block = {}, head = '', members = '', reel = version } = t;
  const lib = await packPackage(folder, {
    name: 'acme-reel',
    version: reel,
    files: { 'index.js': `export default '${reel}';` },
  });
  const code = `
import { existsSync } from 'node:fs';
import { defineExtension, download, migration, page, view } from '@posthorn/sdk';
${head}
const text = (content) => download({ filename: 'x.txt', type: 'text/plain', content });
export default defineExtension({
  id: 'acme-tape', version: '${version}', sdk: '^1.0.0', title: 'Tape',
  claims: ${JSON.stringify(block['claims'] ?? {})},
  views: new URL('./views/', import.meta.url),
  migrations: [${steps.map(step).join(', ')}],
  permissions: { ${steps.map((n) => `'acme-tape.play${n}': { label: 'Play', roles: ['DomainAdmins'] }`).join(', ')} },
  contributes: [
    page({ path: '/acme-tape/version/', permission: 'public', load: async () => text('${version}') }),
    page({ path: '/acme-tape/held/:gate/', permission: 'public', load: async ({ params }) => {
      while (!existsSync(${JSON.stringify(folder)} + '/' + params.gate)) await new Promise((done) => setTimeout(done, 20));
      const late = await import('./late.js');
      return view('late', 'Late', { late: late.default });
    } }),
  ],
  ${members}
});`;
  return packPackage(folder, {
    ...{ name: 'posthorn-acme-tape', version, block: { id: 'acme-tape', ...block } },
    dependencies: { 'acme-reel': `file:${lib}` },
    files: {
      'index.js': code,
      'late.js': `import reel from 'acme-reel'; import sdk from '@posthorn/sdk/package.json' with { type: 'json' };
export default 'late ${version}, reel ' + reel + ', ' + sdk.name;`,
      'views/late.eta': `<% layout('host:page') %><p id="late">view ${version}, <%= it.late %></p>`,
    },
  });
}

const posthorn = (...args: string[]): Promise<Ran> => run([...args, '--instance', made.directory], { env: PATIENT });
async function must(...args: string[]): Promise<Ran> {
  const ran = await posthorn(...args);
  expect(ran.code, ran.stderr).toBe(0);
  return ran;
}
const version = async () => (await serving.ask('/acme-tape/version/')).body;
const row = async () => {
  const { stdout } = await must('extension', 'list', '--json');
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ id }) => id === 'acme-tape');
};
const tables = () =>
  sql(
    made.directory,
    "select name from sqlite_schema where type = 'table' and name like 'acme_tape%' order by name",
  ).map(({ name }) => name);
/** Everything that a change of packages could leave behind. */
const state = () => ({
  manifest: readFileSync(join(made.directory, 'package.json'), 'utf8'),
  lock: existsSync(join(made.directory, 'package-lock.json')),
  modules: readdirSync(join(made.directory, 'node_modules')).sort(),
  packages: readdirSync(join(made.directory, 'packages')).sort(),
  tables: tables(),
  steps: sql(made.directory, "select name from core_migration where name like 'acme-tape/%' order by name"),
  grants: sql(
    made.directory,
    "select role, permission from core_grant where extension = 'acme-tape' order by permission",
  ),
  wish: sql(made.directory, "select package, version, desired from core_extension where id = 'acme-tape'"),
});

beforeAll(async () => {
  folder = await makeTempDir('upgrade');
  made = await instance();
  await must('extension', 'add', await tape({ version: '1.0.0', steps: [1] }));
  await must('extension', 'enable', 'acme-tape');
  serving = await serve(made.directory, {
    env: { ...PATIENT, POSTHORN_RETIRE_SECONDS: '60', POSTHORN_LOG_LEVEL: 'warn' },
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  load = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      try {
        const { status, body } = await request(serving.port, '/acme-tape/version/', { agent });
        if (status === 200) seen.add(body);
        else failures.push(`${status} ${body}`);
      } catch (error) {
        failures.push((error as Error).message);
      }
      await sleep(5);
    }
  });
});
afterAll(async () => {
  isOver = true;
  await Promise.all(load ?? []);
  await serving?.[Symbol.asyncDispose]();
  await made?.[Symbol.asyncDispose]();
  await removeTempDir(folder);
});

describe('an extension is brought to another version while it serves', () => {
  it('and the old one reads its own files to the end', async () => {
    const held = serving.ask('/acme-tape/held/gate/');
    await sleep(300);
    const dry = await must(
      'extension',
      'upgrade',
      'acme-tape',
      await tape({ version: '1.1.0', steps: [1, 2] }),
      '--dry-run',
      '--json',
    );
    const plan = {
      id: 'acme-tape',
      from: '1.0.0',
      version: '1.1.0',
      permissions: 'acme-tape.play2',
      steps: 'acme-tape/0002-x',
    };
    expect(JSON.parse(dry.stdout)).toMatchObject(plan);
    expect(state()).toMatchObject({ tables: ['acme_tape_t1'], packages: ['node_modules', 'posthorn-acme-tape-1.0.0'] });
    const done = await must(
      'extension',
      'upgrade',
      'acme-tape',
      await tape({ version: '1.1.0', steps: [1, 2] }),
      '--json',
    );
    expect(JSON.parse(done.stdout)).toMatchObject(plan);
    expect(await version()).toBe('1.1.0');
    writeFileSync(join(folder, 'gate'), '');
    expect((await held).body).toContain('view 1.0.0, late 1.0.0, reel 1.0.0, @posthorn/sdk');
    expect((await serving.ask('/acme-tape/held/gate/')).body).toContain(
      'view 1.1.0, late 1.1.0, reel 1.1.0, @posthorn/sdk',
    );
    expect(tables()).toEqual(['acme_tape_t1', 'acme_tape_t2']);
    expect(state().grants).toEqual([
      { role: 'DomainAdmins', permission: 'acme-tape.play1' },
      { role: 'DomainAdmins', permission: 'acme-tape.play2' },
    ]);
    expect(await row()).toMatchObject({ version: '1.1.0', state: 'enabled', desired: 'enabled', reason: '' });
  });

  it.each<readonly [string, number, RegExp, Omit<Tape, 'version'>]>([
    [
      'its start throws',
      1,
      /acme-tape: start: no start today/,
      { steps: [1, 2, 3], members: "start() { throw new Error('no start today'); }," },
    ],
    ['its start never ends', 1, /not ready within/, { steps: [1, 2], members: 'start: () => new Promise(() => {}),' }],
    ['its schema step fails half way', 1, /acme-tape\/0009-x failed: .*nonsense/, { steps: [1, 2, 9] }],
    ['its import never ends', 4, /its import did not end within 10 seconds/, { steps: [1, 2], head: 'for (;;) {}' }],
    ['its import ends the process', 4, /ends the process on import/, { steps: [1, 2], head: 'process.exit(0);' }],
    [
      'its code hides what it claims',
      4,
      /disagree on the commands/,
      { steps: [1, 2], members: "claims: { commands: ['tape'] }," },
    ],
    ['it lacks steps that ran', 4, /lacks schema steps that ran: acme-tape\/0002-x/, { steps: [1] }],
    [
      'it claims what is taken',
      4,
      /claims domain \(commands\), which admin has claimed/,
      { steps: [1, 2], block: { claims: { commands: ['domain'] } } },
    ],
  ])('and nothing changes where %s', async (_what, exit, reason, o) => {
    const before = state();
    const { code, stderr } = await posthorn(
      'extension',
      'upgrade',
      'acme-tape',
      await tape({ version: '2.0.0', ...o }),
    );
    expect(stderr).toMatch(reason);
    expect(code).toBe(exit);
    expect(state()).toEqual(before);
    expect(await version()).toBe('1.1.0');
    expect(await row()).toMatchObject({ version: '1.1.0', state: 'enabled' });
  });

  it('and to a lower one only where that is asked for and the schema is the same', async () => {
    const before = state();
    const low = await tape({ version: '1.0.0', steps: [1] });
    expect(await posthorn('extension', 'upgrade', 'acme-tape', low)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/that one is lower/),
    });
    expect(await posthorn('extension', 'upgrade', 'acme-tape', low, '--downgrade')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/lacks schema steps that ran/),
    });
    expect(state().wish).toEqual(before.wish);
    await must('extension', 'upgrade', 'acme-tape', await tape({ version: '1.0.5', steps: [1, 2] }), '--downgrade');
    expect(await version()).toBe('1.0.5');
  });

  it('without a failed request, and no version that did not become ready was met', () => {
    expect(failures).toEqual([]);
    expect([...seen].sort()).toEqual(['1.0.0', '1.0.5', '1.1.0']);
    expect(serving.workers().length).toBeLessThanOrEqual(3);
  });

  it('where it is disabled, it is only switched; steps run when it is enabled', async () => {
    isOver = true;
    await Promise.all(load);
    await must('extension', 'disable', 'acme-tape');
    await must('extension', 'upgrade', 'acme-tape', await tape({ version: '1.2.0', steps: [1, 2, 3] }));
    expect(tables()).toEqual(['acme_tape_t1', 'acme_tape_t2']);
    expect(await row()).toMatchObject({ version: '1.2.0', state: 'disabled' });
    await must('extension', 'enable', 'acme-tape');
    expect(await version()).toBe('1.2.0');
    expect(tables()).toEqual(['acme_tape_t1', 'acme_tape_t2', 'acme_tape_t3']);
  });

  it('and where nothing serves; uninstalling takes all versions away', async () => {
    await serving.stop();
    await must('extension', 'upgrade', 'acme-tape', await tape({ version: '1.3.0', steps: [1, 2, 3] }));
    expect(await row()).toMatchObject({ version: '1.3.0', state: 'enabled' });
    expect(state().packages.length).toBeGreaterThan(2);
    await until(
      'the rows of processes to go',
      10,
      () => sql(made.directory, 'select pid from core_process').length === 0,
    );
    await must('extension', 'disable', 'acme-tape');
    await must('extension', 'uninstall', 'acme-tape', '--yes');
    expect(existsSync(join(made.directory, 'packages'))).toBe(false);
  });
});
