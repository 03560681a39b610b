import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor, Contributed, ExtensionContext, Job, JobStarter, Log, Text } from '@posthorn/sdk';
import { ExtensionError, type Report } from '../watch/attribution.js';
import type { Spots } from '../watch/spots.js';
import type { ClaimedJob, JobDriver } from './driver.js';
import { errorText } from './error-text.js';
import { fullName, JobCatalog, type KnownJob } from './job-catalog.js';
import { RunContext } from './job-context.js';
import { JobRun, type Outcome } from './job-run.js';
import { ProgressWriter } from './progress-writer.js';
import { retryDelay } from './retry-delay.js';

export interface JobRunnerOptions {
  readonly driver: JobDriver;
  readonly jobs: readonly Contributed<Job>[];
  /** The context of an enabled extension, anew for every run. */
  readonly contexts: (extension: string) => ExtensionContext;
  readonly queues: readonly string[];
  /** Different for every runner that ever was, at most 36 characters; default: a fresh UUID. */
  readonly workerId?: string;
  /** Jobs at the same time. Default 4. */
  readonly concurrency?: number;
  readonly log: Log;
  readonly report: Report;
  /** Where figures are kept, if anywhere. */
  readonly spots?: Spots;
  /** How long a job stays with a worker that is not heard of any more. Default 30,000. */
  readonly leaseMs?: number;
  /** Between two looks at an empty queue: at first, and after it was empty for long. Default 250 and 2,000. */
  readonly pollMs?: { readonly min: number; readonly max: number };
  /** What a job gets after its deadline before it is abandoned. Default 5,000. */
  readonly deadlineGraceMs?: number;
  /** Whoever started a job, with the rights of this moment; null where he has none any more. */
  readonly starter: (by: JobStarter) => Promise<Actor | null>;
  /** Called once a job has ended for good and that is written. */
  readonly onEnded?: (end: JobEnd) => Promise<void>;
  /** Milliseconds until the next attempt, given the number of the failed one. */
  readonly retryDelay?: (attempt: number) => number;
}

/** How a run ended. `retry`: it failed and will be tried again. */
export interface JobResult {
  readonly id: number;
  /** `extension.id` */
  readonly job: string;
  readonly outcome: 'done' | 'retry' | 'failed' | 'stopped' | 'lost';
  readonly attempt: number;
  readonly error: string | null;
}

/** A job that will not be run again by itself. */
export interface JobEnd extends JobResult {
  readonly outcome: 'done' | 'failed';
  readonly title: Text;
  readonly startedBy: JobStarter | undefined;
}

/** A job whose worker dies is run again, even with `retries: 0`; one that kills worker after worker is not. */
const LOST_RUNS = 3;
/** What jobs get to react when the worker ends and their time is over. */
const SHUTDOWN_GRACE_MS = 1_000;
/** How long the end of a run is tried to be written while the database is away. */
const SETTLE_MS = 20_000;
const SETTLE_MS_WHEN_STOPPING = 3_000;

/** Claims jobs and runs them. Several runners, in any number of processes, share the queues. */
export class JobRunner implements AsyncDisposable {
  readonly workerId: string;
  readonly #o: JobRunnerOptions;
  readonly #driver: JobDriver;
  readonly #catalog: JobCatalog;
  readonly #concurrency: number;
  readonly #leaseMs: number;
  readonly #deadlineGraceMs: number;
  readonly #poll: { readonly min: number; readonly max: number };
  readonly #runs = new Map<JobRun, Promise<JobResult>>();
  #heartbeat: NodeJS.Timeout | undefined;
  #isBeating = false;
  #loop: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #isWoken = false;
  #resume: (() => void) | undefined;

  constructor(o: JobRunnerOptions) {
    this.#o = o;
    this.#driver = o.driver;
    this.#catalog = new JobCatalog(o.jobs);
    this.workerId = o.workerId ?? randomUUID();
    this.#concurrency = o.concurrency ?? 4;
    this.#leaseMs = o.leaseMs ?? 30_000;
    this.#deadlineGraceMs = o.deadlineGraceMs ?? 5_000;
    this.#poll = o.pollMs ?? { min: 250, max: 2_000 };
  }

  /** How many jobs run at the moment. */
  get busy(): number {
    return this.#runs.size;
  }

