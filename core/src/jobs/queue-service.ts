import type { EnqueueOptions, JobQueue, JobStarter } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { JobDriver } from './driver.js';
import type { JobCatalog } from './job-catalog.js';
import { exclusiveKey } from './unique-key.js';

export interface JobQueueParts {
  readonly driver: JobDriver;
  /** The jobs of the enabled extensions; asked when something is enqueued, since it is known only after assembly. */
  readonly jobs: () => JobCatalog;
  /** Runs a task once the caller's transaction has committed; `Database.afterCommit`. */
  readonly afterCommit: (task: () => void) => void;
  /** Wakes a runner in this process. */
  readonly wake?: () => void;
}

/** Puts jobs into the caller's transaction. A job is named `extension.id`; a unique key belongs to its extension. */
export class JobQueueService implements JobQueue {
  constructor(private readonly parts: JobQueueParts) {}

  async enqueue(name: string, payload: unknown, o: EnqueueOptions = {}): Promise<number | null> {
    const known = this.parts.jobs().get(name);
    if (known === undefined) throw problem('E_JOB_UNKNOWN', { id: name });
    const turns = exclusiveKey(known.job, payload);
    const id = await this.parts.driver.enqueue({
      extension: known.extension,
      name: known.name,
      queue: known.job.queue,
      payload: JSON.stringify(payload) ?? 'null',
      priority: o.priority ?? 0,
      ...(o.runAt === undefined ? {} : { runAt: o.runAt }),
      ...(o.by === undefined ? {} : { by: starterOf(o.by) }),
      ...(o.uniqueKey === undefined ? {} : { uniqueKey: o.uniqueKey }),
      ...(turns === undefined ? {} : { exclusiveKey: turns }),
    });
    const { wake } = this.parts;
    // a runner that looked before the commit would not see it
    if (id !== null && wake !== undefined) this.parts.afterCommit(wake);
    return id;
  }
}

/** An actor has more, which is no part of the job. */
const starterOf = ({ id, username, token }: JobStarter): JobStarter => ({
  id,
  username,
  ...(token === undefined ? {} : { token }),
});
