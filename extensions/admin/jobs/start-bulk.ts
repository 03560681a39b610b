import { jobQueue } from '@posthorn/sdk';
import type { BulkBy, BulkList } from '../pages/bulk-list.js';
import { BULK_JOB, type BulkPayload } from './bulk-payload.js';

/** Lets a job do what was agreed to, for this actor. Answers the job's id. */
export async function startBulk(
  list: BulkList,
  by: BulkBy,
  wish: Omit<BulkPayload, 'list' | 'until'>,
): Promise<number> {
  const payload: BulkPayload = { ...wish, list: list.name, until: await list.newest(by) };
  const id = await by.context.get(jobQueue).enqueue(BULK_JOB, payload, { by: by.actor });
  if (id === null) throw new Error('a job without a key was not enqueued');
  return id;
}
