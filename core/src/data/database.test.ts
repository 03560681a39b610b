import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineEntity, p, raw } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { additionTo, timestamp } from '@posthorn/sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Database, type DatabaseOptions } from './database.js';
import { ddlFor } from './ddl.js';
import { isForeignKeyViolation, isUniqueViolation } from './errors.js';
import { SqliteConnection } from './sqlite/connection.js';
import { parseDatabaseUrl } from './url.js';

class Place {
  declare id: number;
  declare name: string;
  declare extra: unknown;
  declare since: Date | null;
  declare note?: string | null;
  declare best?: Guest | null;
}
const PlaceSchema = defineEntity({
  class: Place,
  className: 'Place',
  tableName: 'place',
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string().unique(),
    extra: p.json().nullable(),
    since: timestamp().nullable(),
  },
});
class Guest {
  declare id: number;
  declare place: Place;
}
const GuestSchema = defineEntity({
  class: Guest,
  className: 'Guest',
  tableName: 'guest',
  properties: { id: p.integer().primary().autoincrement(), place: () => p.manyToOne(Place) },
});

const ddl = ddlFor('sqlite');
const schema = [
  ...ddl.createTable('place', {
    columns: {
      id: { type: 'id' },
      name: { type: 'string(100)', unique: true },
      extra: { type: 'json', nullable: true },
      since: { type: 'timestamp', nullable: true },
      note: { type: 'text', nullable: true },
      best_id: { type: 'integer', nullable: true },
    },
  }),
  ...ddl.createTable('guest', {
    columns: { id: { type: 'id' }, place_id: { type: 'integer', references: { table: 'place', onDelete: 'cascade' } } },
  }),
];

let folder = '';
let path = '';
let db: Database;
const open = (o: Partial<DatabaseOptions> = {}) =>
  Database.create({
    target: parseDatabaseUrl(`sqlite://${path}`, '/'),
    entities: [PlaceSchema, GuestSchema],
    additions: [],
    ...o,
  });
