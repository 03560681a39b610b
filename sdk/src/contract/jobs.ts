import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import { service } from '../service.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/** Who a job was enqueued for. @public @since 1.0.0 */
export interface JobStarter {
  /** `core_user.id`; null for the operator at the command line. */
  readonly id: number | null;
  /** As it was when the job was enqueued. */
  readonly username: string;
  /** `core_token.id`, where a token asked for it. */
  readonly token?: number;
}

/** What a job has to say about one of the things it worked on. @public @since 1.0.0 */
export interface JobReportRow {
  /** What it is about, such as an address. */
  readonly subject: string;
  /** What is to be said. */
  readonly text: Text;
}

/** So many rows of one job's report are kept; what goes beyond is counted. @public @since 1.0.0 */
export const JOB_REPORT_MAX = 10_000;

/** Where a job is shown to those who may see jobs, and to whoever started it. @public @since 1.0.0 */
export const jobPath = (id: number): string => `/core/jobs/${id}/`;

/** What a running job reaches. @public @since 1.0.0 */
export interface JobContext extends ExtensionContext {
  /** Aborted when the deadline has passed, the job is cancelled or the worker ends. */
  readonly signal: AbortSignal;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Shown by `jobs list`. */
  progress(done: number, total?: number): Promise<void>;
  /** Undefined where nobody was named when the job was enqueued. */
  readonly startedBy: JobStarter | undefined;
  /**
   * Whoever the job was enqueued for, with the rights of this moment: those of the account, and of its token where one
   * asked. Null where nobody was named, and where the account is gone or disabled or the token has ended. A long job asks
   * again from time to time.
   */
  starter(): Promise<Actor | null>;
  /**
   * Keeps rows for the job's page, where they are read and downloaded. Each run begins with an empty report. Call it
   * outside `data.write`, or a rollback takes the rows along.
   */
  report(rows: readonly JobReportRow[]): Promise<void>;
}

/** Work that runs beside the requests, at times or when it was enqueued. @public @since 1.0.0 */
export interface Job {
  /** Unique within the extension. */
  readonly id: string;
  /** What it is called in lists. */
  readonly title: Text;
  /** Workers serve queues; `default` unless the work needs another system user. */
  readonly queue: string;
  /** A cron expression of five fields, in UTC; absent for jobs that are only enqueued. */
  readonly cron?: string;
  /** Milliseconds one run may take. Default 60,000. */
  readonly timeoutMs: number;
  /** How often a failed run is tried again, with growing pauses. Default 3. */
  readonly retries: number;
  /**
   * At most one run at a time: in the whole installation, in each process, or for each subject. What has to wait takes no
   * worker's place. A run whose worker died makes room when its lease ends; one that goes on after its `signal` was
   * aborted has lost its turn.
   *
   * @public
   * @since 1.0.0
   */
  readonly exclusive?: 'cluster' | 'process' | 'subject';
  /**
   * With `exclusive: 'subject'`: what a run is about, from its payload alone, such as the id of a note. Asked when the
   * job is enqueued.
   *
   * @public
   * @since 1.0.0
   */
  subject?(payload: unknown): string;
  /** Must be idempotent: a job whose worker died is run again. */
  run(payload: unknown, context: JobContext): Promise<void>;
}

/** The slot of jobs. @public @since 1.0.0 */
export const jobs = slot<Job>('host.jobs@1');
type Defaulted = 'queue' | 'timeoutMs' | 'retries';
/** A subject is named where runs take turns by it, and nowhere else. */
type Turns =
  | { readonly exclusive?: 'cluster' | 'process'; readonly subject?: never }
  | { readonly exclusive: 'subject'; subject(payload: unknown): string };

/**
 * Contributes a job. What is left out has the defaults that `Job` names; the queue is `default`.
 * @public @since 1.0.0
 */
export const job = (
  j: Omit<Job, Defaulted | 'exclusive' | 'subject'> & Partial<Pick<Job, Defaulted>> & Turns,
): Contribution => contribute(jobs, { queue: 'default', timeoutMs: 60_000, retries: 3, ...j });

/** When and for whom a job is enqueued. Without `runAt` it is due at once. @public @since 1.0.0 */
export interface EnqueueOptions {
  /** Not before; default now. */
  readonly runAt?: Date;
  /** Larger is sooner. Default 0. */
  readonly priority?: number;
  /** While a job with this key waits or runs, enqueueing it again does nothing. */
  readonly uniqueKey?: string;
  /** Who asked for it: named on the job's page, which that account may open. The job itself asks for its rights by `starter`. */
  readonly by?: JobStarter;
}

/** Puts jobs into the queue. @public @since 1.0.0 */
export interface JobQueue {
  /** Puts a job into the caller's transaction: it runs only if that commits. Returns the job's id, or null where the key is taken. */
  enqueue(job: string, payload: unknown, o?: EnqueueOptions): Promise<number | null>;
}
/** The queue of jobs. Provided by the kernel. @public @since 1.0.0 */
export const jobQueue = service<JobQueue>('host.jobs@1');
