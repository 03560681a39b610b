import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { requireSuite, startPostgres, until } from '@posthorn/testkit/servers';
import { describe, expect, it } from 'vitest';
import { instance } from './instance.js';
import { lineTo } from './line.js';
import { type Serving, serve, sql } from './serving.js';

const isUnready = (serving: Serving) => async (): Promise<boolean> => (await serving.readyz()).status === 503;
const isReady = (serving: Serving) => async (): Promise<boolean> => (await serving.readyz()).status === 200;

describe('without its database', () => {
  it('starts, says so, and becomes whole by itself (SQLite)', async () => {
    await using made = await instance();
    const file = join(made.directory, 'data/db/posthorn.db');
    renameSync(file, `${file}.away`);
    await using serving = await serve(made.directory);
    expect((await serving.ask('/healthz')).status).toBe(200);
    const { status, body } = await serving.readyz();
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'unready', database: 'away', reasons: ['The database file is not there.'] });
    const page = await serving.ask('/');
    expect(page.body).toContain('Posthorn is not ready');
    // Where the file lies is nobody's business who only sees the page.
    expect(page.body).not.toContain(made.directory);
    const workers = serving.workers();
    renameSync(`${file}.away`, file);
    await until('readiness', 15, isReady(serving));
    expect(serving.workers()).toEqual(workers);
    expect(await serving.stop()).toBe(0);
  });

  it('serves on when the file is moved away, and finds it again', async () => {
    await using made = await instance();
    const file = join(made.directory, 'data/db/posthorn.db');
    await using serving = await serve(made.directory);
    await until('readiness', 15, isReady(serving));
    const workers = serving.workers();
    renameSync(file, `${file}.away`);
    await until('unreadiness', 10, isUnready(serving));
    expect((await serving.ask('/healthz')).status).toBe(200);
    renameSync(`${file}.away`, file);
    await until('readiness', 10, isReady(serving));
    expect(serving.workers()).toEqual(workers);
  });

  it('does not open another file that takes the place of the one it serves', async () => {
    await using made = await instance();
    const file = join(made.directory, 'data/db/posthorn.db');
    await using serving = await serve(made.directory);
    await until('readiness', 15, isReady(serving));
    const database = new DatabaseSync(file);
    database.exec(`vacuum into '${file}.copy'`);
    database.close();
    renameSync(file, `${file}.away`);
    renameSync(`${file}.copy`, file);
    await until('unreadiness', 10, isUnready(serving));
    expect(String((await serving.readyz()).body['reasons'])).toContain('restart');
    renameSync(`${file}.away`, file);
    await until('readiness', 10, isReady(serving));
  });

  it('says that a database is not migrated', async () => {
    await using made = await instance();
    const file = join(made.directory, 'data/db/posthorn.db');
    for (const suffix of ['', '-wal', '-shm']) {
      try {
        renameSync(`${file}${suffix}`, `${file}.away${suffix}`);
      } catch {
        // No log at the moment.
      }
    }
    new DatabaseSync(file).close();
    await using serving = await serve(made.directory);
    expect((await serving.ask('/healthz')).status).toBe(200);
    const { status, body } = await serving.readyz();
    expect(status).toBe(503);
    expect(String(body['reasons'])).toMatch(/schema|lacks a table/);
  });

  it('waits for schema steps that have not run, and says how to run them', async () => {
    await using made = await instance();
    sql(made.directory, "update core_migration set name = name || '~' where name like 'admin/%'");
    await using serving = await serve(made.directory);
    const { status, body } = await serving.readyz();
    expect(status).toBe(503);
    expect(String(body['reasons'])).toMatch(/lacks \d+ schema steps?.*posthorn migrate up/);
    expect((await serving.ask('/healthz')).status).toBe(200);
    sql(made.directory, "update core_migration set name = rtrim(name, '~')");
    await until('readiness', 15, isReady(serving));
  });

  it.skipIf(!requireSuite('postgresql'))('waits for PostgreSQL, before and while serving', async () => {
    await using server = await startPostgres();
    const { name } = await server.createDatabase();
    await using line = await lineTo(server.port);
    const made = await instance({ database: `postgresql://postgres@127.0.0.1:${line.port}/${name}` });
    try {
      await using serving = await serve(made.directory);
      await until('readiness', 15, isReady(serving));
      line.cut();
      await until('unreadiness', 20, isUnready(serving));
      expect((await serving.ask('/healthz')).status).toBe(200);
      expect(serving.workers()).toHaveLength(1);

      await using late = await serve(made.directory);
      expect((await late.ask('/healthz')).status).toBe(200);
      expect(await isUnready(late)()).toBe(true);

      await line.mend();
      await until('readiness', 30, isReady(serving));
      await until('readiness of the late one', 30, isReady(late));
      await server.stop();
      await until('unreadiness', 20, isUnready(serving));
      expect((await serving.ask('/healthz')).status).toBe(200);
      expect(await serving.stop()).toBe(0);
    } finally {
      await made[Symbol.asyncDispose]();
    }
  });
});
