import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineEntity, LockMode, p } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { additionTo, type Dialect, type Migration, migration, timestamp } from '@posthorn/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Database } from '../../core/src/data/database.js';
import { isForeignKeyViolation, isUniqueViolation } from '../../core/src/data/errors.js';
import { Migrations } from '../../core/src/data/migrate.js';
import { listTables } from '../../core/src/data/tables.js';
import { parseDatabaseUrl } from '../../core/src/data/url.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';

class Place {
  declare id: number;
  declare name: string;
  declare size: number;
  declare open: boolean;
  declare extra: unknown;
  declare since: Date | null;
  declare note?: string | null;
}
const PlaceSchema = defineEntity({
  class: Place,
  className: 'Place',
  tableName: 'try_place',
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string().unique(),
    size: p.bigint('number').default(0),
    open: p.boolean().default(true),
    extra: p.json().nullable(),
    since: timestamp().nullable(),
  },
});
class Guest {
  declare id: number;
  declare name: string;
  declare place: Place;
}
const GuestSchema = defineEntity({
  class: Guest,
  className: 'Guest',
  tableName: 'try_guest',
  properties: { id: p.integer().primary().autoincrement(), name: p.string(), place: () => p.manyToOne(Place) },
});

const first = migration({
  name: 'try/0001-initial',
  up: (ddl) => [
    ...ddl.createTable('try_place', {
      columns: {
        id: { type: 'id' },
        name: { type: 'string(255)', unique: true },
        size: { type: 'bigint', default: 0 },
        open: { type: 'boolean', default: true },
        extra: { type: 'json', nullable: true },
        since: { type: 'timestamp', nullable: true },
        made: { type: 'timestamp', default: 'now' },
        quoted: { type: 'string(60)', default: `it's a \\ "test" ? %` },
      },
    }),
    ...ddl.createTable('try_guest', {
      columns: {
        id: { type: 'id' },
        name: { type: 'string(255)' },
        place_id: { type: 'integer', references: { table: 'try_place', onDelete: 'cascade' } },
      },
      unique: [['name', 'place_id']],
    }),
    ...ddl.createView('try_view', 'select name, since from try_place where since is null or since > current_timestamp'),
  ],
  down: (ddl) => [...ddl.dropView('try_view'), ...ddl.dropTable('try_guest'), ...ddl.dropTable('try_place')],
});
const second = migration({
  name: 'other/0001-note',
  after: ['try/0001-initial'],
  up: (ddl) => [
    ...ddl.addColumn('try_place', 'note', { type: 'string(100)', nullable: true }),
    ...ddl.addColumn('try_place', 'friend_id', {
      type: 'integer',
      nullable: true,
      references: { table: 'try_place', onDelete: 'set null' },
    }),
    ...ddl.createIndex('try_place', ['size', 'open']),
  ],
  down: (ddl) => [
    ...ddl.dropIndex('try_place', ['size', 'open']),
    ...ddl.dropColumn('try_place', 'friend_id'),
    ...ddl.dropColumn('try_place', 'note'),
  ],
});
const list = [second, first];

const servers: Partial<Record<Dialect, DatabaseServer>> = {};
let folder = '';
let counter = 0;

async function freshUrl(dialect: Dialect): Promise<string> {
  counter += 1;
  if (dialect === 'sqlite') return `sqlite:fresh-${counter}.db`;
  return (await (servers[dialect] as DatabaseServer).createDatabase()).url;
}

