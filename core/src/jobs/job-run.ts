import type { Job, JobContext } from '@posthorn/sdk';
import { type Origin, withOrigin } from '../audit/origin.js';
import { callInFrame } from '../watch/attribution.js';
import type { Spot } from '../watch/spots.js';
import type { ClaimedJob } from './driver.js';

/** Why a run is stopped before it ends by itself. */
export type StopCause = 'deadline' | 'shutdown' | 'lost';

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Stopped because the worker ends: to be put back. */
  | { readonly kind: 'stopped' }
  /** The lease is gone: somebody else may be running it, nothing may be written. */
  | { readonly kind: 'lost' };

/** A timer cannot wait longer. */
const MAX_TIMER_MS = 2_147_483_647;

export interface JobRunParts {
  readonly lease: ClaimedJob;
  readonly job: Job;
  /** Milliseconds a job has after its deadline before it is abandoned. */
  readonly graceMs: number;
  /** Where its figures are kept. */
  readonly spot?: Spot | undefined;
  /** Called if an abandoned job ends after all; its result counts for nothing. */
  readonly onLate?: () => void;
}

/** One attempt at one job: its signal, its deadline, and being abandoned where it ignores both. */
export class JobRun {
  readonly lease: ClaimedJob;
  readonly job: Job;
  /** When the lease was last known to be held, on the clock of `performance.now()`. */
  heldAt = performance.now();
  readonly #controller = new AbortController();
  readonly #abandoned = Promise.withResolvers<void>();
  readonly #parts: JobRunParts;
  #cause: StopCause | undefined;
  #grace: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: JobRunParts) {
    this.lease = parts.lease;
    this.job = parts.job;
    this.#parts = parts;
  }

  /** On behalf of whoever started it. */
  #origin(): Partial<Origin> {
    const by = this.lease.startedBy;
    const actor = by === undefined ? { actorId: null, actor: 'system' } : { actorId: by.id, actor: by.username };
    return { ...actor, door: 'job', behind: '', address: '' };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get at(): string {
    return `job:${this.job.id}`;
  }

  /** Never throws. A job that returns after its signal was aborted has not done its work: it may have left early. */
  async execute(context: () => JobContext): Promise<Outcome> {
    const { extension, id, payload } = this.lease;
    let error: unknown;
    let isEnded = false;
    const { spot } = this.#parts;
    const frame = { extension, at: this.at, request: `job-${id}`, ...(spot === undefined ? {} : { spot }) };
    const work = (async () => {
      try {
        await withOrigin(this.#origin(), () => callInFrame(frame, () => this.job.run(JSON.parse(payload), context())));
      } catch (thrown) {
        error = thrown ?? new Error('failed without saying why');
      }
      isEnded = true;
      if (this.#isOver) this.#parts.onLate?.();
    })();
    const deadline = setTimeout(
      () => this.stop('deadline', this.#parts.graceMs),
      Math.min(this.job.timeoutMs, MAX_TIMER_MS),
    );
    await Promise.race([work, this.#abandoned.promise]);
    clearTimeout(deadline);
    clearTimeout(this.#grace);
    this.#isOver = true;
    switch (this.#cause) {
      case undefined:
        return error === undefined ? { kind: 'done' } : { kind: 'failed', error };
      case 'deadline':
        return { kind: 'failed', error: new Error(isEnded ? this.#overdue() : `${this.#overdue()} and was abandoned`) };
      case 'shutdown':
        return { kind: 'stopped' };
      case 'lost':
        return { kind: 'lost' };
    }
  }

  /** Aborts the signal and gives the job `graceMs` to end. The first cause counts, except that a lost lease beats all. */
  stop(cause: StopCause, graceMs: number): void {
    if (this.#isOver) return;
    if (this.#cause === undefined || cause === 'lost') this.#cause = cause;
    this.#controller.abort(new Error(this.#reason(cause)));
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => this.#abandoned.resolve(), graceMs);
  }

  #reason(cause: StopCause): string {
    switch (cause) {
      case 'deadline':
        return this.#overdue();
      case 'shutdown':
        return 'the worker ends';
      case 'lost':
        return 'the job was cancelled or given to another worker';
    }
  }

  #overdue(): string {
    return `it took longer than ${this.job.timeoutMs} ms`;
  }
}
