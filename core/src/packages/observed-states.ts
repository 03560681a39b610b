import type { ExtensionState } from '../assembly/assemble.js';
import { type ServingProcess, servingProcesses } from '../cluster/other-processes.js';
import { STEPS } from '../data/migrations/engine.js';
import type { Kernel } from '../kernel.js';

/** What became of an extension in the whole installation, beside what was wanted. */
export interface ObservedExtension extends Omit<ExtensionState, 'state'> {
  /**
   * As `ExtensionState` has it for the arrangement that is wanted now; where the serving processes show more: `starting`
   * (workers with it are on their way), `waiting-for-retry` (they did not become ready and are started again after a
   * pause), `failed` (the same, and it is the one that fails), `migration-failed` (enabling it stopped half way in a schema step) and
   * `version-differs` (not every process has this version).
   */
  readonly state: ExtensionState['state'] | 'starting' | 'waiting-for-retry' | 'migration-failed' | 'version-differs';
}

/** States of all extensions, by id. */
export async function observedExtensions(kernel: Kernel): Promise<readonly ObservedExtension[]> {
  const { assembly } = await kernel.revisionRow.read();
  const processes = await servingProcesses(kernel.database);
  const halted = await haltedSteps(kernel);
  return kernel.states.map((s): ObservedExtension => {
    if (s.state === 'enabled') return { ...s, ...observed(s, processes, assembly) };
    const step = halted.find((name) => name.startsWith(`${s.id}/`));
    if (step === undefined || s.desired === 'enabled') return s;
    return { ...s, state: 'migration-failed', reason: `its schema step ${step} stopped half way` };
  });
}

function observed(
  { id, version }: ExtensionState,
  processes: readonly ServingProcess[],
  assembly: number,
): Partial<Pick<ObservedExtension, 'state' | 'reason'>> {
  const others = processes.filter(({ versions }) => versions[id] !== version);
  if (others.length === 0) return {};
  // Problems name the arrangement that they are about.
  const told = others.flatMap(({ problems }) => problems).filter((text) => text.startsWith(`assembly ${assembly}: `));
  const own = told.find((text) => text.startsWith(`assembly ${assembly}: ${id}: `));
  if (own !== undefined) return { state: 'failed', reason: own };
  if (told[0] !== undefined) return { state: 'waiting-for-retry', reason: told[0] };
  if (others.every((process) => process.assembly < assembly))
    return { state: 'starting', reason: 'the processes are being replaced' };
  const where = others.map((p) => `process ${p.pid} on ${p.host} has ${p.versions[id] ?? 'none'}`);
  return { state: 'version-differs', reason: where.join('; ') };
}

/** Schema steps of which only a part has run: MariaDB alone cannot take such a part back, and keeps where it stopped. */
async function haltedSteps({ database }: Kernel): Promise<readonly string[]> {
  if (database.dialect !== 'mariadb') return [];
  const rows = await database.execute<{ migration: string }>(`select distinct migration from ${STEPS}`);
  return rows.map(({ migration }) => migration.replace(/^down:/, ''));
}
