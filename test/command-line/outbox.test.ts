import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';

let instance: Instance;
const sql = (text: string) => {
  const database = new DatabaseSync(instance.sqliteFile ?? '');
  try {
    return database.prepare(text).all();
  } finally {
    database.close();
  }
};
const run = (...args: string[]) => instance.posthorn(args);

beforeAll(async () => {
  instance = await freshInstance();
  await instance.must(['domain', 'create', 'one.test']);
  await instance.must(['account', 'create', 'anna@one.test']);
});
afterAll(() => instance?.remove());

it('has nothing left when a command has ended, although signals were raised and heard', async () => {
  await instance.must(['account', 'update', 'anna@one.test', '--rename', 'ann@one.test']);
  const [sequence] = sql(`select seq from sqlite_sequence where name = 'core_outbox'`);
  expect(Number(sequence?.['seq'])).toBeGreaterThan(0);
  expect(sql('select * from core_outbox')).toEqual([]);
});

it('shows, retries and discards what was set aside, never what it says', async () => {
  for (const id of ['a', 'b'])
    sql(`insert into core_outbox (event_id, hook, extension, subject, payload, state, attempts, error)
      values ('${id}', 'host.account-changed@1', 'core', 'host.account/1', '{"secret":"Toto1234"}', 'failed', 5, 'why')`);
  const listed = (await instance.must(['outbox', 'list', '--failed', '--json'])).rows();
  expect(listed).toMatchObject([
    { signal: 'host.account-changed@1', extension: 'core', state: 'failed', attempts: 5, error: 'why' },
    { subject: 'host.account/1' },
  ]);
  expect(JSON.stringify(listed)).not.toContain('Toto1234');
  const [first, second] = listed.map(({ id }) => String(id));
  const check = (await instance.must(['check', '--json'])).rows().filter((row) => row['check'] === 'core.outbox');
  expect(check).toMatchObject([
    { level: 'warning', message: expect.stringContaining('why'), mend: `posthorn outbox retry ${first}` },
    { level: 'warning' },
  ]);

  await instance.must(['outbox', 'retry', first ?? '']);
  expect((await run('outbox', 'discard', second ?? '')).code).toBe(2);
  await instance.must(['outbox', 'discard', second ?? '', '--yes']);
  expect((await run('outbox', 'retry', second ?? '')).code).toBe(3);
  expect(sql('select id, state, attempts, error from core_outbox')).toEqual([
    { id: Number(first), state: 'ready', attempts: 4, error: null },
  ]);
});
