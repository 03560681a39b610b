import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** Lets Node run the sources: an import of `./x.js` finds `./x.ts`. */
const hooks = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (name, context, next) => {
    try { return next(name, context); } catch (error) {
      if (!name.endsWith('.js')) throw error;
      return next(name.slice(0, -2) + 'ts', context);
    }
  } });`)}`;

/** Runs a module's text in a process of its own; what it writes to stdout is the answer. */
function run(code: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(process.execPath, ['--import', hooks, '--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  child.on('error', reject);
  child.on('close', (status) => (status === 0 ? resolve(out) : reject(new Error(`ended with ${status}: ${err}`))));
  return promise;
}

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-processes-'));
  path = join(folder, 'x.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function ask(sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(path);
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}

const opened = () => `
  import { Database } from ${JSON.stringify(import.meta.resolve('./database.ts'))};
  import { parseDatabaseUrl } from ${JSON.stringify(import.meta.resolve('./url.ts'))};
  const db = await Database.create({ target: parseDatabaseUrl(${JSON.stringify(`sqlite://${path}`)}, '/'), entities: [], additions: [] });
  await db.execute('create table if not exists entry (id integer primary key, who integer, n integer)');`;

test('four processes write 200 times each, reading first, and none fails', async () => {
  const child = (who: number) => `${opened()}
    for (let i = 0; i < 200; i += 1) {
      await db.write(async () => {
        const [{ n }] = await db.execute('select count(*) as n from entry where who = ?', [${who}]);
        await db.execute('insert into entry (who, n) values (?, ?)', [${who}, n]);
      });
    }
    await db.close();`;
  await Promise.all([1, 2, 3, 4].map((who) => run(child(who))));
  expect(ask('select who, count(*) as n, count(distinct n) as different from entry group by who')).toEqual(
    [1, 2, 3, 4].map((who) => ({ who, n: 200, different: 200 })),
  );
}, 60_000);

test('a process that holds the lock again and again lets the others in', async () => {
  const greedy = `${opened()}
    const { setTimeout: sleep } = await import('node:timers/promises');
    for (let i = 0; i < 20; i += 1) await db.write(async () => { await db.execute('insert into entry (who) values (0)'); await sleep(60); });
    await db.close();`;
  const modest = `${opened()}
    let worst = 0;
    for (let i = 0; i < 5; i += 1) { const t = performance.now(); await db.execute('insert into entry (who) values (1)'); worst = Math.max(worst, performance.now() - t); }
    await db.close(); console.log(worst);`;
  const [, worst] = await Promise.all([run(greedy), run(modest)]);
  expect(Number(worst)).toBeLessThan(5000);
  expect(ask('select count(*) as n from entry')).toEqual([{ n: 25 }]);
}, 60_000);

test('three processes migrate at once: each migration runs once', async () => {
  const child = `
    import { Migrations } from ${JSON.stringify(import.meta.resolve('./migrate.ts'))};
    import { parseDatabaseUrl } from ${JSON.stringify(import.meta.resolve('./url.ts'))};
    const one = { name: 'a/0001-x', up: () => ['create table t (n integer)', 'insert into t values (1)'], down: () => [] };
    const two = { name: 'b/0001-x', after: ['a/0001-x'], up: () => ['insert into t values (2)'], down: () => [] };
    console.log(JSON.stringify(await new Migrations(parseDatabaseUrl(${JSON.stringify(`sqlite://${path}`)}, '/'), [two, one]).up()));`;
  const answers = await Promise.all([1, 2, 3].map(() => run(child)));
  expect(answers.map((text) => JSON.parse(text) as string[]).filter((names) => names.length > 0)).toEqual([
    ['a/0001-x', 'b/0001-x'],
  ]);
  expect(ask('select n from t order by n')).toEqual([{ n: 1 }, { n: 2 }]);
}, 60_000);

test('a process killed in a write leaves nothing of it and stops nobody', async () => {
  await run(`${opened()} await db.close();`);
  await expect(
    run(
      `${opened()} await db.write(async () => { await db.execute('insert into entry (who) values (9)'); process.kill(process.pid, 'SIGKILL'); await new Promise((r) => setTimeout(r, 1000)); });`,
    ),
  ).rejects.toThrow();
  await run(`${opened()} await db.execute('insert into entry (who) values (1)'); await db.close();`);
  expect(ask('select who from entry')).toEqual([{ who: 1 }]);
}, 60_000);