const place = (values: Partial<Place>) => values as Place;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-data-'));
  path = join(folder, 'x.db');
  db = await open();
  for (const statement of schema) await db.execute(statement);
});
afterEach(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

test('the file and its companions are readable and writable by owner and group, whatever the umask', async () => {
  const before = process.umask(0o077);
  try {
    path = join(folder, 'other.db');
    const other = await open();
    await other.execute('create table t (id integer)');
    for (const name of [path, `${path}-wal`, `${path}-shm`])
      expect(((await stat(name)).mode & 0o777).toString(8)).toBe('660');
    await other.close();
  } finally {
    process.umask(before);
  }
});

test('a read that finds the file locked waits; each is seen once', async () => {
  const seen: string[] = [];
  const other = await open({ onStatement: (sql) => void seen.push(sql) });
  const read = () => other.execute<{ one: number }>('select 1 as one');
  // The first one opens the reader, so it waits.
  expect(await read()).toMatchObject([{ one: 1 }]);
  const locked = vi.spyOn(SqliteConnection.prototype, 'runNow').mockImplementationOnce(() => {
    throw Object.assign(new Error('database is locked'), { errcode: 5 });
  });
  expect(await read()).toMatchObject([{ one: 1 }]);
  expect(await read()).toMatchObject([{ one: 1 }]);
  expect(locked).toHaveBeenCalledTimes(2);
  expect(seen).toEqual(Array(3).fill('select 1 as one'));
  await expect(other.execute('select x from nowhere')).rejects.toMatchObject({ code: 'E_DATABASE_NOT_MIGRATED' });
  await other.close();
});

test('reads, raw ones too, run beside an open write', async () => {
  await db.execute(`insert into place (name) values ('there')`);
  const writing = db.write(async (em) => {
    em.create(Place, place({ name: 'new' }));
    await em.flush();
    await sleep(400);
  });
  await sleep(50);
  const start = performance.now();
  await db.read(async (em) => {
    expect(await em.count(Place)).toBe(1);
    expect(await (em as SqlEntityManager).execute('select name from place')).toMatchObject([{ name: 'there' }]);
    expect(await db.execute('with x as (select 1) select name from place')).toHaveLength(1);
  });
  expect(performance.now() - start).toBeLessThan(300);
  await writing;
  expect(await db.read((em) => em.count(Place))).toBe(2);
});

test('a nested write joins, and the whole is rolled back', async () => {
  await expect(
    db.write(async (em) => {
      em.create(Place, place({ name: 'a' }));
      await db.write(async (inner) => {
        expect(inner).toBe(em);
        await db.execute(`insert into place (name) values ('b')`);
        expect(db.writeDepth).toBe(2);
      });
      await em.flush();
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(db.isWriting()).toBe(false);
  expect(await db.execute('select * from place')).toEqual([]);
});

test('afterCommit runs after the commit, and not without one', async () => {
  const seen: unknown[] = [];
  await db.write(async (em) => {
    em.create(Place, place({ name: 'a' }));
    db.afterCommit(async () => void seen.push((await db.execute('select * from place')).length));
    expect(seen).toEqual([]);
  });
  expect(seen).toEqual([1]);
  await db
    .write(async () => {
      db.afterCommit(() => void seen.push('never'));
      throw new Error('no');
    })
    .catch(() => {});
  // fails only at the end, when entities are flushed
  await db
    .write(async (em) => {
      db.afterCommit(() => void seen.push('never'));
      em.create(Place, place({ name: 'a' }));
    })
    .catch((error: unknown) => expect(isUniqueViolation(error)).toBe(true));
  expect(seen).toEqual([1]);
});

test('beforeCommit runs last in the transaction, and is undone where that is not committed', async () => {
  const seen: string[] = [];
  const last = () =>
    db.beforeCommit(
      async () => {
        seen.push(`run in ${db.writeDepth}, ${(await db.execute('select * from place')).length} rows`);
        await db.execute(`insert into place (name) values ('last')`);
      },
      () => seen.push('undone'),
    );
  await db.write(async (em) => {
    await db.write(async () => last());
    em.create(Place, place({ name: 'a' }));
    seen.push('work');
  });
  expect(seen.splice(0)).toEqual(['work', 'run in 1, 1 rows']);
  expect(await db.execute('select name from place order by name')).toEqual([{ name: 'a' }, { name: 'last' }]);

  // the statement of `last` itself fails now, because the name is there
  await expect(db.write(async () => last())).rejects.toThrow();
  expect(seen.splice(0)).toEqual(['run in 1, 2 rows', 'undone']);
  await expect(
    db.write(async () => {
      last();
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(seen.splice(0)).toEqual(['undone']);
  expect(() => last()).toThrow('belongs inside data.write');
});

test('what was started in a write and not awaited does not belong to it afterwards', async () => {
  let late: Promise<unknown> = Promise.resolve();
  await db.write(async () => {
    late = sleep(30).then(() => db.write(async () => db.isWriting()));
  });
  expect(await late).toBe(true);
  let stale: Promise<unknown> = Promise.resolve();
  await db.write(async (em) => {
    stale = sleep(30).then(() => em.count(Place));
  });
  expect(await stale).toBe(0);
});

test('violations are recognised', async () => {
  await db.execute(`insert into place (name) values ('a')`);
  expect(isUniqueViolation(await db.execute(`insert into place (name) values ('a')`).catch((e: unknown) => e))).toBe(
    true,
  );
  expect(
    isForeignKeyViolation(await db.execute('insert into guest (place_id) values (9)').catch((e: unknown) => e)),
  ).toBe(true);
  await expect(db.execute('select * from absent')).rejects.toMatchObject({ code: 'E_DATABASE_NOT_MIGRATED' });
});

test('a lock held by another program: waited for without blocking, then a temporary problem', async () => {
  const other = new DatabaseSync(path);
  const impatient = await open({ giveUpAfter: 300 });
  other.exec('begin immediate');
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 10);
  await expect(impatient.write(async () => 1)).rejects.toMatchObject({ code: 'E_DATABASE_LOCKED', kind: 'temporary' });
  await expect(impatient.execute(`insert into place (name) values ('a')`)).rejects.toMatchObject({
    code: 'E_DATABASE_LOCKED',
  });
  expect(turns).toBeGreaterThan(20);
  clearInterval(timer);
  expect(await impatient.execute('select * from place')).toEqual([]);

  const writing = db.write((em) => Promise.resolve(em.create(Place, place({ name: 'patient' })).name));
  const single = db.execute(`insert into place (name) values ('single')`);
  setTimeout(() => other.exec('commit'), 100);
  expect(await writing).toBe('patient');
  await single;
  // in line behind a transaction of its own process
  const { promise: finish, resolve: finished } = Promise.withResolvers<void>();
  const long = impatient.write(() => finish);
  await expect(impatient.write(async () => 1)).rejects.toMatchObject({ code: 'E_DATABASE_LOCKED' });
  finished();
  await long;
  expect(await impatient.write(async () => 1)).toBe(1);
  await impatient.close();
  other.close();
});

test('additions belong to the database they were given to', async () => {
  const additions = [
    additionTo(Place, () => ({ note: p.text().nullable(), best: () => p.manyToOne(Guest).nullable() })),
  ];
  const rich = await open({ additions });
  await rich.write(async (em) => {
    const home = em.create(Place, place({ name: 'a', note: 'hello' }));
    await em.flush();
    home.best = em.create(Guest, { place: home } as Guest);
  });
  const found = await rich.read((em) => em.findOneOrFail(Place, { name: 'a' }, { populate: ['best'] as never }));
  expect([found.note, found.best?.place.id]).toEqual(['hello', found.id]);
  await rich.close();
  const poor = await open();
  expect(Object.keys(poor.orm.getMetadata(Place).properties)).not.toContain('note');
  await poor.close();
  expect(await db.execute('select note from place')).toMatchObject([{ note: 'hello' }]);
});

test('moments are UTC text that compares with CURRENT_TIMESTAMP', async () => {
  await db.write(async (em) => {
    em.create(Place, place({ name: 'past', since: new Date(Date.now() - 5000) }));
    em.create(Place, place({ name: 'future', since: new Date(Date.now() + 60_000) }));
    em.create(Place, place({ name: 'fixed', since: new Date('2026-01-02T03:04:05.678Z') }));
  });
  expect(await db.execute(`select since, typeof(since) as kind from place where name = 'fixed'`)).toMatchObject([
    { since: '2026-01-02 03:04:05', kind: 'text' },
  ]);
  expect(await db.execute(`select name from place where since > current_timestamp and name <> 'fixed'`)).toMatchObject([
    { name: 'future' },
  ]);
  expect(
    await db.read((em) => em.find(Place, { since: { $lt: new Date('2026-01-02T03:04:06Z') }, name: 'fixed' })),
  ).toHaveLength(1);
});

test('values are data, whatever they look like', async () => {
  const odd = [`' or 1=1 --`, '__proto__', 'constructor', '? ?? \\? \\', 'a\u0000b', '%_', '😀', ''];
  await db.write(async (em) => {
    for (const name of odd)
      em.create(Place, place({ name, extra: JSON.parse(`{"__proto__":${JSON.stringify(name)}}`) }));
  });
  for (const name of odd) {
    const [found, ...more] = await db.read((em) => em.find(Place, { name }));
    expect(more).toEqual([]);
    expect(found?.name).toBe(name);
    expect(Object.getOwnPropertyDescriptor(found?.extra, '__proto__')?.value).toBe(name);
    expect(await db.execute('select name from place where name = ?', [name])).toMatchObject([{ name }]);
  }
  expect(await db.read((em) => em.find(Place, { name: { $in: odd } }))).toHaveLength(odd.length);
  expect(await db.read((em) => em.find(Place, { [raw('lower(name)')]: raw('lower(?)', ['__PROTO__']) }))).toHaveLength(
    1,
  );
  expect(await db.read((em) => em.count(Place, { id: { $in: Array.from({ length: 40_000 }, (_, i) => i) } }))).toBe(
    odd.length,
  );
  expect(
    await db.execute('select typeof(?) as a, typeof(?) as b, typeof(?) as c, ? as d', [1, 1.5, 2n ** 40n, true]),
  ).toMatchObject([{ a: 'integer', b: 'real', c: 'integer', d: 1 }]);
});

test('a schema change by another program is seen at once', async () => {
  await db.execute(`insert into place (name) values ('a')`);
  const look = () => db.execute('select * from place');
  expect(Object.keys((await look())[0] ?? {})).not.toContain('added');
  const other = new DatabaseSync(path);
  other.exec('alter table place add column added integer default 5');
  other.close();
  expect((await look())[0]).toMatchObject({ name: 'a', added: 5 });
});

test('a slow reader of a stream holds up nobody', async () => {
  await db.write(async (em) => {
    for (let i = 0; i < 500; i += 1) em.create(Place, place({ name: `p${i}` }));
  });
  let rows = 0;
  await db.read(async (em) => {
    for await (const found of em.stream(Place, {})) {
      rows += 1;
      if (rows === 150) {
        expect(await db.execute('select count(*) as n from place')).toMatchObject([{ n: 500 }]);
        await db.write(async (writer) => void writer.create(Place, place({ name: `extra ${found.name}` })));
      }
      if (rows === 300) break;
    }
  });
  expect(rows).toBe(300);
  expect(await db.read((em) => em.count(Place))).toBe(501);
});

test('errors of the code inside stay what they are', async () => {
  for (const code of ['ENOENT', 'ECONNREFUSED']) {
    const error = Object.assign(new Error('Connection lost'), { code });
    await expect(db.write(() => Promise.reject(error))).rejects.toBe(error);
    await expect(db.read(() => Promise.reject(error))).rejects.toBe(error);
  }
});

test('integers beyond the exact range come as text', async () => {
  expect(await db.execute('select 9007199254740993 as big, 1 as small')).toMatchObject([
    { big: '9007199254740993', small: 1 },
  ]);
});

test('reading does not save', async () => {
  await db.execute(`insert into place (name) values ('a')`);
  await db.read(async (em) => {
    (await em.findOneOrFail(Place, { name: 'a' })).name = 'b';
    em.create(Place, place({ name: 'c' }));
    expect(await em.find(Place, { name: 'c' })).toEqual([]);
    await expect((async () => em.nativeUpdate(Place, {}, { name: 'd' }))()).rejects.toThrow(/does not save/);
  });
  await expect(db.read((em) => (em as SqlEntityManager).execute(`update place set name = 'e'`))).rejects.toThrow(
    /does not save/,
  );
  expect(await db.execute('select name from place')).toMatchObject([{ name: 'a' }]);
  expect(
    await db.execute(`with x as (select 'f' as name) insert into place (name) select name from x returning name`),
  ).toMatchObject([{ name: 'f' }]);
});

test('a folder that is not there, or a file that is no database', async () => {
  path = join(folder, 'no', 'x.db');
  const lost = await open();
  const file = { name: 'Problem', code: 'E_DATABASE_FILE', kind: 'configuration' };
  await expect(lost.ping()).rejects.toMatchObject(file);
  await expect(lost.read((em) => em.count(Place))).rejects.toMatchObject(file);
  await expect(lost.write(async () => 1)).rejects.toMatchObject(file);
  await lost.close();
  path = join(folder, 'text.db');
  await writeFile(path, 'this is not a database '.repeat(100));
  const odd = await open();
  await expect(odd.write(async () => 1)).rejects.toMatchObject(file);
  await odd.close();
});
