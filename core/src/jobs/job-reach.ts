import type { Actor } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { JobDriver, JobRow, JobWish } from './driver.js';
import { findJob } from './job-control.js';

export const MANAGE_JOBS = 'core.manage_jobs';

/** A token that leaves less than its owner's rights reaches what it asked for itself: others' reports name anything. */
export const managesJobs = (actor: Actor): boolean => actor.confined === undefined && actor.can(MANAGE_JOBS);

/** Whose jobs the actor sees; undefined for everybody's. */
export function jobsOf(actor: Actor): JobWish['by'] {
  if (managesJobs(actor)) return undefined;
  const id = actor.id ?? 0;
  return actor.confined === undefined ? { id } : { id, token: actor.token ?? 0 };
}

/** The job, for whoever may see all of them and for whoever started this one; for others it is not there. */
export async function reachJob(driver: JobDriver, actor: Actor, id: number): Promise<JobRow> {
  const row = await findJob(driver, id);
  const by = jobsOf(actor);
  const isSeen =
    by === undefined || (row.startedBy?.id === by.id && (by.token === undefined || row.startedBy.token === by.token));
  if (!isSeen) throw problem('E_JOB_NOT_FOUND', { id: String(id) });
  return row;
}
