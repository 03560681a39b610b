import { describe, expect, test } from 'vitest';
import { ddlFor, madeName } from './ddl.js';

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('%s', (dialect) => {
  const ddl = ddlFor(dialect);

  test('a table', () => {
    expect(
      ddl.createTable('admin_alias', {
        columns: {
          id: { type: 'id' },
          address: { type: 'string(254)', unique: true },
          enabled: { type: 'boolean', default: true },
          domain_id: { type: 'integer', nullable: true, references: { table: 'admin_domain', onDelete: 'cascade' } },
          expire_at: { type: 'timestamp', nullable: true },
          made: { type: 'timestamp', default: 'now' },
          data: { type: 'json', default: '{}' },
          note: { type: 'text', default: `it's \\` },
        },
        indexes: [['enabled', 'domain_id']],
      }),
    ).toMatchSnapshot();
  });

  test('a key of two columns', () => {
    expect(
      ddl.createTable('a_b', {
        columns: {
          a_id: { type: 'integer', primary: true, references: { table: 'a', onDelete: 'cascade' } },
          b_id: { type: 'bigint', primary: true, references: { table: 'b', column: 'key', onDelete: 'restrict' } },
        },
      }),
    ).toMatchSnapshot();
  });

  test('changes', () => {
    expect([
      ddl.addColumn('t', 'c', { type: 'integer', nullable: true, references: { table: 'u', onDelete: 'set null' } }),
      ddl.addColumn('t', 'd', { type: 'string(10)', default: '', unique: true }),
      ddl.dropColumn('t', 'c'),
      ddl.createIndex('t', ['a', 'b'], { unique: true }),
      ddl.dropIndex('t', ['a', 'b'], { unique: true }),
      ddl.createView('v', 'select 1 as one'),
      ddl.dropView('v'),
      ddl.dropTable('t'),
    ]).toMatchSnapshot();
  });

  test.each([
    '',
    'A',
    '1a',
    'a-b',
    'a b',
    'a"b',
    'a`b',
    'a.b',
    '__proto__',
    'é',
    'a'.repeat(64),
  ])('refuses the name %j', (name) => {
    expect(() => ddl.dropTable(name)).toThrow(expect.objectContaining({ code: 'E_DDL_NAME' }));
    expect(() => ddl.createTable('t', { columns: { [name]: { type: 'text' } } })).toThrow();
    expect(() => ddl.createIndex('t', [name])).toThrow();
  });

  test('refuses what one of the databases could not do', () => {
    expect(() => ddl.addColumn('t', 'c', { type: 'text' })).toThrow(/nullable or have a default/);
    expect(() => ddl.addColumn('t', 'c', { type: 'timestamp', default: 'now' })).toThrow(/SQLite/);
    expect(() => ddl.addColumn('t', 'c', { type: 'id' })).toThrow(/primary key/);
    expect(() => ddl.createTable('t', { columns: { a: { type: 'text', unique: true } } })).toThrow(/indexed/);
    expect(() => ddl.createTable('t', { columns: { a: { type: 'integer' } }, indexes: [['b']] })).toThrow(
      /among the columns/,
    );
    expect(() => ddl.createTable('t', { columns: { a: { type: 'string(0)' } } })).toThrow(/characters/);
    expect(() => ddl.createTable('t', { columns: { a: { type: 'money' as 'text' } } })).toThrow(/not a column type/);
    expect(() => ddl.createTable('t', { columns: { a: { type: 'integer', default: Number.NaN } } })).toThrow(/number/);
  });
});

test('long names are shortened and stay apart', () => {
  const one = madeName('a_table_with_quite_a_long_name', ['a_column_with_a_long_name_x', 'other'], 'unique');
  const two = madeName('a_table_with_quite_a_long_name', ['a_column_with_a_long_name_y', 'other'], 'unique');
  expect(one).toMatch(/^[a-z0-9_]{1,60}$/);
  expect(one).not.toBe(two);
  expect(one).toMatch(/_unique$/);
});
