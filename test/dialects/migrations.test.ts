import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import admin from '@posthorn/admin';
import type { Dialect, Migration } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../core/src/data/database.js';
import { Migrations } from '../../core/src/data/migrate.js';
import { narrowingOf } from '../../core/src/data/migrations/expand-only.js';
import { parseDatabaseUrl } from '../../core/src/data/url.js';
import { kernelMigrations } from '../../core/src/schema/migrations.js';
import { instance, run } from '../host/instance.js';
import { serve } from '../host/serving.js';
import {
  type DatabaseServer,
  makeTempDir,
  removeTempDir,
  requireSuite,
  sleep,
  startMariadb,
  startPostgres,
} from '../kit/src/servers/index.js';
import { schemaLines } from './introspection.js';

const ours: readonly Migration[] = [...kernelMigrations, ...(admin.migrations ?? [])];
const sdk = fileURLToPath(new URL('../../sdk', import.meta.url));

it('every step of ours only adds', () => {
  expect(ours.map(narrowingOf).filter((reason) => reason !== undefined)).toEqual([]);
});

describe.each<Dialect>(['sqlite', 'postgresql', 'mariadb'])('schema steps on %s', (dialect) => {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))('database', () => {
    let folder = '';
    let server: DatabaseServer | undefined;
    let counter = 0;
    beforeAll(async () => {
      folder = await makeTempDir('steps');
      if (dialect === 'postgresql') server = await startPostgres();
      if (dialect === 'mariadb') server = await startMariadb();
    });
    afterAll(async () => {
      await server?.stop();
      await removeTempDir(folder);
    });

    const freshUrl = async (): Promise<string> => {
      counter += 1;
      return server === undefined ? `sqlite://${folder}/fresh-${counter}.db` : (await server.createDatabase()).url;
    };
    const look = async <T>(url: string, work: (db: Database) => Promise<T>): Promise<T> => {
      const db = await Database.create({ target: parseDatabaseUrl(url, '/'), entities: [], additions: [] });
      try {
        return await work(db);
      } finally {
        await db.close();
      }
    };

    it('each step can be taken back and made again, and the schema is the same', async () => {
      const url = await freshUrl();
      const migrations = new Migrations(parseDatabaseUrl(url, '/'), ours);
      const names = (await migrations.status()).map(({ name }) => name);
      for (const name of names) {
        const before = await look(url, schemaLines);
        expect(await migrations.up({ only: (one) => one === name })).toEqual([name]);
        const after = await look(url, schemaLines);
        expect(await migrations.down([name])).toEqual([name]);
        expect(await look(url, schemaLines), `${name} taken back`).toEqual(before);
        await migrations.up({ only: (one) => one === name });
        expect(await look(url, schemaLines), `${name} made again`).toEqual(after);
      }
    });

    it("an extension's steps, and all of them, go down and up to the same schema", async () => {
      const url = await freshUrl();
      const migrations = new Migrations(parseDatabaseUrl(url, '/'), ours);
      const names = await migrations.up();
      const whole = await look(url, schemaLines);
      expect(whole.length).toBeGreaterThan(50);
      for (const part of [names.filter((name) => name.startsWith('admin/')), names]) {
        expect(part.length).toBeGreaterThan(0);
        expect(await migrations.down(part)).toEqual([...part].reverse());
        const less = await look(url, schemaLines);
        expect(less.some((line) => line.includes('admin_'))).toBe(false);
        if (part === names) expect(less).toEqual([]);
        expect(await migrations.up()).toEqual(part);
        expect(await look(url, schemaLines)).toEqual(whole);
      }
    });

    it('two processes at once: one migrates, the other waits for it', async () => {
      const url = await freshUrl();
      const [one, two] = await Promise.all([startChild(url), startChild(url)]);
      const results = await Promise.all([one.migrate(), two.migrate()]);
      expect([...results].sort((a, b) => a.applied.length - b.applied.length).map(({ applied }) => applied)).toEqual([
        [],
        ['try/0001-slow'],
      ]);
      // Who had nothing to do was not told so before the other had finished.
      const [worked, waited] = results[0].applied.length > 0 ? results : [results[1], results[0]];
      expect(waited.at).toBeGreaterThan(worked.at - 500);
      expect(await look(url, rows)).toEqual(['once 1']);
    });

    it('kill -9 in the middle: the next one finishes, and nothing is there twice', async () => {
      const url = await freshUrl();
      const victim = await startChild(url);
      victim.migrate().catch(() => {});
      await victim.begun;
      await sleep(400);
      expect(victim.hasEnded()).toBe(false);
      await victim.kill();
      const heir = await startChild(url);
      expect((await heir.migrate()).applied).toEqual(['try/0001-slow']);
      expect(await look(url, rows)).toEqual(['once 1']);
    });

    it('an extension whose step fails is not enabled, the workers serve on, and a mended one is', async () => {
      const made = await instance(server === undefined ? {} : { database: await freshUrl() });
      try {
        await install(made.directory, 'insert into nowhere (x) values (1)');
        await using serving = await serve(made.directory);
        const workers = serving.workers();
        const enable = () => run(['--instance', made.directory, 'extension', 'enable', 'halting']);
        const failed = await enable();
        expect(failed.code).toBe(1);
        expect(failed.stderr).toContain('halting/0001-initial');
        expect(serving.workers()).toEqual(workers);
        expect((await serving.readyz()).status).toBe(200);
        expect((await serving.ask('/accounts/login/')).status).toBe(200);
        await install(made.directory, "insert into halting_thing (name) values ('mended')");
        expect(await enable()).toMatchObject({ code: 0 });
        expect(serving.workers()).not.toEqual(workers);
        expect((await serving.readyz()).status).toBe(200);
        await serving.stop();
      } finally {
        await made[Symbol.asyncDispose]();
      }
    });
  });
});

