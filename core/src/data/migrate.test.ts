import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Migration, migration } from '@posthorn/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Migrations } from './migrate.js';
import { orderMigrations } from './migrations/order.js';
import { parseDatabaseUrl } from './url.js';

const of = (name: Migration['name'], up: readonly string[], o: Partial<Migration> = {}): Migration =>
  migration({ name, up: () => up, down: () => [], ...o });

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-migrate-'));
  path = join(folder, 'x.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const migrations = (...list: Migration[]) => new Migrations(parseDatabaseUrl(`sqlite://${path}`, '/'), list);
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

describe('order', () => {
  const names = (list: Migration[]) => orderMigrations(list).map(({ name }) => name);

  test('as given, after what they need', () => {
    expect(
      names([of('b/0001-x', [], { after: ['a/0002-x'] }), of('a/0001-x', []), of('a/0002-x', []), of('c/0001-x', [])]),
    ).toEqual(['a/0001-x', 'a/0002-x', 'b/0001-x', 'c/0001-x']);
  });

  test('refuses unknown, double, circular and ill-formed ones', () => {
    const code = expect.objectContaining({ code: 'E_MIGRATION_ORDER', kind: 'configuration' });
    expect(() => names([of('a/0001-x', [], { after: ['b/0001-x'] })])).toThrow(code);
    expect(() => names([of('a/0001-x', []), of('a/0001-x', [])])).toThrow(code);
    expect(() =>
      names([of('a/0001-x', [], { after: ['b/0001-x'] }), of('b/0001-x', [], { after: ['a/0001-x'] })]),
    ).toThrow(code);
    expect(() => names([of('a/0001-x', [], { after: ['a/0002-x'] }), of('a/0002-x', [])])).toThrow(code);
    expect(() => names([of('A/1 x', [])])).toThrow(code);
  });
});

const base = of('a/0001-base', [
  'create table parent (id integer primary key, name text not null)',
  'create table child (id integer primary key, parent_id integer not null references parent (id) on delete cascade)',
  `insert into parent values (1, 'a'), (2, 'b')`,
  'insert into child values (1, 1), (2, 2), (3, 2)',
]);

test('status asks for no file and makes none', async () => {
  expect(await migrations(base).status()).toEqual([{ name: 'a/0001-base', state: 'pending' }]);
  await expect(stat(path)).rejects.toThrow();
});

test('children survive the rebuild of their parent', async () => {
  await migrations(base).up();
  const rebuild = of('a/0002-rebuild', [
    'create table fresh (id integer primary key, name text null)',
    'insert into fresh select * from parent',
    'drop table parent',
    'alter table fresh rename to parent',
  ]);
  expect(await migrations(base, rebuild).up()).toEqual(['a/0002-rebuild']);
  expect(ask('select count(*) as n from child')).toEqual([{ n: 3 }]);
});

test('one that leaves rows without their parent is refused, and nothing of the run stays', async () => {
  await migrations(base).up();
  const good = of('a/0002-good', ['create table other (id integer)']);
  const bad = of('a/0003-bad', ['create table half (id integer)', 'delete from parent where id = 1']);
  await expect(migrations(base, good, bad).up()).rejects.toMatchObject({ code: 'E_MIGRATION_FAILED', kind: 'failure' });
  expect(ask(`select name from sqlite_schema where name in ('half', 'other')`)).toEqual([]);
  expect(ask('select count(*) as n from parent')).toEqual([{ n: 2 }]);
  expect((await migrations(base, good, bad).status()).map(({ state }) => state)).toEqual([
    'applied',
    'pending',
    'pending',
  ]);
});

test('steps are told when they are certain', async () => {
  const told: string[] = [];
  const bad = of('b/0001-bad', ['nonsense']);
  await expect(migrations(base, bad).up({ onStep: (name) => told.push(name) })).rejects.toMatchObject({
    code: 'E_MIGRATION_FAILED',
  });
  expect(told).toEqual([]);
  await migrations(base, bad).up({ only: (name) => name.startsWith('a/'), onStep: (name) => told.push(name) });
  expect(told).toEqual(['a/0001-base']);
});

test('a part is refused when it needs more than the part', async () => {
  const other = of('b/0001-x', [], { after: ['a/0001-base'] });
  await expect(migrations(base, other).up({ only: (name) => name.startsWith('b/') })).rejects.toMatchObject({
    code: 'E_MIGRATION_ORDER',
  });
  await expect(migrations(base).down(['b/0001-x'])).rejects.toMatchObject({ code: 'E_MIGRATION_NAME' });
});
