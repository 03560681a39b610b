import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BullmqJobDriver } from '../../core/src/jobs/bullmq-driver.js';
import { SqlJobDriver } from '../../core/src/jobs/sql-driver.js';
import { until } from '../kit/src/servers/index.js';
import {
  bullmqEngines,
  closeAll,
  enqueueMany,
  isAvailable,
  jobsOf,
  makeRig,
  makeRunner,
  type Rig,
  silent,
  states,
} from './rig.js';

describe.each(bullmqEngines)('jobs by %s', (engine) => {
  describe.skipIf(!isAvailable(engine))('Redis', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await makeRig(engine);
    });
    beforeEach(async () => {
      await rig.clear();
      await rig.redis?.forget();
    });
    afterAll(async () => {
      await rig?.[Symbol.asyncDispose]();
    });
    const done = (count: number) =>
      until(`${count} jobs to be done`, 30, async () => (await states(rig)).done === count);

    test('what was committed and never reached Redis is run: its process died in between', async () => {
      // The table's own driver writes the row and tells Redis nothing, as a process that ends after its commit.
      const sql = new SqlJobDriver(rig.database);
      for (let i = 0; i < 5; i += 1) {
        await sql.enqueue({ extension: 'test', name: 'a', queue: 'default', payload: 'null', priority: 0 });
      }
      const { runner } = makeRunner(rig.database, jobsOf({ id: 'a' }));
      runner.start();
      await done(5);
      await runner.stop();
    });

    test('what was rolled back never gets there', async () => {
      const failing = rig.database.write(async () => {
        await rig.driver.enqueue({ extension: 'test', name: 'a', queue: 'default', payload: 'null', priority: 0 });
        throw new Error('taken back');
      });
      await expect(failing).rejects.toThrow('taken back');
      const ran: unknown[] = [];
      const { runner } = makeRunner(rig.database, jobsOf({ id: 'a', run: async () => void ran.push(1) }));
      runner.start();
      await sleep(600);
      await runner.stop();
      expect(ran).toEqual([]);
    });

    test('nothing is lost and nothing runs twice when Redis forgets everything', { timeout: 90_000 }, async () => {
      await enqueueMany(rig, 'a', 60);
      const ran: unknown[] = [];
      const { runner } = makeRunner(
        rig.database,
        jobsOf({
          id: 'a',
          async run(payload) {
            ran.push((payload as { i: number }).i);
            await sleep(10);
          },
        }),
      );
      runner.start();
      await until('some to have run', 20, () => ran.length > 10);
      await rig.redis?.forget();
      await done(60);
      await runner.stop();
      expect([...ran].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 60 }, (_, i) => i));
    });

    test('without Redis work is enqueued all the same, and run once it is there', { timeout: 60_000 }, async () => {
      const database = await rig.open();
      const away = new BullmqJobDriver({ data: database, url: 'redis://127.0.0.1:1/0', log: silent });
      const id = await away.enqueue({ extension: 'test', name: 'a', queue: 'default', payload: 'null', priority: 0 });
      expect(await rig.driver.find(id ?? 0)).toMatchObject({ state: 'ready' });
      const wish = { worker: 'w', queues: ['default'], known: [{ extension: 'test', name: 'a' }], limit: 1 };
      await expect(away.claim({ ...wish, leaseMs: 1_000 })).rejects.toThrow();
      await away.close();
      await closeAll(database);
      const { runner } = makeRunner(rig.database, jobsOf({ id: 'a' }));
      runner.start();
      await done(1);
      await runner.stop();
    });
  });
});
