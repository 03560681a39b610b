import type { Log } from '@posthorn/sdk';
import type { Database } from '../data/database.js';
import type { JobDriver } from './driver.js';
import { SqlJobDriver } from './sql-driver.js';

/** The engine of an installation's jobs. BullMQ and its client are loaded only where they are used. */
export async function makeJobDriver(data: Database, url: string | undefined, log: Log): Promise<JobDriver> {
  if (url === undefined) return new SqlJobDriver(data);
  const { BullmqJobDriver } = await import('./bullmq-driver.js');
  return new BullmqJobDriver({ data, url, log });
}