for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))(`data on ${dialect}`, () => {
    let db: Database;
    let url: string;

    const open = (o: { poolSize?: number } = {}) =>
      Database.create({
        target: parseDatabaseUrl(url, folder),
        entities: [PlaceSchema, GuestSchema],
        additions: [additionTo(Place, () => ({ note: p.string().nullable() }))],
        ...o,
      });
    const migrations = (of: readonly Migration[] = list) => new Migrations(parseDatabaseUrl(url, folder), of);
    const count = async (table: string) => Number((await db.execute(`select count(*) as n from ${table}`))[0]?.['n']);

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'posthorn-data-'));
      if (dialect === 'postgresql') servers.postgresql = await startPostgres();
      if (dialect === 'mariadb') servers.mariadb = await startMariadb();
    }, 120_000);
    afterAll(async () => {
      await servers[dialect]?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    describe('with the schema', () => {
      beforeEach(async () => {
        url = await freshUrl(dialect);
        await migrations().up();
        db = await open();
      });
      afterEach(() => db.close());

      test('values come back as they went in', async () => {
        const odd = `__proto__ 'q' "d" \\ \\' ? ?? %_ ; -- é 漢 😀 $1 :x`;
        const extra = JSON.parse(`{"__proto__":{"x":1},"constructor":"?","list":[1,"'"]}`);
        await db.write(async (em) => {
          em.create(Place, {
            name: odd,
            size: 2 ** 45,
            open: false,
            extra,
            since: new Date('2026-08-01T10:00:00.789Z'),
            note: odd,
          } as never);
        });
        const place = await db.read((em) => em.findOneOrFail(Place, { name: odd, open: false }));
        expect(place.size).toBe(2 ** 45);
        expect(place.open).toBe(false);
        expect(Object.keys(place.extra as object).sort()).toEqual(['__proto__', 'constructor', 'list']);
        expect(place.since).toEqual(new Date('2026-08-01T10:00:00Z'));
        expect(place.note).toBe(odd);
        expect(await db.read((em) => em.findOne(Place, { name: { $like: 'x%' } }))).toBeNull();
        const rows = await db.execute(
          `select name, '?' as mark, quoted /* ? */ from try_place where name = ? and open = ? -- ?\n and size > ?`,
          [odd, false, 5],
        );
        expect(rows).toMatchObject([{ name: odd, mark: '?', quoted: `it's a \\ "test" ? %` }]);
        await expect(db.execute('select ? as a', [{ a: 1 }])).rejects.toThrow(/JSON\.stringify/);
      });

      test('many rows go in at once, with ids in their order, or not at all', async () => {
        const odd = `'); -- "d" \\ \\' ? ?? $1 :x é 漢 😀`;
        const since = new Date('2026-08-01T10:00:00Z');
        // More than one statement takes.
        const rows = Array.from({ length: 1_200 }, (_, n) => ({
          name: `${odd} ${n}`,
          size: 2 ** 45 + n,
          open: n % 2 === 0,
          since: n % 3 === 0 ? null : since,
          note: n === 7 ? odd : null,
        }));
        const ids = await db.insertRows('try_place', rows);
        expect(new Set(ids).size).toBe(rows.length);
        for (const n of [0, 7, 499, 500, 1_199]) {
          const { name, size, open, since: at, note } = rows[n] as (typeof rows)[number];
          const place = await db.read((em) => em.findOneOrFail(Place, { id: ids[n] as number }));
          expect(place).toMatchObject({ name, size, open, since: at, note });
        }
        const more = [{ name: 'new' }, { name: `${odd} 3` }];
        await expect(db.insertRows('try_place', more)).rejects.toSatisfy(isUniqueViolation);
        expect(await count('try_place')).toBe(1_200);
        expect(await db.insertRows('try_place', more, { unless: ['name'] })).toEqual([]);
        expect(await count('try_place')).toBe(1_201);
        expect(await db.insertRows('try_place', [])).toEqual([]);
        await expect(db.insertRows('try_place', [{ name: { a: 1 } }])).rejects.toThrow(/JSON\.stringify/);
      });

      test('text compares exactly', async () => {
        await db.execute(`insert into try_place (name) values (?), (?), (?)`, ['Strasse', 'strasse', 'straße']);
        expect(await db.execute('select name from try_place where name = ?', ['strasse'])).toHaveLength(1);
        expect(await db.execute('select name from try_place where name = ?', ['strasse '])).toHaveLength(
          dialect === 'mariadb' ? 1 : 0,
        );
      });

      test('moments compare with the database clock and with dates', async () => {
        await db.write(async (em) => {
          em.create(Place, { name: 'past', since: new Date(Date.now() - 60_000) } as never);
          em.create(Place, { name: 'future', since: new Date(Date.now() + 60_000) } as never);
        });
        expect(await db.execute('select name from try_view')).toEqual(
          [{ name: 'future' }].map((row) => expect.objectContaining(row)),
        );
        expect(await db.read((em) => em.find(Place, { since: { $lt: new Date() } }))).toMatchObject([{ name: 'past' }]);
        expect(await db.execute('select name from try_place where since > ?', [new Date()])).toMatchObject([
          { name: 'future' },
        ]);
        const [row] = await db.execute<{ made: string }>('select made from try_place');
        expect(
          Math.abs(Date.parse(`${row?.made.replace(' ', 'T').replace(/\+00$/, '').slice(0, 19)}Z`) - Date.now()),
        ).toBeLessThan(10_000);
      });

      test('a change to a moment that is none is not written', async () => {
        await db.write(async (em) => {
          em.create(Place, { name: 'a', since: new Date('2026-08-01T10:00:00.400Z') } as never);
        });
        const statements: string[] = [];
        const watched = await Database.create({
          target: db.target,
          entities: [PlaceSchema, GuestSchema],
          additions: [],
          onStatement: (sql) => statements.push(sql),
        });
        await watched.write(async (em) => {
          const place = await em.findOneOrFail(Place, { name: 'a' });
          place.since = new Date('2026-08-01T10:00:00Z');
        });
        expect(statements.filter((sql) => /^update/i.test(sql))).toEqual([]);
        expect(statements.filter((sql) => /^select/i.test(sql))).toHaveLength(1);
        await watched.close();
      });

      test('nested writes join and are rolled back whole', async () => {
        const error = new Error('no');
        await expect(
          db.write(async (em) => {
            em.create(Place, { name: 'outer' } as never);
            await db.write(async (inner) => {
              expect(inner).toBe(em);
              inner.create(Place, { name: 'inner' } as never);
            });
            await em.flush();
            expect(await count('try_place')).toBe(2);
            throw error;
          }),
        ).rejects.toBe(error);
        expect(await count('try_place')).toBe(0);
        // caught, but half of the inner work would remain
        await expect(
          db.write(async (em) => {
            em.create(Place, { name: 'outer' } as never);
            await db.write(() => Promise.reject(error)).catch(() => {});
          }),
        ).rejects.toBe(error);
        expect(await count('try_place')).toBe(0);
      });

      test('reads see the transaction they are in, and outside see nothing of it', async () => {
        const { promise: flushed, resolve: flush } = Promise.withResolvers<void>();
        const { promise: looked, resolve: look } = Promise.withResolvers<void>();
        const writing = db.write(async (em) => {
          em.create(Place, { name: 'new' } as never);
          await em.flush();
          expect(await db.read((inner) => inner.count(Place))).toBe(1);
          flush();
          await looked;
        });
        await flushed;
        expect(await db.read((em) => em.count(Place))).toBe(0);
        expect(await count('try_place')).toBe(0);
        look();
        await writing;
        expect(await db.read((em) => em.count(Place))).toBe(1);
      });

      test('tasks run after the commit and only then', async () => {
        const seen: string[] = [];
        const errors: unknown[] = [];
        const reporting = await Database.create({
          target: db.target,
          entities: [PlaceSchema, GuestSchema],
          additions: [],
          onTaskError: (e) => errors.push(e),
        });
        await reporting.write(async (em) => {
          em.create(Place, { name: 'x' } as never);
          await reporting.write(async () => {
            reporting.afterCommit(async () => {
              seen.push(`${(await reporting.execute('select name from try_place')).length} ${reporting.isWriting()}`);
            });
          });
          reporting.afterCommit(() => {
            throw new Error('task');
          });
          reporting.afterCommit(() => void seen.push('after the failing one'));
          seen.push(`depth ${reporting.writeDepth}`);
        });
        expect(seen).toEqual(['depth 1', '1 false', 'after the failing one']);
        expect(errors).toMatchObject([{ message: 'task' }]);
        await reporting
          .write(async () => {
            reporting.afterCommit(() => void seen.push('never'));
            throw new Error('rolled back');
          })
          .catch(() => {});
        reporting.afterCommit(() => void seen.push('at once'));
        expect(seen.at(-1)).toBe('at once');
        expect(seen).not.toContain('never');
        await reporting.close();
      });

      test('violations are recognised', async () => {
        await db.execute(`insert into try_place (name) values ('twice')`);
        const unique = await db
          .write(async (em) => void em.create(Place, { name: 'twice' } as never))
          .catch((e: unknown) => e);
        expect([isUniqueViolation(unique), isForeignKeyViolation(unique)]).toEqual([true, false]);
        const unique2 = await db.execute(`insert into try_place (name) values ('twice')`).catch((e: unknown) => e);
        expect(isUniqueViolation(unique2)).toBe(true);
        const foreign = await db
          .execute(`insert into try_guest (name, place_id) values ('x', 99)`)
          .catch((e: unknown) => e);
        expect([isUniqueViolation(foreign), isForeignKeyViolation(foreign)]).toEqual([false, true]);
        await expect(db.execute('select * from try_nothing')).rejects.toMatchObject({
          code: 'E_DATABASE_NOT_MIGRATED',
          kind: 'configuration',
        });
        await expect(
          db.read((em) => (em as SqlEntityManager).execute('select * from try_nothing')),
        ).rejects.toMatchObject({ code: 'E_DATABASE_NOT_MIGRATED' });
      });

      test('values that the column cannot hold are refused or kept, never cut', async () => {
        const long = 'x'.repeat(300);
        await db.execute('insert into try_place (name) values (?)', [long]).catch(() => {});
        for (const row of await db.execute<{ name: string }>('select name from try_place')) expect(row.name).toBe(long);
      });

      test('a count after locking the owner sees what was committed while it waited', async () => {
        await db.execute(`insert into try_place (name) values ('owner')`);
        let made = 0;
        await Promise.all(
          Array.from({ length: 12 }, () =>
            db.write(async (em) => {
              // an earlier read must not fix what the count sees
              if (dialect !== 'sqlite') await em.count(Guest);
              const owner = await em.findOneOrFail(Place, { name: 'owner' }, { lockMode: LockMode.PESSIMISTIC_WRITE });
              if ((await em.count(Guest, { place: owner })) >= 5) return;
              em.create(Guest, { name: `g${made++}`, place: owner } as never);
            }),
          ),
        );
        expect(await count('try_guest')).toBe(5);
      });

      test('a deadlock is tried again', async () => {
        await db.execute(`insert into try_place (name) values ('a'), ('b')`);
        const touch = async (one: string, two: string) => {
          await db.execute('update try_place set size = size + 1 where name = ?', [one]);
          await sleep(100);
          await db.execute('update try_place set size = size + 1 where name = ?', [two]);
        };
        await Promise.all([db.write(() => touch('a', 'b')), db.write(() => touch('b', 'a'))]);
        expect(
          (await db.execute('select size from try_place order by name')).map((row) => Number(row['size'])),
        ).toEqual([2, 2]);
      });

      test('many at once do not wait for each other for ever', async () => {
        await Promise.all(
          Array.from({ length: 60 }, (_, i) =>
            db.write(async (em) => {
              await db.execute('select 1 as one');
              em.create(Place, { name: `p${i}` } as never);
              await db.read((inner) => inner.count(Place));
            }),
          ),
        );
        expect(await count('try_place')).toBe(60);
      });

      test('ways around the unit of work are closed', async () => {
        await db.write(async (em) => {
          expect(() => em.fork()).toThrow(/data\.read/);
          await expect((async () => em.begin())()).rejects.toThrow(/data\.write/);
          await em.transactional(async (inner) => expect(inner).toBe(em));
        });
        await db.read(async (em) => {
          await expect((async () => em.flush())()).rejects.toThrow(/does not save/);
          em.create(Place, { name: 'unsaved' } as never);
          expect(await em.find(Place, {})).toEqual([]);
        });
        expect(await count('try_place')).toBe(0);
      });

      test('rows stream', async () => {
        await db.write(async (em) => {
          for (let i = 0; i < 250; i += 1) em.create(Place, { name: `p${i}` } as never);
        });
        let rows = 0;
        await db.read(async (em) => {
          for await (const place of em.stream(Place, { orderBy: { id: 'asc' } }))
            rows += place.name.startsWith('p') ? 1 : 0;
        });
        expect(rows).toBe(250);
      });
    });

    describe('migrations', () => {
      beforeEach(async () => {
        url = await freshUrl(dialect);
      });

      test('run in order, once, from several callers, and back', async () => {
        expect(await migrations().status()).toMatchObject([
          { name: first.name, state: 'pending' },
          { name: second.name, state: 'pending' },
        ]);
        db = await open();
        expect(await listTables(db)).toEqual([]);
        await db.close();
        const done = await Promise.all([1, 2, 3, 4].map(() => migrations().up()));
        expect(done.filter((names) => names.length > 0)).toEqual([[first.name, second.name]]);
        db = await open();
        expect((await listTables(db)).filter((name) => name !== 'core_migration_step')).toEqual([
          'core_migration',
          'try_guest',
          'try_place',
          'try_view',
        ]);
        await db.close();
        const [state] = await migrations().status();
        expect(state?.state).toBe('applied');
        expect(Math.abs((state?.appliedAt?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
        expect(await migrations([first]).status()).toMatchObject([
          { state: 'applied' },
          { name: second.name, state: 'unknown' },
        ]);
        await expect(migrations().down([first.name])).rejects.toMatchObject({ code: 'E_MIGRATION_ORDER' });
        expect(await migrations().down([second.name])).toEqual([second.name]);
        expect(await migrations().up()).toEqual([second.name]);
        expect(await migrations().down([first.name, second.name])).toEqual([second.name, first.name]);
        expect(await migrations().up({ only: (name) => name.startsWith('try/') })).toEqual([first.name]);
      });

      // The others run a migration whole or not at all.
      if (dialect === 'mariadb')
        test('a change of the schema that was made but not noted is repeated without harm', async () => {
          await migrations().up();
          db = await open();
          await db.execute('delete from core_migration');
          expect(await migrations().up()).toEqual([first.name, second.name]);
          expect(await migrations().down([first.name, second.name])).toEqual([second.name, first.name]);
          await db.execute(`insert into core_migration (name) values (?), (?)`, [first.name, second.name]);
          await expect(migrations().down([first.name, second.name])).rejects.toMatchObject({
            code: 'E_MIGRATION_HALTED',
          });
          await db.close();
        });

      test('a failing one leaves nothing, or is continued', async () => {
        await migrations().up();
        let broken = true;
        const third = migration({
          name: 'try/0002-more',
          up: (ddl) => [
            ...ddl.addColumn('try_place', 'one', { type: 'integer', default: 7 }),
            `insert into try_place (name) values ('by migration')`,
            broken ? 'insert into try_nowhere (x) values (1)' : `insert into try_place (name) values ('mended')`,
            ...ddl.addColumn('try_place', 'two', { type: 'timestamp', nullable: true }),
          ],
          down: () => [],
        });
        await expect(migrations([...list, third]).up()).rejects.toMatchObject({
          code: dialect === 'mariadb' ? 'E_MIGRATION_HALTED' : 'E_MIGRATION_FAILED',
        });
        db = await open();
        expect(await count('try_place')).toBe(dialect === 'mariadb' ? 1 : 0);
        broken = false;
        expect(await migrations([...list, third]).up()).toEqual([third.name]);
        expect(
          (await db.execute('select name, one, two from try_place order by name')).map((row) => [
            row['name'],
            row['one'],
            row['two'],
          ]),
        ).toEqual([
          ['by migration', 7, null],
          ['mended', 7, null],
        ]);
        await db.close();
      });

      test('wait for an open transaction without stopping readers', async () => {
        await migrations([first]).up();
        db = await open();
        const { promise: started, resolve: start } = Promise.withResolvers<void>();
        const writing = db.write(async () => {
          await db.execute(`insert into try_place (name) values ('open')`);
          start();
          await sleep(2500);
        });
        await started;
        const migrating = migrations().up();
        await sleep(300);
        let slowest = 0;
        for (let i = 0; i < 15; i += 1) {
          const before = performance.now();
          await db.execute('select name from try_place');
          slowest = Math.max(slowest, performance.now() - before);
          await sleep(100);
        }
        // the queue behind a waiting ALTER is at most a second long
        expect(slowest).toBeLessThan(2000);
        await writing;
        expect(await migrating).toEqual([second.name]);
        await db.close();
      }, 30_000);
    });
  });
}

describe.skipIf(!requireSuite('postgresql') || !requireSuite('mariadb'))('a server that is away', () => {
  for (const [dialect, start] of [
    ['postgresql', startPostgres],
    ['mariadb', startMariadb],
  ] as const) {
    test(`${dialect}: a temporary problem, and it recovers`, async () => {
      const server = await start();
      const { url } = await server.createDatabase();
      const target = parseDatabaseUrl(url, '/');
      const away = await Database.create({ target: { ...target, port: 1 }, entities: [], additions: [], poolSize: 2 });
      for (let i = 0; i < 5; i += 1)
        await expect(away.ping()).rejects.toMatchObject({ code: 'E_DATABASE_AWAY', kind: 'temporary' });
      await expect(away.write(async () => 1)).rejects.toMatchObject({ code: 'E_DATABASE_AWAY' });
      await away.close();

      const db = await Database.create({ target, entities: [], additions: [], poolSize: 2 });
      await db.ping();
      const kill =
        dialect === 'postgresql'
          ? 'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null'
          : `select concat('kill ', id, ';') from information_schema.processlist where user = 'app'`;
      const killAll = async () => {
        const said = await server.sql(dialect === 'postgresql' ? 'postgres' : 'mysql', kill);
        if (dialect === 'mariadb') await server.sql('mysql', said);
      };
      for (let i = 0; i < 6; i += 1) {
        await killAll();
        // one that is handed out before the loss was noticed may fail
        await db.ping().catch((error: unknown) => expect(error).toMatchObject({ code: 'E_DATABASE_AWAY' }));
        await sleep(100);
        await db.ping();
        await expect(
          db.write(async () => {
            await db.execute('select 1 as one');
            await killAll();
            await db.execute('select 1 as one');
          }),
        ).rejects.toMatchObject({ code: 'E_DATABASE_AWAY' });
        await sleep(100);
        expect(await db.write(async () => (await db.execute('select 1 as one')).length)).toBe(1);
      }
      await expect(
        Database.create({ target: { ...target, name: 'not_there' }, entities: [], additions: [] }).then((other) =>
          other.ping().finally(() => other.close()),
        ),
      ).rejects.toMatchObject({ code: 'E_DATABASE_REFUSED', kind: 'configuration' });
      // all connections busy: given up within the time limit
      const { promise: finish, resolve: finished } = Promise.withResolvers<void>();
      const holders = [1, 2].map(() => db.write(() => finish));
      await sleep(200);
      await expect(db.ping()).rejects.toMatchObject({ code: 'E_DATABASE_AWAY' });
      finished();
      await Promise.all(holders);
      await db.ping();
      await db.close();
      await server.stop();
    }, 60_000);
  }
});
