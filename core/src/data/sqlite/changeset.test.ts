import { constants, DatabaseSync, type SQLInputValue } from 'node:sqlite';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { invertChangeset } from './changeset.js';

const key = fc.integer({ min: 1, max: 6 });
const cell = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 300 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true }),
  fc.uint8Array({ maxLength: 300 }),
);
type Change = readonly ['put' | 'change' | 'delete', number, SQLInputValue, SQLInputValue];
const changes = fc.array(
  fc.tuple(fc.constantFrom('put', 'change', 'delete'), key, cell, cell) as fc.Arbitrary<Change>,
  { maxLength: 20 },
);

function run(db: DatabaseSync, list: readonly Change[]): void {
  for (const [what, id, a, b] of list) {
    if (what === 'put') db.prepare('insert or replace into thing (a, id, b) values (?, ?, ?)').run(a, id, b);
    else if (what === 'change') db.prepare('update thing set a = ? where id = ?').run(a, id);
    else db.prepare('delete from thing where id = ?').run(id);
    db.prepare('insert or ignore into pair (x, y, z) values (?, ?, ?)').run(id, String(id), a);
    if (what === 'delete') db.prepare('update pair set z = ? where x = ?').run(b, id);
  }
}

const everything = (db: DatabaseSync) =>
  ['thing', 'pair'].map((table) => {
    const statement = db.prepare(`select * from ${table} order by 1, 2`);
    statement.setReadBigInts(true);
    return statement.all();
  });

it('takes back whatever was done', () => {
  fc.assert(
    fc.property(changes, changes, (before, after) => {
      const db = new DatabaseSync(':memory:');
      db.exec('create table thing (a, id integer primary key, b)');
      db.exec('create table pair (z, x integer, y text, primary key (x, y)) without rowid');
      run(db, before);
      const then = everything(db);
      const session = db.createSession();
      run(db, after);
      const changeset = session.changeset();
      session.close();
      const isDone = db.applyChangeset(invertChangeset(changeset), {
        onConflict: () => constants.SQLITE_CHANGESET_ABORT,
      });
      expect(isDone).toBe(true);
      expect(everything(db)).toEqual(then);
      db.close();
    }),
    { numRuns: 300 },
  );
});

it('refuses what is no changeset', () => {
  expect(() => invertChangeset(Uint8Array.of(7, 0))).toThrow('no operation');
  expect(() => invertChangeset(Uint8Array.of(0x54, 3))).toThrow('too early');
});
