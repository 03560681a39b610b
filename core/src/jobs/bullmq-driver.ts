import type { JobReportRow, Log } from '@posthorn/sdk';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Database } from '../data/database.js';
import type { Claim, ClaimedJob, JobDriver, JobName, JobRow, JobWish, Lease, NewJob, Progress } from './driver.js';
import { errorText } from './error-text.js';
import { SqlJobDriver, type WaitingJob } from './sql-driver.js';

/** What decides in which of Redis' queues a job waits: whoever does not know it never takes from there. */
interface Place extends JobName {
  readonly queue: string;
}

export interface BullmqOptions {
  readonly data: Database;
  /** `redis://[:password@]host[:port][/number]`, or `rediss://` over TLS. */
  readonly url: string;
  readonly log: Log;
  /** How often the table is searched for jobs that Redis does not know of. Default 5,000. */
  readonly sweepMs?: number;
}

const PREFIX = 'posthorn';
/** Larger is later in BullMQ, from 1 to 2,097,152; ours is the other way around. */
const MIDDLE_PRIORITY = 1_048_576;
/** How long Redis may take to answer. */
const COMMAND_MS = 3_000;
/** How long a process may take from fetching a number to having noted it in the table. */
const FETCH_MS = 10_000;
/** Rows handed over again in one sweep. */
const SWEEP_BATCH = 1_000;
/** A row that is due for so long, and still waits, may have been lost on its way. */
const SWEEP_AFTER_MS = 2_000;
/** After the moment by this machine's clock, so that the database's, which decides, has reached it too. */
const CLOCK_MS = 5;

const idOf = (id: number): string => `job-${id}`;
const nameOf = ({ queue, extension, name }: Place): string => `${queue}/${extension}.${name}`;
const priorityOf = (priority: number): number =>
  Math.min(Math.max(MIDDLE_PRIORITY - priority, 1), 2 * MIDDLE_PRIORITY - 1);

/**
 * Jobs that are handed out by BullMQ. The table `core_job` stays what counts: a job is written there in the caller's
 * transaction, leased there by whoever runs it, and ended there, each fenced by its attempt. Redis carries numbers of
 * jobs that may be due, in their order, so that processes need not search the table. A number may get there twice (the
 * lease is given once) or be lost with Redis or with a killed process (a sweep finds the row and hands it over again).
 */
