import type { Contributed, Job } from '@posthorn/sdk';
import type { JobName } from './driver.js';

/** A job of an enabled extension. */
export interface KnownJob extends JobName {
  /** `extension.id`, as it is enqueued and shown. */
  readonly fullName: string;
  readonly job: Job;
}

export const fullName = (job: JobName): string => `${job.extension}.${job.name}`;

// what the columns hold
const MAX_EXTENSION = 40;
const MAX_ID = 100;
const MAX_QUEUE = 30;

/** The jobs of the enabled extensions by name. Refuses what could not be stored, so that enqueueing never cuts a name off. */
export class JobCatalog implements Iterable<KnownJob> {
  readonly #jobs = new Map<string, KnownJob>();

  constructor(contributed: readonly Contributed<Job>[]) {
    for (const { from, item } of contributed) {
      const known: KnownJob = { extension: from, name: item.id, fullName: `${from}.${item.id}`, job: item };
      if (from.length > MAX_EXTENSION || item.id.length > MAX_ID || item.id === '') {
        throw new Error(`the job ${known.fullName} needs an id of 1 to ${MAX_ID} characters`);
      }
      if (item.queue.length > MAX_QUEUE || item.queue === '') {
        throw new Error(`the job ${known.fullName} needs a queue of 1 to ${MAX_QUEUE} characters`);
      }
      if (!(item.timeoutMs > 0) || !(item.retries >= 0)) {
        throw new Error(`the job ${known.fullName} needs a timeoutMs above 0 and retries of 0 or more`);
      }
      if ((item.exclusive === 'subject') !== (item.subject !== undefined)) {
        throw new Error(`the job ${known.fullName} names a subject with \`exclusive: 'subject'\`, and only then`);
      }
      if (this.#jobs.has(known.fullName)) throw new Error(`there are two jobs ${known.fullName}`);
      this.#jobs.set(known.fullName, known);
    }
  }

  get(name: string): KnownJob | undefined {
    return this.#jobs.get(name);
  }

  /** Every queue some job names, sorted. */
  queues(): string[] {
    return [...new Set([...this.#jobs.values()].map((known) => known.job.queue))].sort();
  }

  [Symbol.iterator](): Iterator<KnownJob> {
    return this.#jobs.values();
  }
}
