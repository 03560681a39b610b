import type { JobReportRow, JobStarter } from '@posthorn/sdk';

/**
 * What the runner, the schedule and the commands need of a job engine. The embedded one keeps jobs in the database
 * (`SqlJobDriver`); another engine can stand behind this interface without a change elsewhere.
 */

export type JobState = 'ready' | 'active' | 'done' | 'failed';

export const jobStates = ['ready', 'active', 'done', 'failed'] as const satisfies readonly JobState[];

/** A job is known by its extension and its id within it. */
export interface JobName {
  readonly extension: string;
  readonly name: string;
}

export interface NewJob extends JobName {
  readonly queue: string;
  /** JSON text. */
  readonly payload: string;
  /** Larger is sooner. */
  readonly priority: number;
  /** Default: now, on the engine's clock. */
  readonly runAt?: Date;
  /** Free again when the job has ended. */
  readonly uniqueKey?: string;
  readonly by?: JobStarter;
  /** Jobs of one extension with the same key run one after the other. */
  readonly exclusiveKey?: string;
  /** Taken until the job is purged: two processes that enqueue it at different moments still make one job. */
  readonly onceKey?: string;
}

/**
 * The right to run a job and to say how it ended. `attempt` fences like a token: a worker that lost the lease, even to
 * itself, changes nothing any more.
 */
export interface Lease {
  readonly id: number;
  readonly worker: string;
  readonly attempt: number;
  /** Held along with it, as it is stored: nobody else runs a job that has the same. */
  readonly exclusiveKey?: string | null;
}

export interface ClaimedJob extends Lease, JobName {
  readonly queue: string;
  /** JSON text. */
  readonly payload: string;
  readonly startedBy: JobStarter | undefined;
}

export interface Claim {
  /** At most 36 characters, different for every worker that ever was. */
  readonly worker: string;
  readonly queues: readonly string[];
  /** Only these: another process may know more. */
  readonly known: readonly JobName[];
  readonly limit: number;
  readonly leaseMs: number;
  /** Only jobs with these ids. */
  readonly only?: readonly number[];
}

export interface Progress {
  readonly done: number;
  readonly total: number | null;
}

/** A job as it is shown. */
export interface JobRow extends JobName, Progress {
  readonly id: number;
  readonly queue: string;
  readonly state: JobState;
  readonly priority: number;
  readonly attempts: number;
  readonly runAt: Date;
  readonly error: string | null;
  /** The job that has to end first, because only one of the two may run at a time. */
  readonly waitsFor: number | null;
  readonly startedBy: JobStarter | undefined;
  /** Rows that the latest run reported; the first of them are kept. */
  readonly reported: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** Which jobs are listed. Newest first, unless the oldest are wanted. */
export interface JobWish {
  readonly limit: number;
  readonly state?: JobState;
  /** Those that this account asked for, or this token of it. */
  readonly by?: { readonly id: number; readonly token?: number };
  readonly isOldestFirst?: boolean;
  /** Only those behind the job with this id. */
  readonly after?: number;
}

export interface StoredReportRow extends JobReportRow {
  readonly id: number;
}

export interface JobDriver {
  /** Joins the caller's transaction. Returns the job's id, or null where its key is taken. */
  enqueue(job: NewJob): Promise<number | null>;
  /** Whether a job with a `onceKey` still waits or runs. */
  isPending(job: JobName & { readonly queue: string }): Promise<boolean>;

  /**
   * Leases jobs that are due, most urgent first. A job whose lease ran out is due again; one whose exclusive key is held
   * is not due yet.
   */
  claim(wish: Claim): Promise<ClaimedJob[]>;
  /** Leases one job whether it is due or not; a failed one begins anew. Null where it, or its key, is held, and where it is done or gone. */
  claimOne(id: number, o: { readonly worker: string; readonly leaseMs: number }): Promise<ClaimedJob | null>;

  /** Renews the leases that are still held and returns the ids of those jobs. */
  extend(leases: readonly Lease[], leaseMs: number): Promise<ReadonlySet<number>>;

  // These return false, and change nothing, where the lease is no longer held.
  progress(lease: Lease, progress: Progress): Promise<boolean>;
  /** Adds rows to the report of this run, whose rows before are `reported` many. */
  report(lease: Lease, rows: readonly JobReportRow[], reported: number): Promise<boolean>;
  complete(lease: Lease, progress?: Progress): Promise<boolean>;
  /** Tries again after `retryInMs`, or ends as failed where that is null. */
  fail(
    lease: Lease,
    o: { readonly error: string; readonly retryInMs: number | null; readonly progress?: Progress },
  ): Promise<boolean>;
  /** Puts it back as if it had not been claimed. */
  release(lease: Lease): Promise<boolean>;

  /**
   * Ends a waiting or running job as failed; its worker notices when it next renews the lease, so its exclusive key stays
   * held until that lease would have ended. False where it has ended.
   */
  cancel(id: number): Promise<boolean>;
  /** Puts a failed job back, to begin anew. False where it has not failed. */
  retry(id: number): Promise<boolean>;
  /** The kept rows of a job's report in their order, from behind the row `after` on. */
  reportRows(id: number, o: { readonly after: number; readonly limit: number }): Promise<readonly StoredReportRow[]>;
  find(id: number): Promise<JobRow | null>;
  list(o: JobWish): Promise<JobRow[]>;
  /** Forgets jobs that ended longer ago than this; returns how many. */
  purge(o: { readonly doneMs: number; readonly failedMs: number }): Promise<number>;
  /** Gives connections of its own back, where it has any. */
  close?(): Promise<void>;
}
