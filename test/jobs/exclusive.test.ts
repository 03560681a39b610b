/** Jobs of which one runs at a time: in the installation, in a process, for a subject. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../core/src/data/database.js';
import type { ClaimedJob, JobDriver } from '../../core/src/jobs/driver.js';
import { JobCatalog } from '../../core/src/jobs/job-catalog.js';
import { JobQueueService } from '../../core/src/jobs/queue-service.js';
import { until } from '../kit/src/servers/index.js';
import {
  closeAll,
  driverOf,
  emptyLog,
  engines,
  enqueueMany,
  isAvailable,
  jobsOf,
  lines,
  makeRig,
  makeRunner,
  type Rig,
  states,
  type TestJob,
  Worker,
} from './rig.js';

interface Payload {
  readonly i: number;
  readonly of?: string;
  readonly isHeld?: boolean;
}

describe.each(engines)('exclusive jobs on %s', (engine) => {
  describe.skipIf(!isAvailable(engine))('database', () => {
    let rig: Rig;
    const others: Database[] = [];
    const cleanup: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      rig = await makeRig(engine);
    });
    afterEach(async () => {
      for (const undo of cleanup.splice(0).reverse()) await undo();
      for (const other of others.splice(0)) await closeAll(other);
      await rig.clear();
    });
    afterAll(async () => {
      await rig?.[Symbol.asyncDispose]();
    });

    const enqueue = async (job: TestJob, payload: Payload, priority = 0): Promise<number> => {
      const queue = new JobQueueService({
        driver: rig.driver,
        jobs: () => new JobCatalog(jobsOf(job)),
        afterCommit: (task) => rig.database.afterCommit(task),
      });
      return (await queue.enqueue(`test.${job.id}`, payload, { priority })) ?? 0;
    };
    const another = async (): Promise<Database> => {
      const database = await rig.open();
      others.push(database);
      return database;
    };
    const start = (database: Database, ...jobs: TestJob[]): void => {
      const { runner } = makeRunner(database, jobsOf(...jobs));
      runner.start();
      cleanup.push(() => runner.stop({ graceMs: 0 }));
    };
    const startWorker = async (log: string, leaseMs?: number): Promise<Worker> => {
      const worker = await Worker.start(rig, log, leaseMs === undefined ? {} : { leaseMs });
      cleanup.push(() => worker.stop());
      return worker;
    };
    const claim = (worker: string, o: { leaseMs?: number; limit?: number; driver?: JobDriver } = {}) =>
      (o.driver ?? rig.driver).claim({
        worker,
        queues: ['default'],
        known: [
          { extension: 'test', name: 'alone' },
          { extension: 'test', name: 'brief' },
        ],
        limit: o.limit ?? 4,
        leaseMs: o.leaseMs ?? 30_000,
      });
    const allDone = (count: number) =>
      until(`${count} jobs to be done`, 60, async () => (await states(rig)).done === count);

    const alone: TestJob = { id: 'alone', exclusive: 'cluster' };

    test('in the installation: two processes run them one after the other, and others meanwhile', {
      timeout: 90_000,
    }, async () => {
      const log = emptyLog(rig, 'alone.log');
      for (let i = 0; i < 12; i += 1) await enqueue(alone, { i }, 1);
      await enqueueMany(rig, 'brief', 12);
      await Promise.all([startWorker(log), startWorker(log)]);
      await allDone(24);
      const ran = lines(log).map((line) => line.split(' '));
      const turns = ran.filter(([what]) => what === 'begin' || what === 'end');
      expect(turns).toHaveLength(24);
      for (let at = 0; at < turns.length; at += 2) {
        expect(turns[at]?.[0]).toBe('begin');
        expect(turns[at + 1]).toEqual(['end', ...(turns[at] ?? []).slice(1)]);
      }
      // Those that waited for their turn kept nobody else from running, although they are more urgent.
      const lastBrief = ran.findLastIndex(([what]) => what !== 'begin' && what !== 'end');
      expect(lastBrief).toBeLessThan(ran.length - 4);
    });

    test('for a subject: others run beside it', { timeout: 60_000 }, async () => {
      const running = new Map<string, number>();
      let most = 0;
      const perSubject: string[] = [];
      const job: TestJob = {
        id: 'of',
        exclusive: 'subject',
        subject: (payload) => String((payload as Payload).of),
        async run(payload) {
          const { of = '' } = payload as Payload;
          if ((running.get(of) ?? 0) > 0) perSubject.push(of);
          running.set(of, (running.get(of) ?? 0) + 1);
          most = Math.max(
            most,
            [...running.values()].reduce((a, b) => a + b),
          );
          await sleep(25);
          running.set(of, (running.get(of) ?? 0) - 1);
        },
      };
      for (let i = 0; i < 18; i += 1) await enqueue(job, { i, of: ['a', 'b', 'Ä'][i % 3] ?? '' });
      start(rig.database, job);
      start(await another(), job);
      await allDone(18);
      expect(perSubject).toEqual([]);
      expect(most).toBeGreaterThan(1);
    });

    test('in a process: each runs one at a time', { timeout: 60_000 }, async () => {
      const running = [0, 0];
      const most = [0, 0];
      const jobOf = (at: number): TestJob => ({
        id: 'here',
        exclusive: 'process',
        async run() {
          running[at] = (running[at] ?? 0) + 1;
          most[at] = Math.max(most[at] ?? 0, running[at] ?? 0);
          await sleep(60);
          running[at] = (running[at] ?? 0) - 1;
        },
      });
      for (let i = 0; i < 14; i += 1) await enqueue(jobOf(0), { i });
      start(rig.database, jobOf(0));
      start(await another(), jobOf(1));
      await allDone(14);
      expect(most).toEqual([1, 1]);
    });

    test('one whose worker is killed makes room when its lease ends', { timeout: 60_000 }, async () => {
      const leaseMs = 2_000;
      const log = emptyLog(rig, 'killed.log');
      const victim = await startWorker(log, leaseMs);
      const first = await enqueue(alone, { i: 1, isHeld: true }, 1);
      await until('it to run', 15, () => lines(log).length === 1);
      const second = await enqueue(alone, { i: 2 });
      expect(await rig.driver.find(second)).toMatchObject({ state: 'ready', waitsFor: first });
      await victim.kill();
      const killed = performance.now();
      const heir = await startWorker(log, leaseMs);
      await allDone(2);
      expect(performance.now() - killed).toBeGreaterThan(leaseMs * 0.5);
      await heir.stop();
      expect(lines(log).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
        'begin 1',
        'begin 1',
        'end 1',
        'begin 2',
        'end 2',
      ]);
    });

    test('one that waits says for which, and cannot be run by hand', async () => {
      const first = await enqueue(alone, { i: 1 });
      const second = await enqueue(alone, { i: 2 });
      const held = await claim('w');
      expect(held.map(({ id }) => id)).toEqual([first]);
      expect(await rig.driver.find(first)).toMatchObject({ waitsFor: null });
      expect(await rig.driver.find(second)).toMatchObject({ waitsFor: first });
      expect(await claim('v')).toEqual([]);
      expect(await rig.driver.claimOne(second, { worker: 'v', leaseMs: 1_000 })).toBeNull();
      await rig.driver.complete(held[0] as ClaimedJob);
      expect(await rig.driver.find(second)).toMatchObject({ waitsFor: null });
      expect(await rig.driver.claimOne(second, { worker: 'v', leaseMs: 1_000 })).toMatchObject({ id: second });
    });

    test('a failed run that is tried again later, and one that is put back, let others go first', async () => {
      await enqueue(alone, { i: 1 });
      const second = await enqueue(alone, { i: 2 });
      const [held] = await claim('w');
      await rig.driver.fail(held as ClaimedJob, { error: 'x', retryInMs: 60_000 });
      const next = await until('the other one', 15, async () => (await claim('v'))[0]);
      expect(next.id).toBe(second);
      await rig.driver.release(next);
      const again = await until('it again', 15, async () => (await claim('v'))[0]);
      expect(again.id).toBe(second);
    });

    test('a cancelled run has its turn until its worker must have noticed', { timeout: 30_000 }, async () => {
      const first = await enqueue(alone, { i: 1 });
      const second = await enqueue(alone, { i: 2 });
      const [held] = await claim('w', { leaseMs: 1_500 });
      expect(await rig.driver.cancel(first)).toBe(true);
      expect(await rig.driver.extend([held as ClaimedJob], 60_000)).toEqual(new Set());
      expect(await claim('v')).toEqual([]);
      expect(await rig.driver.retry(first)).toBe(true);
      expect(await rig.driver.claimOne(first, { worker: 'v', leaseMs: 1_000 })).toBeNull();
      await rig.driver.cancel(first);
      const next = await until('the other one', 15, async () => (await claim('v'))[0]);
      expect(next.id).toBe(second);
      expect(await rig.driver.find(first)).toMatchObject({ state: 'failed', error: 'cancelled' });
    });

    test('many claims at once, while more urgent ones come: never two of them', { timeout: 60_000 }, async () => {
      const drivers = [rig.driver, driverOf(await another()), driverOf(await another())];
      let isOver = false;
      let most = 0;
      const watching = (async () => {
        while (!isOver) {
          const [row] = await rig.database.execute(
            "select count(*) as n from core_job where state = 'active' and name = 'alone'",
          );
          most = Math.max(most, Number(row?.n));
          await sleep(2);
        }
      })();
      let ended = 0;
      await Promise.all([
        (async () => {
          for (let i = 0; i < 24; i += 1) await enqueue(alone, { i }, i);
        })(),
        ...Array.from({ length: 6 }, async (_, w) => {
          const deadline = performance.now() + 40_000;
          while (ended < 24 && performance.now() < deadline) {
            const driver = drivers[w % 3] as JobDriver;
            const jobs = await claim(`w${w}`, { driver });
            expect(jobs.length).toBeLessThanOrEqual(1);
            for (const job of jobs) {
              await sleep(3);
              if (await driver.complete(job)) ended += 1;
            }
            if (jobs.length === 0) await sleep(5);
          }
        }),
      ]);
      isOver = true;
      await watching;
      expect(ended).toBe(24);
      expect(most).toBe(1);
    });
  });
});

test('a job that takes turns by its subject says what that is, and no other does', () => {
  const catalog = (job: TestJob) => () => new JobCatalog(jobsOf(job));
  expect(catalog({ id: 'a', exclusive: 'subject' })).toThrow('test.a names a subject');
  expect(catalog({ id: 'a', exclusive: 'cluster', subject: () => 'x' })).toThrow('test.a names a subject');
});
