import { migration } from '@posthorn/sdk';
import { describe, expect, test } from 'vitest';
import { kernelMigrations } from '../../schema/migrations.js';
import { narrowingOf } from './expand-only.js';

const of = (...up: string[]) => migration({ name: 'try/0002-x', up: () => up, down: () => [] });

describe('a step that goes up only adds', () => {
  test.each([
    ['drop table a', 'drops a table or a view'],
    ['DROP  VIEW if exists a', 'drops a table or a view'],
    ['alter table "a" drop column "b"', 'drops a column'],
    ['alter table a drop b', 'drops a column'],
    ['alter table a rename to b', 'renames something'],
    ['alter table a rename column b to c', 'renames something'],
    ['rename table a to b', 'renames something'],
    ['alter table a alter column b set not null', 'makes a column not null'],
    ['alter table `a` modify `b` int not null', 'changes a column'],
    ['alter table a alter column b type bigint', 'changes a type'],
    ['alter table a add column b integer not null', 'adds a column that must have a value and has no default'],
    ['alter table a add b integer not null', 'adds a column that must have a value and has no default'],
    ['truncate a', 'empties a table'],
  ])('%s', (statement, what) => {
    expect(narrowingOf(of('select 1', statement))).toBe(`its schema step try/0002-x ${what}; going up may only add`);
  });

  test.each([
    "insert into a (b) values ('drop table a')",
    "insert into a (b) values ('it''s; alter table a rename to b')",
    'alter table a add column b integer null',
    'alter table a add column b integer not null default 0',
    'alter table a add constraint b foreign key (c) references d (id)',
    'alter table a drop constraint b',
    'drop index if exists a',
    'create table a (b integer not null)',
    'update a set b = 1 -- rename table later',
    'create or replace view a as select 1',
  ])('lets pass: %s', (statement) => expect(narrowingOf(of(statement))).toBeUndefined());

  test('a view may be made anew', () => {
    const remade = migration({
      name: 'try/0002-x',
      up: (ddl) => [...ddl.dropView('seen'), ...ddl.createView('seen', 'select 1 as one')],
      down: () => [],
    });
    expect(narrowingOf({ ...remade, up: (ddl) => (ddl.dialect === 'mariadb' ? [] : remade.up(ddl)) })).toBeUndefined();
  });

  test('looks at every database', () => {
    const only = migration({
      name: 'try/0002-x',
      up: ({ dialect }) => (dialect === 'mariadb' ? ['drop table a'] : []),
      down: () => [],
    });
    expect(narrowingOf(only)).toContain('drops a table');
  });

  test("the kernel's own steps add", () => {
    expect(kernelMigrations.map(narrowingOf).filter((found) => found !== undefined)).toEqual([]);
  });
});
