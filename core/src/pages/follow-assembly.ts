import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { agoSql } from '../cluster/database-clock.js';
import { DEAD_AFTER_SECONDS } from '../cluster/process-row.js';
import { nudgeSupervisors } from '../cluster/supervisor-file.js';
import type { Kernel } from '../kernel.js';

const WAIT_MS = 10_000;
const PAUSE_MS = 50;

/**
 * Waits until another process of this machine answers pages with the new arrangement, so that the request after the
 * click meets it. The process that serves this very request ends only after it, so nobody waits for that one.
 * Returns false where it did not happen in time, or where nobody replaces processes here.
 */
export async function followAssembly(kernel: Kernel, assembly: number): Promise<boolean> {
  if (nudgeSupervisors(kernel.config.directory) === 0) return false;
  const { database } = kernel;
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const rows = await database.execute<{ pid: number; assembly: number }>(
      `select pid, assembly from core_process
       where host = ? and role = 'web' and pid <> ? and seen_at >= ${agoSql(database.dialect, DEAD_AFTER_SECONDS)}`,
      [hostname(), process.pid],
    );
    const followed = rows.filter((row) => Number(row.assembly) >= assembly).length;
    if (followed > 0 && followed === rows.length) return true;
    if (performance.now() >= deadline) return false;
    await sleep(PAUSE_MS);
  }
}
