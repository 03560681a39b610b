import { describe, expect, it } from 'vitest';
import { readStatement } from './statement.js';

const rowsOf = (sql: string, dialect: 'sqlite' | 'postgresql' | 'mariadb' = 'sqlite') => {
  const statement = readStatement(sql, dialect);
  return statement === undefined || statement.kind === 'insert'
    ? undefined
    : statement.rows?.map(({ sql: text, params }) => [text, ...params]);
};

describe('a statement', () => {
  it('that changes nothing is none', () => {
    for (const sql of ['select 1', "select 'delete from a'", 'with x as (select 1) select * from x', 'savepoint a']) {
      expect(readStatement(sql, 'sqlite')).toBeUndefined();
    }
  });

  it('that inserts says which column gets what', () => {
    expect(
      readStatement("insert into a (b, `c`, d, e) values (?, 'it''s', 3, lower(?)), (?, null, default, ?)", 'mariadb'),
    ).toEqual({
      kind: 'insert',
      table: 'a',
      mayMeet: false,
      returns: false,
      rows: [
        { b: { param: 0 }, c: { value: "it's" }, d: { value: 3 }, e: 'computed' },
        { b: { param: 2 }, c: { value: null }, e: { param: 3 } },
      ],
    });
    expect(readStatement('insert into "a" ("b") select ? from c', 'postgresql')).toMatchObject({
      table: 'a',
      rows: undefined,
    });
    expect(readStatement('insert into a (b) values (?) on conflict (b) do nothing', 'sqlite')).toMatchObject({
      mayMeet: true,
    });
    expect(readStatement('insert into a (b) values (?) returning id', 'sqlite')).toMatchObject({ returns: true });
  });

  it('that updates says which rows, with the values of their condition', () => {
    const sql = "update a set b = ?, c = concat(?, '?'), d = true where id in (?, ?) and e = ? returning id";
    expect(rowsOf(sql)).toEqual([
      [' from a', 0, 0],
      [' where id in (?, ?) and e = ?', 2, 5],
    ]);
    expect(readStatement(sql, 'sqlite')).toMatchObject({
      set: { b: { param: 0 }, c: 'computed', d: { value: true } },
      isJoined: false,
    });
    expect(rowsOf('update a set b = m.x || ? from m where m.id = a.m_id and m.y = ?', 'postgresql')).toEqual([
      [' from a', 0, 0],
      [', m', 1, 1],
      [' where m.id = a.m_id and m.y = ?', 1, 2],
    ]);
    const joined = 'update a inner join m on m.id = a.m_id and m.y = ? set a.b = ?';
    expect(rowsOf(joined, 'mariadb')).toEqual([[' from a inner join m on m.id = a.m_id and m.y = ?', 0, 1]]);
    expect(readStatement(joined, 'mariadb')).toMatchObject({ table: 'a', set: { b: { param: 1 } }, isJoined: true });
  });

  it('that deletes says which rows', () => {
    expect(rowsOf('delete from a')).toEqual([[' from a', 0, 0]]);
    expect(rowsOf('delete q from a q inner join m on m.id = ? where m.x = ?', 'mariadb')).toEqual([
      [' from a q inner join m on m.id = ?', 0, 1],
      [' where m.x = ?', 1, 2],
    ]);
    expect(readStatement('delete q from a q inner join m', 'mariadb')).toMatchObject({ table: 'a', target: 'q' });
    expect(rowsOf('delete from a where id = ? limit 1')).toBeUndefined();
  });
});