const rows = async (db: Database): Promise<string[]> =>
  (await db.execute('select name, late from try_slow')).map((row) => `${row['name']} ${row['late']}`);

async function startChild(url: string) {
  const child: ChildProcess = fork(fileURLToPath(new URL('./migrate-child.mjs', import.meta.url)), [url], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const begun = Promise.withResolvers<void>();
  const applied = Promise.withResolvers<readonly string[]>();
  applied.promise.catch(() => {});
  void exited.then(() => applied.reject(new Error('it ended')));
  child.on('message', (said: unknown) => {
    if (said === 'begun') begun.resolve();
    if (Array.isArray(said)) applied.resolve(said as string[]);
  });
  await once(child, 'message');
  return {
    begun: begun.promise,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async migrate() {
      child.send('go');
      return { applied: await applied.promise, at: performance.now() };
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** An extension whose second statement is the one given. */
async function install(directory: string, statement: string): Promise<void> {
  const folder = join(directory, 'node_modules', 'posthorn-halting');
  await mkdir(folder, { recursive: true });
  await mkdir(join(folder, 'node_modules', '@posthorn'), { recursive: true });
  await symlink(sdk, join(folder, 'node_modules', '@posthorn', 'sdk')).catch(() => {});
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'posthorn-halting',
      version: '1.0.0',
      type: 'module',
      posthorn: { id: 'halting', sdk: '^1.0.0', entry: './index.js' },
    }),
  );
  await writeFile(
    join(folder, 'index.js'),
    `export default { id: 'halting', version: '1.0.0', sdk: '^1.0.0', title: 'Halting', migrations: [{
       name: 'halting/0001-initial',
       up: (d) => [
         ...d.createTable('halting_thing', { columns: { id: { type: 'id' }, name: { type: 'string(20)' } } }),
         ${JSON.stringify(statement)},
       ],
       down: (d) => d.dropTable('halting_thing') }] };`,
  );
  const file = join(directory, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { dependencies?: Record<string, string> };
  await writeFile(
    file,
    JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, 'posthorn-halting': '1.0.0' } }),
  );
}
