import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandContext, JobStarter, PrintableRow } from '@posthorn/sdk';
import { isProblem } from '@posthorn/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../core/src/data/database.js';
import { jobCommands } from '../../core/src/jobs/commands.js';
import type { ClaimedJob, JobDriver, JobRow } from '../../core/src/jobs/driver.js';
import { JobCatalog } from '../../core/src/jobs/job-catalog.js';
import { JobQueueService } from '../../core/src/jobs/queue-service.js';
import { JobSchedule } from '../../core/src/jobs/schedule.js';
import { running } from '../../core/src/watch/attribution.js';
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
  silent,
  states,
  Worker,
} from './rig.js';
import { runInTwoProcesses } from './two-processes.js';

describe.each(engines)('jobs on %s', (engine) => {
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

    const another = async (): Promise<Database> => {
      const database = await rig.open();
      others.push(database);
      return database;
    };
    const start = (...args: Parameters<typeof makeRunner>) => {
      const made = makeRunner(...args);
      made.runner.start();
      cleanup.push(() => made.runner.stop({ graceMs: 0 }));
      return made;
    };
    const startWorker = async (...args: Parameters<typeof Worker.start>) => {
      const worker = await Worker.start(...args);
      cleanup.push(() => worker.stop());
      return worker;
    };
    const enqueue = async (
      name: string,
      o: { payload?: unknown; uniqueKey?: string; runAt?: Date; priority?: number; by?: JobStarter } = {},
    ) => {
      const { payload = null, priority = 0, ...rest } = o;
      return rig.driver.enqueue({
        extension: 'test',
        name,
        queue: 'default',
        payload: JSON.stringify(payload),
        priority,
        ...rest,
      });
    };
    const mustEnqueue = async (...args: Parameters<typeof enqueue>): Promise<number> => {
      const id = await enqueue(...args);
      if (id === null) throw new Error('the key is taken');
      return id;
    };
    const row = async (id: number): Promise<JobRow> => {
      const found = await rig.driver.find(id);
      if (found === null) throw new Error(`no job ${id}`);
      return found;
    };
    const ended = (id: number, state: 'done' | 'failed'): Promise<JobRow> =>
      until(`job ${id} to be ${state}`, 15, async () => {
        const found = await row(id);
        return found.state === state ? found : undefined;
      });
    const claim = (
      worker: string,
      o: { limit?: number; leaseMs?: number; driver?: JobDriver } = {},
    ): Promise<ClaimedJob[]> =>
      (o.driver ?? rig.driver).claim({
        worker,
        queues: ['default'],
        known: [{ extension: 'test', name: 'a' }],
        limit: o.limit ?? 1,
        leaseMs: o.leaseMs ?? 30_000,
      });

    describe('driver', () => {
      test('stores and shows what was enqueued', async () => {
        const runAt = new Date(Date.now() + 3_600_000);
        const before = Date.now();
        const id = await mustEnqueue('a', { payload: { text: `it's a \\ "test" ? 🦊\u0000` }, runAt, priority: -3 });
        expect(await row(id)).toEqual({
          id,
          extension: 'test',
          name: 'a',
          queue: 'default',
          state: 'ready',
          priority: -3,
          attempts: 0,
          runAt,
          done: 0,
          total: null,
          error: null,
          waitsFor: null,
          startedBy: undefined,
          reported: 0,
          createdAt: expect.any(Date),
          finishedAt: null,
        });
        expect(Math.abs((await row(id)).createdAt.getTime() - before)).toBeLessThan(5_000);
        const [claimed] = await claim('w');
        expect(claimed).toBeUndefined();
        const one = await rig.driver.claimOne(id, { worker: 'w', leaseMs: 1000 });
        expect(JSON.parse(one?.payload ?? '')).toEqual({ text: `it's a \\ "test" ? 🦊\u0000` });
      });

      test('takes the larger priority first, then the older time', async () => {
        const early = new Date(Date.now() - 60_000);
        const late = await mustEnqueue('a', { runAt: new Date(Date.now() - 1_000) });
        const first = await mustEnqueue('a', { runAt: early });
        const urgent = await mustEnqueue('a', { priority: 1 });
        await mustEnqueue('unknown', { priority: 9 });
        const ids = (await claim('w', { limit: 5 })).map((job) => job.id);
        expect(ids).toEqual([urgent, first, late]);
        expect(await states(rig)).toEqual({ ready: 1, active: 3 });
      });

      test('belongs to the transaction that enqueues', async () => {
        let id: number | null = null;
        await expect(
          rig.database.write(async () => {
            id = await enqueue('a', { uniqueKey: 'k' });
            throw new Error('taken back');
          }),
        ).rejects.toThrow('taken back');
        expect(id).not.toBeNull();
        expect(await states(rig)).toEqual({});
        const other = driverOf(await another());
        await rig.database.write(async () => {
          id = await enqueue('a', { uniqueKey: 'k' });
          expect(id).not.toBeNull();
          // another process does not see it yet; on SQLite it cannot write now, so it only looks
          expect(await other.list({ limit: 10 })).toEqual([]);
        });
        expect(await other.list({ limit: 10 })).toHaveLength(1);
      });

      test('a unique key is taken while the job waits or runs, and free afterwards', async () => {
        const first = await mustEnqueue('a', { uniqueKey: 'Same' });
        expect(await enqueue('a', { uniqueKey: 'Same' })).toBeNull();
        expect(await enqueue('a', { uniqueKey: 'same' })).not.toBeNull();
        const [one] = await claim('w');
        expect(one?.id).toBe(first);
        expect(await enqueue('a', { uniqueKey: 'Same' })).toBeNull();
        await rig.driver.fail(one as ClaimedJob, { error: 'x', retryInMs: 60_000 });
        expect(await enqueue('a', { uniqueKey: 'Same' })).toBeNull();
        const again = await rig.driver.claimOne(first, { worker: 'w', leaseMs: 1000 });
        expect(await rig.driver.complete(again as ClaimedJob)).toBe(true);
        const second = await mustEnqueue('a', { uniqueKey: 'Same' });
        const held = await rig.driver.claimOne(second, { worker: 'w', leaseMs: 1000 });
        await rig.driver.fail(held as ClaimedJob, { error: 'x', retryInMs: null });
        expect(await enqueue('a', { uniqueKey: 'Same' })).not.toBeNull();
      });

      test('of twenty that enqueue the same key at once, one succeeds', async () => {
        const drivers = [rig.driver, driverOf(await another()), driverOf(await another())];
        const results = await Promise.all(
          Array.from({ length: 21 }, (_, i) =>
            (drivers[i % 3] as JobDriver).enqueue({
              extension: 'test',
              name: 'a',
              queue: 'default',
              payload: '1',
              priority: 0,
              uniqueKey: 'one',
            }),
          ),
        );
        expect(results.filter((id) => id !== null)).toHaveLength(1);
        expect(await states(rig)).toEqual({ ready: 1 });
      });

      test('a worker that lost its lease changes nothing', async () => {
        const id = await mustEnqueue('a');
        const [old] = await claim('old', { leaseMs: 50 });
        await sleep(80);
        const [fresh] = await claim('fresh');
        expect(fresh).toMatchObject({ id, attempt: 2 });
        const late = old as ClaimedJob;
        expect(await rig.driver.progress(late, { done: 5, total: 9 })).toBe(false);
        expect(await rig.driver.complete(late, { done: 5, total: 9 })).toBe(false);
        expect(await rig.driver.fail(late, { error: 'late', retryInMs: null })).toBe(false);
        expect(await rig.driver.fail(late, { error: 'late', retryInMs: 1 })).toBe(false);
        expect(await rig.driver.release(late)).toBe(false);
        expect(await rig.driver.extend([late], 1000)).toEqual(new Set());
        // the same worker with an older attempt has no right either
        expect(await rig.driver.complete({ ...(fresh as ClaimedJob), attempt: 1 })).toBe(false);
        expect(await row(id)).toMatchObject({ state: 'active', attempts: 2, done: 0, total: null });
        expect(await rig.driver.extend([fresh as ClaimedJob, late], 1000)).toEqual(new Set([id]));
        expect(await rig.driver.complete(fresh as ClaimedJob, { done: 1, total: 1 })).toBe(true);
        expect(await rig.driver.complete(fresh as ClaimedJob)).toBe(false);
        expect(await row(id)).toMatchObject({
          state: 'done',
          done: 1,
          total: 1,
          error: null,
          finishedAt: expect.any(Date),
        });
      });

      test('a renewed lease does not run out', async () => {
        const id = await mustEnqueue('a');
        const held = await claim('w', { leaseMs: 300 });
        for (let i = 0; i < 4; i += 1) {
          await sleep(150);
          expect(await rig.driver.extend(held, 300)).toEqual(new Set([id]));
          expect(await claim('other')).toEqual([]);
        }
      });

      test('many claims at once: no job is given away twice', async () => {
        await enqueueMany(rig, 'a', 120);
        const drivers = [rig.driver, driverOf(await another()), driverOf(await another())];
        const got: number[] = [];
        await Promise.all(
          Array.from({ length: 12 }, async (_, i) => {
            for (;;) {
              const jobs = await claim(`w${i}`, { limit: 3, driver: drivers[i % 3] as JobDriver });
              if (jobs.length === 0) return;
              got.push(...jobs.map((job) => job.id));
            }
          }),
        );
        expect(new Set(got).size).toBe(got.length);
        // one that found everything locked may have left early; nothing is lost though
        for (
          let jobs = await claim('last', { limit: 50 });
          jobs.length > 0;
          jobs = await claim('last', { limit: 50 })
        ) {
          got.push(...jobs.map((job) => job.id));
        }
        expect(got.length).toBe(120);
        expect(new Set(got).size).toBe(120);
      });

      test('release, cancel and one by its id', async () => {
        const id = await mustEnqueue('a');
        const [held] = await claim('w');
        expect(await rig.driver.claimOne(id, { worker: 'x', leaseMs: 1000 })).toBeNull();
        expect(await rig.driver.release(held as ClaimedJob)).toBe(true);
        expect(await row(id)).toMatchObject({ state: 'ready', attempts: 0 });
        const [again] = await claim('w');
        expect(again).toMatchObject({ id, attempt: 1 });
        expect(await rig.driver.cancel(id)).toBe(true);
        expect(await rig.driver.cancel(id)).toBe(false);
        expect(await row(id)).toMatchObject({ state: 'failed', error: 'cancelled' });
        expect(await rig.driver.extend([again as ClaimedJob], 1000)).toEqual(new Set());
        expect(await rig.driver.claimOne(id, { worker: 'x', leaseMs: 1000 })).toMatchObject({ id, attempt: 1 });
        expect(await row(id)).toMatchObject({ state: 'active', finishedAt: null });
        expect(await rig.driver.claimOne(999_999, { worker: 'x', leaseMs: 1000 })).toBeNull();
      });

      test('purge forgets what ended long ago', async () => {
        const done = await mustEnqueue('a');
        const failed = await mustEnqueue('a');
        await mustEnqueue('a');
        const [one, two] = await claim('w', { limit: 2 });
        await rig.driver.complete(one as ClaimedJob);
        await rig.driver.fail(two as ClaimedJob, { error: 'x', retryInMs: null });
        expect(await rig.driver.purge({ doneMs: 60_000, failedMs: 60_000 })).toBe(0);
        expect(await rig.driver.purge({ doneMs: -60_000, failedMs: 60_000 })).toBe(1);
        expect(await rig.driver.find(done)).toBeNull();
        expect(await rig.driver.purge({ doneMs: -60_000, failedMs: -60_000 })).toBe(1);
        expect(await rig.driver.find(failed)).toBeNull();
        expect(await states(rig)).toEqual({ ready: 1 });
      });

      test('refuses what would not fit', async () => {
        await expect(enqueue('a', { payload: 'x'.repeat(65_535) })).rejects.toThrow(RangeError);
        expect(await enqueue('a', { payload: 'x'.repeat(65_534) })).not.toBeNull();
        await expect(enqueue('a', { priority: 0.5 })).rejects.toThrow(RangeError);
        await expect(enqueue('a', { runAt: new Date(Number.NaN) })).rejects.toThrow(RangeError);
        await expect(claim('w'.repeat(37))).rejects.toThrow(RangeError);
      });
    });

    describe('queue service', () => {
      const jobs = jobsOf({ id: 'a', queue: 'special' });

      test('names jobs in full and wakes a runner after the commit', async () => {
        let woken = 0;
        const queue = new JobQueueService({
          driver: rig.driver,
          jobs: () => new JobCatalog(jobs),
          afterCommit: (task) => rig.database.afterCommit(task),
          wake: () => {
            woken += 1;
          },
        });
        await rig.database.write(async () => {
          expect(await queue.enqueue('test.a', { x: 1 }, { uniqueKey: 'k', priority: 2 })).not.toBeNull();
          expect(await queue.enqueue('test.a', { x: 1 }, { uniqueKey: 'k' })).toBeNull();
          expect(woken).toBe(0);
        });
        expect(woken).toBe(1);
        const id = (await queue.enqueue('test.a', undefined)) as number;
        expect(await row(id)).toMatchObject({ extension: 'test', name: 'a', queue: 'special', priority: 0 });
        const error = await queue.enqueue('test.b', 1).catch((thrown: unknown) => thrown);
        expect(isProblem(error) && error.code).toBe('E_JOB_UNKNOWN');
      });
    });

    describe('runner', () => {
      test('hands over payload, attempt, attribution and a live progress', async () => {
        const id = await mustEnqueue('a', { payload: { x: [1] } });
        const seen: unknown[] = [];
        const gate = Promise.withResolvers<void>();
        const jobs = jobsOf({
          id: 'a',
          async run(payload, context) {
            seen.push(payload, context.attempt, context.extension, context.signal.aborted, running.getStore()?.at);
            // inside its own transaction, where waiting for the job's row would be waiting for itself
            await context.data.write(async () => {
              await context.progress(1, 7);
              await context.progress(2.5, 7);
            });
            await gate.promise;
            await context.progress(7, 7);
          },
        });
        start(rig.database, jobs);
        await until('the progress to be seen', 10, async () => (await row(id)).done === 2);
        expect(await row(id)).toMatchObject({ state: 'active', total: 7, attempts: 1 });
        gate.resolve();
        expect(await ended(id, 'done')).toMatchObject({ done: 7, total: 7, error: null });
        expect(seen).toEqual([{ x: [1] }, 1, 'test', false, 'job:a']);
      });

      test('tries again with pauses, then gives up with the first line of the error', async () => {
        const times: number[] = [];
        const jobs = jobsOf({
          id: 'a',
          retries: 2,
          async run(_payload, { attempt }) {
            times.push(performance.now());
            throw new Error(`no luck ${attempt}\n    at secret stack`);
          },
        });
        const id = await mustEnqueue('a', { uniqueKey: 'k' });
        const { reported } = start(rig.database, jobs, { retryDelay: (attempt) => attempt * 300 });
        await until('the first failure', 10, async () => (await row(id)).error === 'no luck 1');
        expect(await ended(id, 'failed')).toMatchObject({ attempts: 3, error: 'no luck 3' });
        expect(times).toHaveLength(3);
        const [one = 0, two = 0, three = 0] = times;
        // the engine's clock counts whole milliseconds
        expect(two - one).toBeGreaterThan(290);
        expect(three - two).toBeGreaterThan(590);
        expect(reported.map((error) => error.message)).toEqual(
          expect.arrayContaining(['test: job:a: no luck 1\n    at secret stack']),
        );
        expect(reported).toHaveLength(3);
      });

      test('a job that works at its second attempt is done', async () => {
        const jobs = jobsOf({
          id: 'a',
          async run(_payload, { attempt }) {
            if (attempt === 1) throw new Error('not yet');
          },
        });
        const id = await mustEnqueue('a');
        start(rig.database, jobs, { retryDelay: () => 10 });
        expect(await ended(id, 'done')).toMatchObject({ attempts: 2, error: null });
      });

      test('without retries the first failure is the last', async () => {
        const id = await mustEnqueue('a');
        start(rig.database, jobsOf({ id: 'a', retries: 0, run: () => Promise.reject('just text') }));
        expect(await ended(id, 'failed')).toMatchObject({ attempts: 1, error: 'just text' });
      });

      test('a job that ignores its deadline is abandoned and its late result ignored', async () => {
        const gate = Promise.withResolvers<void>();
        let aborted: unknown;
        const jobs = jobsOf(
          {
            id: 'deaf',
            timeoutMs: 100,
            retries: 0,
            async run(_payload, { signal }) {
              signal.addEventListener('abort', () => {
                aborted = signal.reason;
              });
              await gate.promise;
            },
          },
          {
            id: 'polite',
            timeoutMs: 100,
            retries: 0,
            run: (_payload, { signal }) => sleep(60_000, undefined, { signal }),
          },
        );
        const deaf = await mustEnqueue('deaf');
        const polite = await mustEnqueue('polite');
        const { runner } = start(rig.database, jobs, { deadlineGraceMs: 300 });
        expect((await ended(polite, 'failed')).error).toBe('it took longer than 100 ms');
        expect((await ended(deaf, 'failed')).error).toBe('it took longer than 100 ms and was abandoned');
        expect(aborted).toBeInstanceOf(Error);
        await until('the runner to be free', 5, () => runner.busy === 0);
        gate.resolve();
        await sleep(50);
        expect((await row(deaf)).state).toBe('failed');
      });

      test('keeps its lease while it runs, and lets go when cancelled', async () => {
        const id = await mustEnqueue('a');
        let runs = 0;
        const jobs = jobsOf({
          id: 'a',
          async run(_payload, { signal }) {
            runs += 1;
            await sleep(60_000, undefined, { signal });
          },
        });
        const { runner } = start(rig.database, jobs, { leaseMs: 600 });
        const second = start(await another(), jobs, { leaseMs: 600 });
        await sleep(1_500);
        expect(runs).toBe(1);
        expect(runner.busy + second.runner.busy).toBe(1);
        expect(await rig.driver.cancel(id)).toBe(true);
        await until('the job to be aborted', 5, () => runner.busy + second.runner.busy === 0);
        expect(await row(id)).toMatchObject({ state: 'failed', error: 'cancelled', attempts: 1 });
      });

      test('stop waits for what ends in time and puts the rest back', async () => {
        const short = await mustEnqueue('short');
        const long = await mustEnqueue('long');
        const deaf = await mustEnqueue('deaf');
        const later = await mustEnqueue('later');
        const jobs = jobsOf(
          { id: 'short', run: () => sleep(200) },
          { id: 'long', run: (_payload, { signal }) => sleep(60_000, undefined, { signal }) },
          {
            id: 'deaf',
            run: () => sleep(60_000, undefined, { ref: false }),
          },
          { id: 'later' },
        );
        const { runner } = start(rig.database, jobs, { concurrency: 3 });
        await until('three to run', 5, () => runner.busy === 3);
        await runner.stop({ graceMs: 600 });
        expect(runner.busy).toBe(0);
        expect((await row(short)).state).toBe('done');
        // as if they had not been claimed
        for (const id of [long, deaf])
          expect(await row(id)).toMatchObject({ state: 'ready', attempts: 0, error: null });
        expect((await row(later)).attempts).toBeLessThanOrEqual(1);
      });

      test('stop while jobs stream in leaves nothing active', async () => {
        await enqueueMany(rig, 'a', 100);
        const { runner } = start(rig.database, jobsOf({ id: 'a', run: () => sleep(5) }));
        await until('some to be done', 10, async () => ((await states(rig)).done ?? 0) > 5, 1);
        await runner.stop();
        const { done = 0, ready = 0, active = 0 } = await states(rig);
        expect(active).toBe(0);
        expect(done + ready).toBe(100);
      });

      test('a job that ends its worker again and again is given up', async () => {
        const id = await mustEnqueue('a');
        for (let i = 0; i < 4; i += 1) {
          expect(await claim(`dead${i}`, { leaseMs: 1 })).toHaveLength(1);
          await sleep(20);
        }
        let runs = 0;
        const jobs = jobsOf({
          id: 'a',
          retries: 0,
          async run() {
            runs += 1;
          },
        });
        start(rig.database, jobs);
        expect((await ended(id, 'failed')).error).toBe('its worker ended before it did, 4 times');
        expect(runs).toBe(0);
      });

      test('claims only what it knows, of its queues', async () => {
        const known = await mustEnqueue('a');
        const unknown = await mustEnqueue('b');
        const elsewhere = await rig.driver.enqueue({
          extension: 'test',
          name: 'a',
          queue: 'special',
          payload: '1',
          priority: 0,
        });
        const foreign = await rig.driver.enqueue({
          extension: 'other',
          name: 'a',
          queue: 'default',
          payload: '1',
          priority: 0,
        });
        start(rig.database, jobsOf({ id: 'a' }));
        await ended(known, 'done');
        await sleep(150);
        for (const id of [unknown, elsewhere, foreign]) expect((await row(id as number)).state).toBe('ready');
      });
    });

    describe('schedule', () => {
      test('two schedulers make one job for each time, and none while the last one waits', async () => {
        const every = 250;
        const next = (_cron: string, after: Date) => new Date((Math.floor(after.getTime() / every) + 1) * every);
        const jobs = jobsOf({ id: 'tick', cron: '* * * * *' });
        const databases = [rig.database, await another(), await another()];
        // clocks that differ by less than a period
        const schedules = databases.map(
          (database, i) =>
            new JobSchedule({
              driver: driverOf(database),
              jobs,
              log: silent,
              next,
              clock: () => new Date(Date.now() + i * 40),
            }),
        );
        const { runner } = start(rig.database, jobs);
        const begun = Date.now();
        for (const schedule of schedules) schedule.start();
        await until('eight times', 30, async () => (await rig.driver.list({ limit: 100 })).length >= 8 || undefined);
        await Promise.all(schedules.map((schedule) => schedule.stop()));
        const passed = (Date.now() - begun) / every;
        const all = await until('all to be done', 30, async () => {
          const list = await rig.driver.list({ limit: 100 });
          return list.every((job) => job.state === 'done') ? list : undefined;
        });
        const times = all.map((job) => job.runAt.getTime());
        expect(new Set(times).size).toBe(times.length);
        expect(times.every((time) => time % every === 0)).toBe(true);
        expect(times.length).toBeLessThanOrEqual(passed + 2);

        await runner.stop();
        const idle = new JobSchedule({ driver: rig.driver, jobs, log: silent, next });
        idle.start();
        await sleep(1_200);
        await idle.stop();
        expect((await states(rig)).ready).toBe(1);
      });

      test('two processes with a schedule run every time once', async () => {
        const log = emptyLog(rig, 'ticks.log');
        const workers = await Promise.all([
          startWorker(rig, log, { schedule: 400 }),
          startWorker(rig, log, { schedule: 400 }),
        ]);
        await sleep(3_000);
        await Promise.all(workers.map((worker) => worker.stop()));
        const all = await rig.driver.list({ limit: 100 });
        const done = all.filter((job) => job.state === 'done');
        expect(lines(log)).toHaveLength(done.length);
        expect(new Set(all.map((job) => job.runAt.getTime())).size).toBe(all.length);
        expect(done.length).toBeGreaterThanOrEqual(4);
        expect(done.every((job) => job.attempts === 1)).toBe(true);
      });
    });

    describe('processes', () => {
      test('two processes, 800 jobs: none lost, none twice', { timeout: 180_000 }, async () => {
        await runInTwoProcesses(rig, 800, 150);
      });

      test('kill -9 of one: its jobs run again after the lease, by another', { timeout: 60_000 }, async () => {
        const leaseMs = 2_000;
        const log = emptyLog(rig, 'slow.log');
        const victim = await startWorker(rig, log, { leaseMs });
        await enqueueMany(rig, 'slow', 3);
        await until('three to run', 15, () => lines(log).length === 3);
        await victim.kill();
        const killed = performance.now();
        expect(await states(rig)).toEqual({ active: 3 });
        const heir = await startWorker(rig, log, { leaseMs });
        await until('them to be done', 20, async () => (await states(rig)).done === 3);
        expect(performance.now() - killed).toBeGreaterThan(leaseMs * 0.7);
        await heir.stop();
        expect(lines(log).sort()).toEqual(['0 1', '0 2', '1 1', '1 2', '2 1', '2 2']);
      });

      test('kill -9 in the middle of much work: all of it is done, at most what was held twice', {
        timeout: 120_000,
      }, async () => {
        const count = 600;
        const log = emptyLog(rig, 'brief.log');
        await enqueueMany(rig, 'brief', count);
        const [victim, heir] = await Promise.all([
          startWorker(rig, log, { leaseMs: 1_500 }),
          startWorker(rig, log, { leaseMs: 1_500 }),
        ]);
        await until('a third to be done', 60, () => lines(log).length > count / 3, 5);
        await victim.kill();
        await until('all to be done', 60, async () => (await states(rig)).done === count);
        await heir.stop();
        const ran = lines(log);
        expect(new Set(ran).size).toBe(count);
        expect(ran.length - count).toBeLessThanOrEqual(4);
      });
    });

    describe('commands', () => {
      const jobs = jobsOf(
        { id: 'good' },
        { id: 'bad', queue: 'special', run: () => Promise.reject(new Error('broken')) },
        { id: 'slow', run: (_payload, { signal }) => sleep(60_000, undefined, { signal }) },
      );
      const act = async (
        verb: 'list' | 'run' | 'retry' | 'cancel' | 'report',
        input: Readonly<Record<string, unknown>>,
        signal = new AbortController().signal,
      ) => {
        const found = jobCommands({
          driver: () => rig.driver,
          runner: ({ queues }) => makeRunner(rig.database, jobs, { queues }).runner,
          jobs: () => jobs,
        }).map((contribution) => contribution.item as Command);
        const rows: PrintableRow[] = [];
        let exitCode = 0;
        const context = {
          signal,
          out: {
            list: async (all: AsyncIterable<PrintableRow> | Iterable<PrintableRow>) => {
              for await (const one of all) rows.push(one);
            },
            note: () => {},
          },
          setExitCode: (code: number) => {
            exitCode = code;
          },
        } as unknown as CommandContext;
        const chosen = found.find((command) => command.noun === 'jobs' && command.verb === verb) as Command;
        await chosen.run(input, context);
        return { rows, exitCode };
      };

      test('jobs list', async () => {
        const id = await mustEnqueue('good');
        await mustEnqueue('good', { runAt: new Date(Date.UTC(2035, 0, 1)) });
        await act('run', {});
        const { rows } = await act('list', { state: 'done', limit: 10 });
        expect(rows).toEqual([
          {
            id,
            job: 'test.good',
            queue: 'default',
            state: 'done',
            attempts: 1,
            run_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
            done: 0,
            total: null,
            error: null,
            waits_for: null,
            started_by: null,
            reported: 0,
            created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
            finished_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          },
        ]);
        const all = await act('list', { limit: 1 });
        expect(all.rows).toMatchObject([{ state: 'ready', run_at: '2035-01-01T00:00:00.000Z', finished_at: null }]);
      });

      test('jobs retry, cancel and report', async () => {
        const id = await mustEnqueue('bad', { payload: 1 });
        expect((await act('cancel', { id })).exitCode).toBe(0);
        expect(await row(id)).toMatchObject({ state: 'failed', error: 'cancelled' });
        await expect(act('cancel', { id })).rejects.toMatchObject({ code: 'E_JOB_ENDED' });
        await act('retry', { id });
        expect(await row(id)).toMatchObject({ state: 'ready', attempts: 0, error: null, finishedAt: null });
        await expect(act('retry', { id })).rejects.toMatchObject({ code: 'E_JOB_NOT_FAILED' });
        for (const verb of ['retry', 'cancel', 'report'] as const) {
          await expect(act(verb, { id: 2_000_000_000 })).rejects.toMatchObject({ code: 'E_JOB_NOT_FOUND' });
        }
        const off = await mustEnqueue('unknown');
        await act('cancel', { id: off });
        await expect(act('retry', { id: off })).rejects.toMatchObject({ code: 'E_JOB_OFF' });
        const lease = await rig.driver.claimOne(id, { worker: 'w', leaseMs: 60_000 });
        if (lease === null) throw new Error('it was not to be had');
        const rows = [
          { subject: 'a', text: 'one' },
          { subject: 'b', text: { extension: 'x', key: 'No {{what}}', args: { what: 'way' } } },
        ];
        expect(await rig.driver.report(lease, rows, 0)).toBe(true);
        expect((await act('report', { id })).rows).toEqual([
          { subject: 'a', message: 'one' },
          { subject: 'b', message: 'No way' },
        ]);
        expect(await rig.driver.report({ ...lease, worker: 'other' }, rows, 2)).toBe(false);
        await rig.driver.release(lease);
        const next = await rig.driver.claimOne(id, { worker: 'v', leaseMs: 60_000 });
        if (next === null) throw new Error('it was not to be had again');
        expect((await act('report', { id })).rows).toEqual([]);
        await rig.driver.report(next, rows.slice(1), 0);
        expect((await act('report', { id })).rows).toHaveLength(1);
        expect(await row(id)).toMatchObject({ reported: 1 });
        await rig.driver.complete(next);
        await rig.driver.purge({ doneMs: -60_000, failedMs: -60_000 });
        expect(await rig.database.execute('select id from core_job_report')).toEqual([]);
      });

      test('tells who started a job to the job itself', async () => {
        const by = { id: 7, username: 'anna@example.test' };
        const id = await mustEnqueue('a', { by });
        expect((await row(id)).startedBy).toEqual(by);
        expect((await claim('w'))[0]?.startedBy).toEqual(by);
      });

      test('jobs run runs what is due and exits with 1 if one failed', async () => {
        const none = await act('run', {});
        expect(none).toEqual({ rows: [], exitCode: 0 });
        for (let i = 0; i < 9; i += 1) await mustEnqueue('good');
        const good = await act('run', {});
        expect(good.rows).toHaveLength(9);
        expect(good.exitCode).toBe(0);
        const id = (await rig.driver.enqueue({
          extension: 'test',
          name: 'bad',
          queue: 'special',
          payload: '1',
          priority: 0,
        })) as number;
        expect((await act('run', { queue: ['default'] })).rows).toEqual([]);
        expect(await act('run', {})).toEqual({
          rows: [{ id, job: 'test.bad', outcome: 'retry', attempts: 1, error: 'broken' }],
          exitCode: 1,
        });
      });

      test('jobs run ID runs that one, even if it is not due', async () => {
        const other = await mustEnqueue('good');
        const id = await mustEnqueue('good', { runAt: new Date(Date.UTC(2035, 0, 1)) });
        expect((await act('run', { id })).rows).toEqual([
          { id, job: 'test.good', outcome: 'done', attempts: 1, error: null },
        ]);
        expect((await row(other)).state).toBe('ready');
        const code = (given: number) =>
          act('run', { id: given }).then(
            () => 'none',
            (error: unknown) => (isProblem(error) ? error.code : String(error)),
          );
        expect(await code(id)).toBe('E_USAGE');
        expect(await code(999_999)).toBe('E_JOB_NOT_FOUND');
        expect(await code(await mustEnqueue('unknown'))).toBe('E_JOB_UNKNOWN');
      });

      test('Ctrl C puts back what runs', async () => {
        const id = await mustEnqueue('slow');
        const controller = new AbortController();
        const run = act('run', {}, controller.signal);
        await until('it to run', 5, async () => (await row(id)).state === 'active');
        controller.abort();
        expect((await run).rows).toEqual([{ id, job: 'test.slow', outcome: 'stopped', attempts: 1, error: null }]);
        expect(await row(id)).toMatchObject({ state: 'ready', attempts: 0 });
      });
    });
  });
});
