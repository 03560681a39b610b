import { problem } from '../errors.js';
import type { JobDriver, JobRow } from './driver.js';
import { fullName, type JobCatalog } from './job-catalog.js';

/** The job, or E_JOB_NOT_FOUND. */
export async function findJob(driver: JobDriver, id: number): Promise<JobRow> {
  const row = Number.isSafeInteger(id) && id > 0 ? await driver.find(id) : null;
  if (row === null) throw problem('E_JOB_NOT_FOUND', { id: String(id) });
  return row;
}

/**
 * Puts a failed job back into its queue, to begin anew. Throws E_JOB_NOT_FOUND, E_JOB_NOT_FAILED, or E_JOB_OFF where no
 * enabled extension has it. A unique key is not taken again: what was enqueued since may run beside it.
 */
export async function retryJob(driver: JobDriver, catalog: JobCatalog, id: number): Promise<void> {
  const row = await findJob(driver, id);
  if (row.state !== 'failed') throw problem('E_JOB_NOT_FAILED', { id });
  const job = fullName(row);
  if (catalog.get(job) === undefined) throw problem('E_JOB_OFF', { job, extension: row.extension });
  if (!(await driver.retry(id))) throw problem('E_JOB_NOT_FAILED', { id });
}

/** Ends a waiting or running job. Throws E_JOB_NOT_FOUND or E_JOB_ENDED. */
export async function cancelJob(driver: JobDriver, id: number): Promise<void> {
  await findJob(driver, id);
  if (!(await driver.cancel(id))) throw problem('E_JOB_ENDED', { id });
}
