import { spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environment, program, type Serving, serve, sql } from '../host/serving.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { until } from '../kit/src/servers/index.js';
import { install } from './packages.js';

const FIVE = ['one', 'two', 'three', 'four', 'five'];
const page = (id: string): string => `contributes: [page({ path: '/${id}/', permission: 'public',
  load: async () => download({ filename: 'a.txt', type: 'text/plain', content: '${id}' }) })],`;

let instance: Instance;
let serving: Serving;

const desired = () =>
  Object.fromEntries(
    sql(instance.directory, 'select id, desired from core_extension').map((row) => [row['id'], row['desired']]),
  );
const ALL = { admin: 'enabled', ...Object.fromEntries(FIVE.map((id) => [id, 'enabled'])) };

/** Ends with 1 while the extension is wanted: that is the problem to be found. */
const blames = (id: string): string => {
  const script = [
    "const { DatabaseSync } = require('node:sqlite');",
    `const all = new DatabaseSync('${instance.sqliteFile}').prepare('select id, desired from core_extension').all();`,
    `process.exit(all.some((row) => row.id === '${id}' && row.desired === 'enabled') ? 1 : 0)`,
  ];
  return `"${process.execPath}" -e "${script.join(' ')}"`;
};

/** A search in a process of its own, which can be interrupted. */
function begin(args: readonly string[]) {
  const child = spawn(
    process.execPath,
    [program, 'extension', 'bisect', '--instance', instance.directory, '--json', ...args],
    { cwd: '/', env: environment(), stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let words = '';
  let data = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words += chunk;
  });
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    data += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, words: () => words, data: () => data };
}

describe('finding the extension that causes a problem', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    instance = await freshInstance({ extensions: ['admin'] });
    await install(instance.directory, 'one', { members: page('one') });
    await install(instance.directory, 'two', { members: page('two'), requires: { one: '^1.0.0' } });
    for (const id of ['three', 'four', 'five']) await install(instance.directory, id, { members: page(id) });
    for (const id of FIVE) await instance.must(['extension', 'enable', id]);
    serving = await serve(instance.directory, { env: { POSTHORN_LOG_LEVEL: 'warn', POSTHORN_READY_SECONDS: '60' } });
  }, 120_000);
  afterAll(async () => {
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
  });
  beforeEach(() => expect(desired()).toEqual(ALL));

  it('looks at an address of what serves', async () => {
    const url = `http://127.0.0.1:${serving.port}/four/`;
    const { code, stdout } = await instance.posthorn([
      'extension',
      'bisect',
      '--url',
      url,
      '--expect',
      '404',
      '--json',
    ]);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { culprit: 'four' }]);
    expect(desired()).toEqual(ALL);
    await until('it to be back', 60, async () => (await serving.ask('/four/')).status === 200);
  });

  it('runs a command, and minds what needs what', async () => {
    for (const id of ['one', 'two']) {
      const { code, stdout } = await instance.posthorn(['extension', 'bisect', '--command', blames(id), '--json']);
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { culprit: id }]);
    }
    const none = await instance.posthorn(['extension', 'bisect', '--command', 'true', '--json']);
    expect([none.code, JSON.parse(none.stdout)]).toEqual([1, { culprit: null, trials: 1 }]);
    expect(desired()).toEqual(ALL);
  });

  it('asks somebody who looks', async () => {
    const search = begin([]);
    let answered = 0;
    await until('the search to end', 120, async () => {
      const asked = search.words().split('[y/n]').length - 1;
      if (asked > answered) {
        answered = asked;
        search.child.stdin.write(desired()['three'] === 'enabled' ? 'y\n' : 'n\n');
      }
      return search.child.exitCode !== null;
    });
    expect(JSON.parse(search.data())).toMatchObject({ culprit: 'three', trials: answered });
  });

  it('puts everything back when nobody answers, and when it is interrupted', async () => {
    const silent = await instance.posthorn(['extension', 'bisect'], { stdin: 'y\n' });
    expect(silent.code).toBe(2);
    expect(desired()).toEqual(ALL);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const search = begin(['--command', `sleep 1; ${blames('one')}`]);
      await until('something to be switched off', 60, async () => Object.values(desired()).includes('disabled'));
      search.child.kill(signal);
      expect(await search.ended).not.toBe(0);
      expect(desired()).toEqual(ALL);
    }
  });

  it('is put right by a word where it was killed', async () => {
    const search = begin(['--command', `sleep 1; ${blames('one')}`]);
    await until('something to be switched off', 60, async () => Object.values(desired()).includes('disabled'));
    search.child.kill('SIGKILL');
    await search.ended;
    expect(desired()).not.toEqual(ALL);
    await instance.must(['extension', 'bisect', '--restore']);
    expect(desired()).toEqual(ALL);
  });
});
