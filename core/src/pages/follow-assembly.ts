import { nudgeSupervisors } from '../cluster/supervisor-file.js';
import { waitForAssembly } from '../cluster/wait-for-assembly.js';
import type { Kernel } from '../kernel.js';

/**
 * Waits until every serving process of this machine follows the new arrangement, so that the request after the click
 * meets it. The process that serves this very request is among them: it follows by retiring, which takes its row away,
 * and passes later requests of its connections on. Returns false where it did not happen in time, or where nobody
 * replaces processes here.
 */
export async function followAssembly(kernel: Kernel, assembly: number): Promise<boolean> {
  if (nudgeSupervisors(kernel.config.directory) === 0) return false;
  const { isDone, followed } = await waitForAssembly(kernel.database, assembly);
  return isDone && followed > 0;
}
