import { createHash } from 'node:crypto';
import type { Job } from '@posthorn/sdk';

/** What the column holds. */
const MAX_KEY = 190;

/** Keys that compare alike on every database: MariaDB may ignore case, accents and trailing spaces. */
const PLAIN = /^[a-z0-9._:@/+-]+$/;

/** Begins the key of a job that may exist once only. */
export const ONCE = 'once:';

/**
 * The stored form of an extension's key: extensions cannot meet in one, and what could compare alike or is too long is
 * replaced by its hash.
 */
export function storedKey(kind: 'key' | 'once' | 'run', extension: string, key: string): string {
  const plain = `${kind}:${extension}:${key}`;
  if (plain.length <= MAX_KEY && PLAIN.test(key)) return plain;
  return `${kind}:${extension}:#${createHash('sha256').update(key).digest('hex')}`;
}

/** What runs of this job take turns by in the whole installation, within their extension; undefined where they need not. */
export function exclusiveKey(job: Pick<Job, 'id' | 'exclusive' | 'subject'>, payload: unknown): string | undefined {
  if (job.exclusive === 'cluster') return job.id;
  return job.exclusive === 'subject' ? `${job.id}:${job.subject?.(payload)}` : undefined;
}
