import { defineExtension, migration } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireSuite } from '../kit/src/servers/index.js';
import { type TestHost, testHost } from '../kit/src/test-host.js';

/** Tables with a key of one column, of two, and of none. */
const shelf = defineExtension({
  id: 'shelf',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Shelf',
  migrations: [
    migration({
      name: 'shelf/0001-initial',
      up: (ddl) => [
        ...ddl.createTable('shelf_book', { columns: { id: { type: 'id' }, title: { type: 'text' } } }),
        ...ddl.createTable('shelf_place', {
          columns: {
            room: { type: 'string(20)', primary: true },
            number: { type: 'integer', primary: true },
            put_at: { type: 'timestamp', nullable: true },
          },
        }),
        ...ddl.createTable('shelf_loose', { columns: { leaf: { type: 'integer' } } }),
        ...ddl.addColumn('core_user', 'shelf_card', { type: 'string(20)', nullable: true }),
      ],
      down: (ddl) => [
        ...ddl.dropColumn('core_user', 'shelf_card'),
        ...['shelf_loose', 'shelf_place', 'shelf_book'].flatMap((table) => ddl.dropTable(table)),
      ],
    }),
  ],
  backfill: {
    title: 'Put old books on the shelf',
    async run(context) {
      const [row] = await context.data.execute<{ n: number | string }>('select count(*) as n from shelf_book');
      for (let i = Number(row?.n ?? 0); i < 1_203; i += 1) {
        context.signal.throwIfAborted();
        await context.data.execute('insert into shelf_book (title) values (?)', [`book ${i}`]);
        if (i % 400 === 0) await context.progress(i, 1_203);
      }
    },
  },
});

for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))(`an extension on ${dialect}`, () => {
    let host: TestHost;
    const sql = (text: string) => host.kernel.database.execute(text);
    beforeAll(async () => {
      host = await testHost({ with: [shelf], database: dialect });
    });
    afterAll(() => host?.[Symbol.asyncDispose]());

    it('looks after what is there by a job, again and again, and what came of it is kept', async () => {
      for (const round of [1, 2]) {
        const started = await host.command(['extension', 'backfill', 'shelf', '--json']);
        expect(started.code, `${round}`).toBe(0);
        await host.jobs.drain();
        const [row] = await sql('select count(*) as n from shelf_book');
        expect(Number(row?.['n'])).toBe(1_203);
      }
      const [kept] = await sql("select backfilled_at, backfill_error from core_extension where id = 'shelf'");
      expect(kept).toMatchObject({ backfilled_at: expect.anything(), backfill_error: null });
    });

    it('is exported whole, each row once, whatever the key of its table', async () => {
      await host.admin();
      await sql("update core_user set shelf_card = 'A 1'");
      for (const room of ['attic', 'cellar', 'hall']) {
        for (let from = 0; from < 400; from += 100) {
          const rows = Array.from({ length: 100 }, (_, i) => `('${room}', ${from + i})`).join(', ');
          await sql(`insert into shelf_place (room, number) values ${rows}`);
        }
      }
      await sql("update shelf_place set put_at = '2024-02-29 12:00:00' where room = 'hall' and number = 7");
      await sql(`insert into shelf_loose (leaf) values ${Array.from({ length: 777 }, (_, i) => `(${i})`).join(', ')}`);
      const { stdout } = await host.command(['extension', 'export', 'shelf']);
      const records = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { table?: string; row?: Record<string, unknown>; key?: object });
      const of = (table: string) => records.filter((record) => record.table === table);
      expect(records[0]).toMatchObject({ id: 'shelf', dialect, steps: ['shelf/0001-initial'] });
      expect(new Set(of('shelf_book').map(({ row }) => row?.['title'])).size).toBe(1_203);
      expect(of('shelf_book')).toHaveLength(1_203);
      expect(new Set(of('shelf_place').map(({ row }) => `${row?.['room']} ${row?.['number']}`)).size).toBe(1_200);
      expect(of('shelf_place')).toHaveLength(1_200);
      const dated = of('shelf_place').filter(({ row }) => row?.['put_at'] !== null);
      expect(dated).toEqual([
        { table: 'shelf_place', row: { room: 'hall', number: 7, put_at: expect.stringContaining('2024-02-29') } },
      ]);
      expect(new Set(of('shelf_loose').map(({ row }) => row?.['leaf'])).size).toBe(777);
      expect(of('core_user')).toEqual([
        { table: 'core_user', key: { id: expect.any(Number) }, row: { shelf_card: 'A 1' } },
      ]);
    });

    it('tells what uninstalling would take away', async () => {
      const { stdout } = await host.command(['extension', 'uninstall', 'shelf', '--dry-run', '--json']);
      const rows = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(rows).toContainEqual({ kind: 'table', name: 'shelf_book', rows: 1_203 });
      expect(rows).toContainEqual({ kind: 'column', name: 'core_user.shelf_card', rows: 0 });
    });
  });
}
