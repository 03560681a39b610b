import type { Claim } from './driver.js';
import { marks } from './sql-expressions.js';

/** The condition for jobs whose exclusive key is free, and whose turn it is: nobody who waits for the key goes before them. */
export const turn = (now: string): string => `(exclusive_key is null or (
  not exists (select 1 from core_job held where held.held_key = core_job.exclusive_key)
  and not exists (select 1 from core_job ahead where ahead.exclusive_key = core_job.exclusive_key
    and ahead.queue = core_job.queue and ahead.state = 'ready' and ahead.run_at <= ${now}
    and (ahead.priority > core_job.priority or (ahead.priority = core_job.priority and (ahead.run_at < core_job.run_at
      or (ahead.run_at = core_job.run_at and ahead.id < core_job.id)))))))`;

/** The condition for jobs that may be claimed now. */
export function due(wish: Claim, now: string): { where: string; values: unknown[] } {
  const byExtension = Map.groupBy(wish.known, (job) => job.extension);
  const known = [...byExtension].map(([extension, jobs]) => ({ extension, names: jobs.map((job) => job.name) }));
  return {
    where: `queue in (${marks(wish.queues)}) and state = 'ready' and run_at <= ${now}
      and (${known.map(({ names }) => `(extension = ? and name in (${marks(names)}))`).join(' or ')})
      and ${turn(now)}
      ${wish.only === undefined ? '' : `and id in (${marks(wish.only)})`}`,
    values: [...wish.queues, ...known.flatMap(({ extension, names }) => [extension, ...names]), ...(wish.only ?? [])],
  };
}