  /** Begins to serve the queues. Call it outside of transactions and requests: runs inherit the asynchronous context. */
  start(): void {
    if (this.#loop !== undefined || this.#stopped !== undefined) throw new Error('a job runner starts once');
    this.#beginHeartbeat();
    this.#loop = this.#serve();
  }

  /** Looks for work at once instead of at the next poll. */
  wake(): void {
    this.#isWoken = true;
    this.#resume?.();
  }

  /** Runs what is due, and what becomes due meanwhile, then ends. For commands; not beside `start`. */
  async drain(o: { readonly signal?: AbortSignal } = {}): Promise<JobResult[]> {
    return this.#once(o.signal, async (results) => {
      while (this.#stopped === undefined) {
        const claimed = await this.#claim();
        for (const job of claimed) void this.#launch(job).then((result) => results.push(result));
        if (this.#runs.size === 0) return;
        if (claimed.length === 0 || this.#runs.size >= this.#concurrency) await Promise.race(this.#runs.values());
      }
      await Promise.all(this.#runs.values());
    });
  }

  /** Runs one job, due or not, of any queue. Undefined where it cannot be had: done, gone, unknown here or with a worker. */
  async runOne(id: number, o: { readonly signal?: AbortSignal } = {}): Promise<JobResult | undefined> {
    const results = await this.#once(o.signal, async (all) => {
      const claimed = await this.#driver.claimOne(id, { worker: this.workerId, leaseMs: this.#leaseMs });
      if (claimed !== null) all.push(await this.#launch(claimed));
    });
    return results[0];
  }

  /**
   * Claims no more and waits for the running jobs; those that still run after `graceMs` (default 10,000) are aborted and
   * put back.
   */
  stop(o: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(o.graceMs ?? 10_000);
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #serve(): Promise<void> {
    let pause = this.#poll.min;
    let failures = 0;
    while (this.#stopped === undefined) {
      if (this.#isWoken) pause = this.#poll.min;
      this.#isWoken = false;
      let found = 0;
      if (this.#runs.size < this.#concurrency) {
        try {
          const claimed = await this.#claim();
          found = claimed.length;
          for (const job of claimed) void this.#launch(job);
          if (failures > 0) this.#o.log.info({ failures }, 'jobs can be claimed again');
          failures = 0;
        } catch (error) {
          // once, not at every poll while the database is away
          if (failures === 0) this.#o.log.warn({ error: errorText(error) }, 'no jobs can be claimed');
          failures += 1;
          pause = this.#poll.max;
        }
      }
      if (found > 0) pause = this.#poll.min;
      await this.#rest(pause);
      pause = Math.min(pause * 2, this.#poll.max);
    }
  }

  /** Resolves after `ms` or when woken. */
  async #rest(ms: number): Promise<void> {
    if (this.#isWoken || this.#stopped !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#resume = resolve;
    await promise;
    clearTimeout(timer);
    this.#resume = undefined;
  }

  async #claim(): Promise<ClaimedJob[]> {
    const claimed: ClaimedJob[] = [];
    const claim = async (known: readonly KnownJob[], most: number): Promise<void> => {
      const limit = Math.min(most, this.#concurrency - this.#runs.size - claimed.length);
      const wish = { worker: this.workerId, queues: this.#o.queues, known, limit, leaseMs: this.#leaseMs };
      claimed.push(...(await this.#driver.claim(wish)));
    };
    // What this process may run once at a time is asked for by itself, and not while it runs.
    const single = [...this.#catalog].filter(({ job }) => job.exclusive === 'process');
    for (const known of single) if (!this.#isRunning(known)) await claim([known], 1);
    await claim(
      [...this.#catalog].filter(({ job }) => job.exclusive !== 'process'),
      this.#concurrency,
    );
    return claimed;
  }

  #isRunning({ fullName: name }: KnownJob): boolean {
    return [...this.#runs.keys()].some(({ lease }) => fullName(lease) === name);
  }

  /** Runs a claimed job to its end and writes that end. Never throws. */
  #launch(claimed: ClaimedJob): Promise<JobResult> {
    const known = this.#catalog.get(fullName(claimed));
    const job = known?.job ?? unknownJob(claimed);
    const run = new JobRun({
      lease: claimed,
      job,
      graceMs: this.#deadlineGraceMs,
      spot: this.#o.spots?.at(claimed.extension, `job:${claimed.name}`),
      onLate: () =>
        this.#o.log.warn({ job: fullName(claimed), id: claimed.id }, 'an abandoned job has ended after all'),
    });
    const result = this.#run(run, known !== undefined).finally(() => {
      this.#runs.delete(run);
      this.wake();
    });
    this.#runs.set(run, result);
    return result;
  }

  async #run(run: JobRun, isKnown: boolean): Promise<JobResult> {
    const { lease, job } = run;
    const progress = new ProgressWriter(async (at) => {
      try {
        if (!(await this.#driver.progress(lease, at))) run.stop('lost', this.#deadlineGraceMs);
      } catch (error) {
        this.#o.log.debug({ error: errorText(error), id: lease.id }, "a job's progress was not written");
      }
    });
    let outcome: Outcome;
    if (this.#stopped !== undefined) outcome = { kind: 'stopped' };
    else if (isKnown && lease.attempt > job.retries + 1 + LOST_RUNS) {
      outcome = { kind: 'failed', error: new Error(`its worker ended before it did, ${lease.attempt - 1} times`) };
    } else {
      outcome = await run.execute(
        () =>
          new RunContext(this.#o.contexts(lease.extension), run.signal, lease.attempt, lease.startedBy, {
            starter: async () => (lease.startedBy === undefined ? null : this.#o.starter(lease.startedBy)),
            progress: (done, total) => progress.report(done, total),
            report: async (rows, reported) => {
              if (!(await this.#driver.report(lease, rows, reported))) run.stop('lost', this.#deadlineGraceMs);
            },
          }),
      );
    }
    progress.stop();
    const retryInMs =
      outcome.kind === 'failed' && isKnown && lease.attempt <= job.retries
        ? (this.#o.retryDelay ?? retryDelay)(lease.attempt)
        : null;
    if (outcome.kind === 'failed') this.#o.report(new ExtensionError(lease.extension, run.at, outcome.error));
    const isHeld = await this.#settle(run, () => {
      const at = progress.latest === undefined ? {} : { progress: progress.latest };
      switch (outcome.kind) {
        case 'done':
          return this.#driver.complete(lease, progress.latest);
        case 'failed':
          return this.#driver.fail(lease, { error: errorText(outcome.error), retryInMs, ...at });
        case 'stopped':
          return this.#driver.release(lease);
        case 'lost':
          return Promise.resolve(false);
      }
    });
    const result: JobResult = {
      id: lease.id,
      job: fullName(lease),
      outcome: !isHeld ? 'lost' : outcome.kind === 'failed' && retryInMs !== null ? 'retry' : outcome.kind,
      attempt: lease.attempt,
      error: outcome.kind === 'failed' ? errorText(outcome.error) : null,
    };
    await this.#tell(run, result);
    return result;
  }

  async #tell({ lease, job }: JobRun, result: JobResult): Promise<void> {
    const { outcome } = result;
    if (this.#o.onEnded === undefined || (outcome !== 'done' && outcome !== 'failed')) return;
    try {
      await this.#o.onEnded({ ...result, outcome, title: job.title, startedBy: lease.startedBy });
    } catch (error) {
      this.#o.log.warn({ error: errorText(error), job: result.job, id: lease.id }, 'the end of a job was not told');
    }
  }

  /** Writes how a run ended, again and again while the database is away. If that is in vain the lease runs out. */
  async #settle(run: JobRun, write: () => Promise<boolean>): Promise<boolean> {
    const start = performance.now();
    const id = run.lease.id;
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const isHeld = await write();
        if (!isHeld) this.#o.log.warn({ job: fullName(run.lease), id }, 'the job was no longer ours when it ended');
        return isHeld;
      } catch (error) {
        const most = this.#stopped === undefined ? SETTLE_MS : SETTLE_MS_WHEN_STOPPING;
        if (performance.now() - start + pause > most) {
          this.#o.log.error(
            { error: errorText(error), job: fullName(run.lease), id },
            'how the job ended could not be written; it will run again',
          );
          return false;
        }
        await sleep(pause);
      }
    }
  }

  #beginHeartbeat(): void {
    this.#heartbeat = setInterval(() => void this.#beat(), this.#leaseMs / 6);
  }

  async #beat(): Promise<void> {
    if (this.#isBeating || this.#runs.size === 0) return;
    this.#isBeating = true;
    const runs = [...this.#runs.keys()];
    const now = performance.now();
    try {
      const held = await this.#driver.extend(
        runs.map((run) => run.lease),
        this.#leaseMs,
      );
      for (const run of runs) {
        if (held.has(run.lease.id)) run.heldAt = now;
        else run.stop('lost', this.#deadlineGraceMs);
      }
    } catch (error) {
      this.#o.log.warn({ error: errorText(error) }, 'the leases of running jobs were not renewed');
      for (const run of runs)
        if (performance.now() - run.heldAt > this.#leaseMs) run.stop('lost', this.#deadlineGraceMs);
    } finally {
      this.#isBeating = false;
    }
  }

  async #once(signal: AbortSignal | undefined, work: (results: JobResult[]) => Promise<void>): Promise<JobResult[]> {
    if (this.#loop !== undefined || this.#stopped !== undefined) throw new Error('a job runner starts once');
    const results: JobResult[] = [];
    const interrupt = (): void => void this.stop({ graceMs: 0 });
    signal?.addEventListener('abort', interrupt);
    if (signal?.aborted === true) interrupt();
    this.#beginHeartbeat();
    try {
      await work(results);
      return results;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      await this.stop({ graceMs: 0 });
    }
  }

  async #stop(graceMs: number): Promise<void> {
    // a claim that is under way comes back first: what it brings is put back at once
    await Promise.resolve();
    this.#resume?.();
    await this.#loop;
    const all = Promise.all(this.#runs.values());
    if (this.#runs.size > 0 && graceMs > 0) {
      const timer = new AbortController();
      await Promise.race([all, sleep(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
    for (const run of this.#runs.keys()) run.stop('shutdown', SHUTDOWN_GRACE_MS);
    await all;
    clearInterval(this.#heartbeat);
  }
}

/** Stands for a job that this process does not know, which only `runOne` can meet. */
const unknownJob = (claimed: ClaimedJob): Job => ({
  id: claimed.name,
  title: claimed.name,
  queue: claimed.queue,
  timeoutMs: 1_000,
  retries: 0,
  run: () => Promise.reject(new Error(`no enabled extension has a job ${fullName(claimed)}`)),
});
