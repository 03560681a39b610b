import type { Contributed, Job, Log } from '@posthorn/sdk';
import { Cron } from 'croner';
import type { JobDriver } from './driver.js';
import { errorText } from './error-text.js';
import { JobCatalog, type KnownJob } from './job-catalog.js';
import { exclusiveKey } from './unique-key.js';

/** The first time after `after` that a cron expression of five fields names, in UTC; null where there is none. */
export type NextTime = (cron: string, after: Date) => Date | null;

export const nextTime: NextTime = (cron, after) =>
  new Cron(cron, { mode: '5-part', timezone: 'UTC', paused: true }).nextRun(after);

export interface JobScheduleOptions {
  readonly driver: JobDriver;
  readonly jobs: readonly Contributed<Job>[];
  readonly log: Log;
  /** Called when a job was enqueued, to wake a runner in this process. */
  readonly wake?: () => void;
  readonly clock?: () => Date;
  readonly next?: NextTime;
}

/** Looks at the clock at least this often: it may be set while we wait. */
const LONGEST_WAIT_MS = 600_000;
const RETRY_MS = 5_000;

/**
 * Enqueues jobs at their times. Any number of processes may do so: the key holds the time, so each time makes one job,
 * and the job waits for that time on the database's clock, so a clock that is fast does no harm. A time is left out
 * while the same job's previous time still waits or runs, and times at which no process was there are not made up for.
 */
export class JobSchedule implements AsyncDisposable {
  readonly #o: JobScheduleOptions;
  readonly #jobs: readonly KnownJob[];
  readonly #clock: () => Date;
  readonly #next: NextTime;
  readonly #timers = new Map<KnownJob, NodeJS.Timeout>();
  readonly #writing = new Set<Promise<void>>();
  #isRunning = false;

  /** One extension's unreadable expression must not keep the others' jobs from running: it is logged and left out. */
  constructor(o: JobScheduleOptions) {
    this.#o = o;
    this.#clock = o.clock ?? (() => new Date());
    this.#next = o.next ?? nextTime;
    this.#jobs = [...new JobCatalog(o.jobs)].filter((known) => this.#isReadable(known));
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (const known of this.#jobs) this.#plan(known, this.#clock());
  }

  /** Sets no more timers and waits for what is being written. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#writing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #isReadable({ job, fullName }: KnownJob): boolean {
    if (job.cron === undefined) return false;
    try {
      this.#next(job.cron, this.#clock());
      return true;
    } catch (error) {
      this.#o.log.error(
        { job: fullName, cron: job.cron, error: errorText(error) },
        'a job will never run by itself: its cron expression cannot be read',
      );
      return false;
    }
  }

  #plan(known: KnownJob, after: Date): void {
    const at = this.#next(known.job.cron as string, after);
    if (at !== null) this.#wait(known, at);
  }

  #wait(known: KnownJob, at: Date): void {
    const left = at.getTime() - this.#clock().getTime();
    this.#later(known, Math.min(Math.max(left, 0), LONGEST_WAIT_MS), () => {
      // a timer may fire a little early, and the clock may have been set back
      if (this.#clock() < at) this.#wait(known, at);
      else this.#tick(known, at);
    });
  }

  #later(known: KnownJob, ms: number, then: () => void): void {
    if (!this.#isRunning) return;
    // the schedule alone keeps no process alive
    this.#timers.set(known, setTimeout(then, ms).unref());
  }

  #tick(known: KnownJob, at: Date): void {
    const writing = this.#enqueue(known, at).then(
      () => {
        const now = this.#clock();
        this.#plan(known, now > at ? now : at);
      },
      (error: unknown) => {
        this.#o.log.warn(
          { error: errorText(error), job: known.fullName, at: at.toISOString() },
          'a scheduled job was not enqueued',
        );
        const now = this.#clock();
        const following = this.#next(known.job.cron as string, at);
        const isStillIts = following === null || following.getTime() > now.getTime() + RETRY_MS;
        if (isStillIts) this.#later(known, RETRY_MS, () => this.#tick(known, at));
        else this.#plan(known, now > at ? now : at);
      },
    );
    this.#writing.add(writing);
    void writing.finally(() => this.#writing.delete(writing));
  }

  async #enqueue(known: KnownJob, at: Date): Promise<void> {
    const { extension, name, job } = known;
    if (await this.#o.driver.isPending({ extension, name, queue: job.queue })) {
      this.#o.log.debug(
        { job: known.fullName, at: at.toISOString() },
        'left out: the previous time still waits or runs',
      );
      return;
    }
    const turns = exclusiveKey(job, null);
    const id = await this.#o.driver.enqueue({
      extension,
      name,
      queue: job.queue,
      payload: 'null',
      priority: 0,
      runAt: at,
      onceKey: `cron:${name}:${at.getTime()}`,
      ...(turns === undefined ? {} : { exclusiveKey: turns }),
    });
    if (id !== null) this.#o.wake?.();
  }
}
