import {
  type Actor,
  type Contributed,
  type Job,
  type JobQueue,
  type JobStarter,
  jobs as jobSlot,
  type Log,
} from '@posthorn/sdk';
import type { Generation } from './assembly/generation.js';
import { backfillJobs } from './backfill/backfill-jobs.js';
import type { Database } from './data/database.js';
import type { JobDriver } from './jobs/driver.js';
import { JobCatalog } from './jobs/job-catalog.js';
import { retryJob } from './jobs/job-control.js';
import { type JobEnd, JobRunner } from './jobs/job-runner.js';
import { JobQueueService } from './jobs/queue-service.js';
import { JobSchedule } from './jobs/schedule.js';
import type { Report } from './watch/attribution.js';
import type { Spots } from './watch/spots.js';

export interface KernelJobsParts {
  readonly database: Database;
  readonly generation: Generation;
  readonly log: Log;
  readonly report: Report;
  readonly spots: Spots;
  readonly driver: JobDriver;
  /** Whoever started a job, with the rights of this moment. */
  readonly starter: (by: JobStarter) => Promise<Actor | null>;
  /** Called after a job has ended for good. */
  readonly onEnded: (end: JobEnd) => Promise<void>;
}

/** The jobs of one generation: the queue that services fill and the runners that empty it. */
export class KernelJobs {
  readonly driver: JobDriver;
  readonly queue: JobQueue;
  readonly #known: readonly Contributed<Job>[];
  readonly #runners = new Set<JobRunner>();

  constructor(private readonly parts: KernelJobsParts) {
    const { database, driver, generation } = parts;
    this.driver = driver;
    this.#known = [
      ...(generation.slots.items(jobSlot.id) as readonly Contributed<Job>[]),
      ...backfillJobs(generation.order, database),
    ];
    const catalog = new JobCatalog(this.#known);
    this.queue = new JobQueueService({
      driver: this.driver,
      jobs: () => catalog,
      afterCommit: (task) => database.afterCommit(task),
      // Work that this process has just made is begun at once, not at the next look.
      wake: () => this.#wake(),
    });
  }

  /** Lets a failed job begin anew. Throws where there is none, it has not failed, or nobody knows it any more. */
  async retry(id: number): Promise<void> {
    await retryJob(this.driver, new JobCatalog(this.known()), id);
    this.#wake();
  }

  /** Contributed jobs, and those behind backfills. */
  known(): readonly Contributed<Job>[] {
    return this.#known;
  }

  runner(queues: readonly string[]): JobRunner {
    return new JobRunner({
      driver: this.driver,
      jobs: this.known(),
      contexts: (extension) => this.parts.generation.context(extension),
      queues,
      log: this.parts.log,
      report: this.parts.report,
      spots: this.parts.spots,
      starter: this.parts.starter,
      onEnded: this.parts.onEnded,
    });
  }

  /** Serves queues and keeps the times of those jobs that have any. */
  async start(queues: readonly string[]): Promise<{ stop(): Promise<void> }> {
    const runner = this.runner(queues);
    const schedule = new JobSchedule({
      driver: this.driver,
      // Times are kept by those who serve the queue: what nobody serves must not pile up.
      jobs: this.known().filter(({ item }) => queues.includes(item.queue)),
      log: this.parts.log,
      wake: () => this.#wake(),
    });
    this.#runners.add(runner);
    runner.start();
    schedule.start();
    return {
      stop: async () => {
        await schedule.stop();
        this.#runners.delete(runner);
        await runner.stop();
      },
    };
  }

  #wake(): void {
    for (const runner of this.#runners) runner.wake();
  }
}