export class BullmqJobDriver implements JobDriver {
  readonly #sql: SqlJobDriver;
  readonly #o: BullmqOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #workers = new Map<string, Promise<Worker>>();
  readonly #handing = new Set<Promise<void>>();
  #redis: Redis | undefined;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(o: BullmqOptions) {
    this.#o = o;
    this.#sql = new SqlJobDriver(o.data);
  }

  async enqueue(job: NewJob): Promise<number | null> {
    const id = await this.#sql.enqueue(job);
    if (id !== null) this.#o.data.afterCommit(() => this.#handLater({ ids: [id] }));
    return id;
  }

  async claim(wish: Claim): Promise<ClaimedJob[]> {
    if (wish.limit < 1 || wish.queues.length === 0 || wish.known.length === 0) return [];
    // What this process has just enqueued is on its way.
    await Promise.all(this.#handing);
    const now = performance.now();
    if (now - this.#sweptAt >= (this.#o.sweepMs ?? 5_000)) {
      this.#sweptAt = now;
      await this.#sweep(wish);
    }
    const claimed: ClaimedJob[] = [];
    while (claimed.length < wish.limit) {
      const ids = await this.#fetchSome(wish, wish.limit - claimed.length);
      if (ids.length === 0) break;
      const got = await this.#sql.claim({ ...wish, only: ids, limit: ids.length });
      claimed.push(...got);
      // Fetched and not to be had: gone or run already, or not due yet by the clock of the database.
      const held = new Set(got.map(({ id }) => id));
      await this.#handAll(await this.#sql.waiting({ ids: ids.filter((id) => !held.has(id)) }));
    }
    return claimed;
  }

  async complete(lease: Lease, progress?: Progress): Promise<boolean> {
    const isHeld = await this.#sql.complete(lease, progress);
    if (isHeld) this.#handNext(lease);
    return isHeld;
  }

  async fail(lease: Lease, o: Parameters<JobDriver['fail']>[1]): Promise<boolean> {
    const isHeld = await this.#sql.fail(lease, o);
    if (isHeld && o.retryInMs !== null) this.#o.data.afterCommit(() => this.#handLater({ ids: [lease.id] }));
    if (isHeld) this.#handNext(lease);
    return isHeld;
  }

  async release(lease: Lease): Promise<boolean> {
    const isHeld = await this.#sql.release(lease);
    if (isHeld) this.#o.data.afterCommit(() => this.#handLater({ ids: [lease.id] }));
    if (isHeld) this.#handNext(lease);
    return isHeld;
  }

  async retry(id: number): Promise<boolean> {
    const isRetried = await this.#sql.retry(id);
    if (isRetried) this.#o.data.afterCommit(() => this.#handLater({ ids: [id] }));
    return isRetried;
  }

  isPending(job: JobName & { readonly queue: string }): Promise<boolean> {
    return this.#sql.isPending(job);
  }
  claimOne(id: number, o: { readonly worker: string; readonly leaseMs: number }): Promise<ClaimedJob | null> {
    return this.#sql.claimOne(id, o);
  }
  extend(leases: readonly Lease[], leaseMs: number): Promise<ReadonlySet<number>> {
    return this.#sql.extend(leases, leaseMs);
  }
  progress(lease: Lease, progress: Progress): Promise<boolean> {
    return this.#sql.progress(lease, progress);
  }
  report(lease: Lease, rows: readonly JobReportRow[], reported: number): Promise<boolean> {
    return this.#sql.report(lease, rows, reported);
  }
  cancel(id: number): Promise<boolean> {
    return this.#sql.cancel(id);
  }
  reportRows(id: number, o: { readonly after: number; readonly limit: number }) {
    return this.#sql.reportRows(id, o);
  }
  find(id: number): Promise<JobRow | null> {
    return this.#sql.find(id);
  }
  list(o: JobWish): Promise<JobRow[]> {
    return this.#sql.list(o);
  }
  purge(o: { readonly doneMs: number; readonly failedMs: number }): Promise<number> {
    return this.#sql.purge(o);
  }

  async close(): Promise<void> {
    await Promise.all(this.#handing);
    if (this.#redis?.status !== 'ready') {
      this.#redis?.disconnect();
      return;
    }
    const workers = await Promise.allSettled(this.#workers.values());
    await Promise.allSettled([
      ...workers.map((one) => (one.status === 'fulfilled' ? one.value.close(true) : undefined)),
      ...[...this.#queues.values()].map((queue) => queue.close()),
    ]);
    this.#redis?.disconnect();
  }

  /** After the commit nobody waits for Redis: what does not get there is found by a sweep. */
  #handLater(which: { readonly ids: readonly number[] } | { readonly exclusiveKey: string }): void {
    const handing = this.#sql
      .waiting(which)
      .then((rows) => this.#handAll(rows))
      .catch((error: unknown) =>
        this.#o.log.warn(
          { error: errorText(error), ...which },
          'a job was not handed to Redis yet; trying again later',
        ),
      )
      .finally(() => this.#handing.delete(handing));
    this.#handing.add(handing);
  }

  /** Whoever waited for the key of a job that has ended was not handed over before. */
  #handNext({ exclusiveKey }: Lease): void {
    if (exclusiveKey) this.#o.data.afterCommit(() => this.#handLater({ exclusiveKey }));
  }

  async #handAll(rows: readonly WaitingJob[]): Promise<void> {
    const places = Map.groupBy(rows, nameOf);
    for (const [name, waiting] of places) {
      const queue = await this.#queue(name);
      await queue.addBulk(
        waiting.map(({ id, priority, dueInMs }) => ({
          name: 'due',
          data: null,
          opts: {
            jobId: idOf(id),
            priority: priorityOf(priority),
            delay: dueInMs <= 0 ? 0 : dueInMs + CLOCK_MS,
            removeOnComplete: true,
            removeOnFail: true,
          },
        })),
      );
      // A number that waits for a later moment than it should is not moved by being added again.
      for (const { id, dueInMs } of waiting) if (dueInMs <= 0) await this.#hurry(queue, id);
    }
  }

  async #hurry(queue: Queue, id: number): Promise<void> {
    const job = await queue.getJob(idOf(id));
    if (job !== undefined && (await job.isDelayed())) await job.promote().catch(() => {});
  }

  async #sweep(wish: Claim): Promise<void> {
    await this.#handAll(await this.#sql.waiting({ ids: await this.#sql.freeLapsed(wish.queues) }));
    await this.#handAll(
      await this.#sql.waiting({ queues: wish.queues, dueSinceMs: SWEEP_AFTER_MS, limit: SWEEP_BATCH }),
    );
  }

  async #fetchSome(wish: Claim, limit: number): Promise<readonly number[]> {
    const places = wish.queues.flatMap((queue) =>
      wish.known.map(({ extension, name }) => ({ queue, extension, name })),
    );
    // Another one first each time, or a busy kind of job would keep the rest waiting.
    const turn = Math.floor(Math.random() * places.length);
    const ids = new Set<number>();
    for (const place of [...places.slice(turn), ...places.slice(0, turn)]) {
      while (ids.size < limit) {
        const id = await this.#fetch(place, wish.worker);
        if (id === undefined) break;
        ids.add(id);
      }
    }
    return [...ids];
  }

  /** The number of a job that may be due. It leaves Redis at once: from here on the lease in the table counts. */
  async #fetch(place: Place, token: string): Promise<number | undefined> {
    const worker = await this.#worker(nameOf(place));
    const job = await worker.getNextJob(token, { block: false });
    if (job === undefined) return undefined;
    await job.moveToCompleted(null, token, false);
    return Number(String(job.id).slice(idOf(0).length - 1));
  }

  /** The connection that queues and workers share. Throws where Redis does not answer in time; it is tried again. */
  async #connection(): Promise<Redis> {
    if (this.#redis === undefined) {
      this.#redis = new Redis(this.#o.url, { maxRetriesPerRequest: null, commandTimeout: COMMAND_MS });
      // Told by whatever was to be done; without a listener it would end the process.
      this.#redis.on('error', () => {});
    }
    if (this.#redis.status !== 'ready') await this.#redis.ping();
    return this.#redis;
  }

  async #queue(name: string): Promise<Queue> {
    const connection = await this.#connection();
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new Queue(name, { connection, prefix: PREFIX, skipMetasUpdate: true });
      queue.on('error', () => {});
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #worker(name: string): Promise<Worker> {
    let worker = this.#workers.get(name);
    if (worker === undefined) {
      worker = this.#startWorker(name);
      worker.catch(() => this.#workers.delete(name));
      this.#workers.set(name, worker);
    }
    return worker;
  }

  async #startWorker(name: string): Promise<Worker> {
    const worker = new Worker(name, null, {
      connection: await this.#connection(),
      prefix: PREFIX,
      autorun: false,
      lockDuration: FETCH_MS,
      stalledInterval: FETCH_MS / 2,
      // A number whose fetcher died is fetched again, however often.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    worker.on('error', () => {});
    await worker.startStalledCheckTimer();
    return worker;
  }
}
