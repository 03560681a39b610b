import { exclusiveKey, type Kernel, nextTime } from '@posthorn/core';

/**
 * Queues and leases go by the database's clock, which nobody can set: what waits is moved back instead, which comes to
 * the same. Then the times that lie in between are enqueued as the schedule does.
 */
export async function letTimePass(kernel: Kernel, from: Date, ms: number): Promise<void> {
  const back = Math.round(ms);
  for (const [table, column] of [
    ['core_job', 'run_at'],
    ['core_job', 'locked_until'],
    ['core_outbox', 'leased_until'],
  ] as const) {
    await kernel.database.execute(`update ${table} set ${column} = ${column} - ? where ${column} is not null`, [back]);
  }
  const until = from.getTime() + ms;
  for (const { from: extension, item } of kernel.jobs.known()) {
    const at = item.cron === undefined ? null : nextTime(item.cron, from);
    if (at === null || at.getTime() > until) continue;
    const { driver } = kernel.jobs;
    if (await driver.isPending({ extension, name: item.id, queue: item.queue })) continue;
    const turns = exclusiveKey(item, null);
    await driver.enqueue({
      extension,
      name: item.id,
      queue: item.queue,
      payload: 'null',
      priority: 0,
      onceKey: `cron:${item.id}:${at.getTime()}`,
      ...(turns === undefined ? {} : { exclusiveKey: turns }),
    });
  }
}
