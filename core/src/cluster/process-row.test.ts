import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import type { Data } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProcessRow } from './process-row.js';
import { waitForAssembly } from './wait-for-assembly.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
let sqlite: DatabaseSync;
let database: Pick<Data, 'dialect' | 'execute'>;
beforeEach(() => {
  sqlite = new DatabaseSync(':memory:');
  sqlite.exec(`create table core_process (id text primary key, role text, host text, pid integer, seen_at text,
    revision integer, assembly integer, versions text, problems text, started_at text)`);
  database = {
    dialect: 'sqlite',
    execute: async (sql, params = []) => sqlite.prepare(sql).all(...(params as string[])) as never,
  };
});
const rows = () => sqlite.prepare('select * from core_process').all() as Record<string, unknown>[];
const row = (assembly: number) =>
  new ProcessRow(database, { role: 'web', revision: assembly, assembly, versions: { apples: '1.0.0' } }, silent);

describe('the row of a process', () => {
  it('says who it is, what it runs and what troubles it', async () => {
    const one = row(3);
    await one.start();
    expect(rows()).toMatchObject([
      { role: 'web', host: hostname(), pid: process.pid, assembly: 3, versions: '{"apples":"1.0.0"}', problems: '[]' },
    ]);
    await one.report({ revision: 4, problems: ['no'] });
    expect(rows()).toMatchObject([{ revision: 4, assembly: 3, problems: '["no"]' }]);
    await one.remove();
    await one.beat();
    expect(rows()).toEqual([]);
  });

  it('drops the rows of the dead', async () => {
    sqlite.exec("insert into core_process (id, seen_at) values ('dead', datetime('now', '-60 seconds'))");
    sqlite.exec("insert into core_process (id, seen_at) values ('late', datetime('now', '-3 seconds'))");
    const one = row(1);
    await one.start();
    expect(rows().map(({ id }) => id)).toEqual(['late', one.id]);
    await one.remove();
  });

  it('misses a beat when the database is away, and no more', async () => {
    const one = row(1);
    await one.start();
    const { execute } = database;
    database = Object.assign(database, { execute: () => Promise.reject(new Error('away')) });
    await one.report({ revision: 2 });
    Object.assign(database, { execute });
    await one.beat();
    expect(rows()).toMatchObject([{ revision: 2 }]);
    await one.remove();
  });
});

describe('waiting for an assembly', () => {
  it('is over when nobody serves', async () => {
    expect(await waitForAssembly(database, 7)).toEqual({ isDone: true, followed: 0, stragglers: [] });
  });

  it('ends when the last process of this machine has followed', async () => {
    const [old, fresh] = [row(1), row(2)];
    await old.start();
    await fresh.start();
    const waiting = waitForAssembly(database, 2, { timeoutMs: 5_000 });
    setTimeout(() => void old.remove(), 100);
    expect(await waiting).toEqual({ isDone: true, followed: 1, stragglers: [] });
    await fresh.remove();
  });

  it('names who has not followed in time', async () => {
    const old = row(1);
    await old.start();
    expect(await waitForAssembly(database, 2, { timeoutMs: 100 })).toMatchObject({
      isDone: false,
      stragglers: [{ pid: process.pid, role: 'web', assembly: 1, problems: [] }],
    });
    await old.remove();
  });

  it('ends early when a process says that it cannot, but not for what it said of an earlier one', async () => {
    const old = row(1);
    await old.start();
    await old.report({ problems: ['assembly 2: no such package'] });
    // Longer than this test may take.
    const failed = await waitForAssembly(database, 2, { timeoutMs: 600_000 });
    expect(failed).toMatchObject({ isDone: false, stragglers: [{ problems: ['assembly 2: no such package'] }] });
    expect((await waitForAssembly(database, 3, { timeoutMs: 100 })).isDone).toBe(false);
    await old.remove();
  });

  it('does not wait for other machines, other roles, or processes that are gone', async () => {
    const insert = sqlite.prepare(
      "insert into core_process (id, role, host, pid, seen_at, assembly, problems) values (?, ?, ?, ?, datetime('now'), 1, '[]')",
    );
    insert.run('a', 'web', 'elsewhere.example.test', 1);
    insert.run('b', 'command', hostname(), process.pid);
    insert.run('c', 'web', hostname(), 4_194_303);
    expect(await waitForAssembly(database, 2, { timeoutMs: 100 })).toMatchObject({ isDone: true });
  });
});
