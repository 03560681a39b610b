import type { ExtensionDefinition } from '@posthorn/sdk';
import { mapFiles, SDK_VERSION } from '@posthorn/sdk';
import { type DesiredRow, readDesired, writeDesired } from './assembly/desired.js';
import { sdkSatisfies } from './assembly/resolve.js';
import { writeSdkOverride } from './assembly/sdk-overrides.js';
import type { HeldLock } from './cluster/locks.js';
import { sqlTimestamp } from './data/sql-timestamp.js';
import { problem } from './errors.js';
import type { Kernel } from './kernel.js';
import { untried } from './packages/tried-imports.js';
import { incidentFolder, readIncidents, removeIncidents } from './quarantine/incidents.js';
import { deleteQuarantines, readQuarantines } from './quarantine/quarantine-rows.js';
import { settle } from './settle.js';

export interface Enabled {
  /** What serving processes must reach. */
  readonly assembly: number;
  /** Schema steps that ran. */
  readonly applied: readonly string[];
  readonly hasMaps: boolean;
  readonly hasBackfill: boolean;
}

/** Held by whoever changes what is wanted. */
export const ASSEMBLY = 'assembly';

/**
 * Tries the wider set first: resolution, schema steps and a whole candidate arrangement. Only when that stands is the
 * wish written and the assembly raised; a failure leaves everything as it was (schema steps only ever add).
 */
export function enableExtension(kernel: Kernel, id: string, by: string, o: EnableOptions = {}): Promise<Enabled> {
  return kernel.locks.hold(ASSEMBLY, (lock) => enable(kernel, lock, { id, by, ...o }));
}

export interface EnableOptions {
  /** Enables it although it was built for another contract, and keeps who wanted that. */
  readonly despiteSdk?: boolean;
}

interface Enabling extends EnableOptions {
  readonly id: string;
  /** Username. */
  readonly by: string;
}

async function enable(kernel: Kernel, lock: HeldLock, { id, by, despiteSdk = false }: Enabling): Promise<Enabled> {
  const found = kernel.packages.find((p) => p.id === id);
  if (found === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
  const before = await readDesired(kernel.database.execute.bind(kernel.database));
  const known = before.find((r) => r.id === id);
  const override = sdkSatisfies(SDK_VERSION, found.sdk)
    ? undefined
    : despiteSdk
      ? { by, at: sqlTimestamp(new Date()) }
      : known?.override;
  const row: DesiredRow = {
    ...{ id, package: found.package, version: found.version, desired: 'enabled', isFirst: known?.isFirst ?? true },
    ...(override === undefined ? {} : { override }),
  };
  const desired = [...before.filter((r) => r.id !== id), row];
  await untried([found], { again: true });
  await using candidate = await kernel.candidate(desired);
  const state = candidate.states.find((s) => s.id === id);
  if (state?.state !== 'enabled')
    throw problem('E_EXTENSION_UNUSABLE', { id, reason: state?.reason ?? 'unknown' }, { field: 'id' });
  const displaced = displacedBy(candidate, kernel);
  if (displaced !== undefined) {
    throw problem('E_EXTENSION_DISPLACES', { id, other: displaced.id, reason: displaced.reason }, { field: 'id' });
  }
  const applied = await candidate.migrations().up();
  await candidate.database.write(async () => {
    await lock.confirm(candidate.database);
    const execute = candidate.database.execute.bind(candidate.database);
    await writeDesired(
      execute,
      { id, package: found.package, version: found.version, desired: 'enabled', by },
      sqlTimestamp(new Date()),
    );
    await writeSdkOverride(execute, id, override);
    await candidate.revisionRow.raise({ assembly: true });
  });
  kernel.revisionRow.noteRaised();
  await settle(candidate);
  const { assembly } = await candidate.revisionRow.read();
  return {
    assembly,
    applied,
    hasMaps: candidate.generation.slots.items(mapFiles.id).some(({ from }) => from === id),
    hasBackfill: candidate.generation.order.some((d) => d.id === id && d.backfill !== undefined),
  };
}

/** Whoever works now has been there first: nobody is enabled at the price of another. */
const displacedBy = (candidate: Kernel, kernel: Kernel) =>
  candidate.states.find(
    ({ id, state }) =>
      state !== 'enabled' && kernel.states.some((before) => before.id === id && before.state === 'enabled'),
  );

/** Who needs `id`, directly or through others, among what is enabled now. */
export function dependentsOf(id: string, order: readonly ExtensionDefinition[]): readonly string[] {
  const found = new Set<string>();
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const d of order) {
      if (Object.keys(d.requires ?? {}).some((peer) => peer === id || found.has(peer))) found.add(d.id);
    }
  }
  return [...found].sort();
}

export async function disableExtension(
  kernel: Kernel,
  id: string,
  o: { readonly withDependents: boolean; readonly by: string },
): Promise<{ readonly assembly: number; readonly disabled: readonly string[] }> {
  const state = kernel.states.find((s) => s.id === id);
  if (state === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
  if (kernel.config.essential.includes(id))
    throw problem('E_EXTENSION_UNUSABLE', { id, reason: 'it is marked essential in the configuration' });
  const dependents = dependentsOf(id, kernel.generation.order);
  if (dependents.length > 0 && !o.withDependents) {
    throw problem('E_EXTENSION_DEPENDENTS', { id, dependents: dependents.join(', ') }, { field: 'id' });
  }
  const disabled = [id, ...dependents];
  await kernel.locks.hold(ASSEMBLY, (lock) => disable(kernel, lock, disabled, o.by));
  return { assembly: (await kernel.revisionRow.read()).assembly, disabled };
}

function disable(kernel: Kernel, lock: HeldLock, disabled: readonly string[], by: string): Promise<void> {
  return kernel.database.write(async () => {
    await lock.confirm(kernel.database);
    const now = sqlTimestamp(new Date());
    for (const each of disabled) {
      const s = kernel.states.find((candidate) => candidate.id === each);
      await writeDesired(
        kernel.database.execute.bind(kernel.database),
        { id: each, package: s?.package ?? '', version: s?.version ?? '', desired: 'disabled', by },
        now,
      );
      // What is enabled again later gets another chance.
      await deleteQuarantines(kernel.database.execute.bind(kernel.database), each);
    }
    await kernel.revisionRow.raise({ assembly: true });
  });
}

/** Gives a quarantined extension another chance. Returns what serving processes must reach, as it is after `enable`. */
export async function liftQuarantine(kernel: Kernel, id: string): Promise<{ readonly assembly: number }> {
  if (!kernel.states.some((s) => s.id === id)) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
  const incidents = readIncidents(incidentFolder(kernel.config.directory));
  await kernel.database.write(async () => {
    const execute = kernel.database.execute.bind(kernel.database);
    const lifted = (await readQuarantines(execute)).filter((q) => q.extension === id);
    if (lifted.length === 0) throw problem('E_EXTENSION_NOT_QUARANTINED', { id }, { field: 'id' });
    await deleteQuarantines(execute, id);
    await kernel.revisionRow.raise({ assembly: lifted.some((q) => q.scope === 'extension') });
  });
  removeIncidents(incidents.filter(({ extension }) => extension === id));
  await kernel.quarantines.refresh(kernel.generation.hooks);
  return { assembly: (await kernel.revisionRow.read()).assembly };
}
