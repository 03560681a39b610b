import { messages } from '@posthorn/sdk';
import { nudgeSupervisors } from '../cluster/supervisor-file.js';
import { waitForAssembly } from '../cluster/wait-for-assembly.js';
import type { Kernel } from '../kernel.js';

const t = messages('host');

/** Waits until this machine's processes follow, and says which do not. */
export async function follow(
  kernel: Kernel,
  assembly: number,
  c: { readonly out: { warn(text: ReturnType<typeof t>): void } },
): Promise<void> {
  // They would look within a second; a nudge saves it.
  nudgeSupervisors(kernel.config.directory);
  const { stragglers } = await waitForAssembly(kernel.database, assembly);
  for (const process of stragglers) {
    c.out.warn(
      t('The process {{pid}} still works with the arrangement before: {{reason}}', {
        pid: process.pid,
        reason: process.problems.at(-1) ?? t('it has not followed yet'),
      }),
    );
  }
}
