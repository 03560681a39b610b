import type { ExtensionDefinition } from '@posthorn/sdk';
import { readDesired } from '../assembly/desired.js';
import { load } from '../assembly/load.js';
import { servingProcesses } from '../cluster/other-processes.js';
import { Migrations } from '../data/migrate.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { kernelMigrations } from '../schema/migrations.js';
import { ASSEMBLY } from '../switching.js';
import { removePackage } from './add-package.js';
import { footprint, KEPT_BY_EXTENSION, type Left } from './footprint.js';

export interface Uninstalled {
  /** What was taken away, or would be. */
  readonly left: readonly Left[];
  /** Why the package itself is still there. */
  readonly packageProblem?: string;
}

/** The definition, read without enabling it. */
async function definitionOf(kernel: Kernel, id: string): Promise<ExtensionDefinition> {
  const found = kernel.packages.find((each) => each.id === id);
  if (found === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
  const loaded = await load(found);
  if (loaded.definition === undefined) throw problem('E_EXTENSION_UNREADABLE', { id, reason: loaded.problem });
  return loaded.definition;
}

/** What uninstalling would take away. Changes nothing. */
export const plannedUninstall = async (kernel: Kernel, id: string): Promise<readonly Left[]> =>
  footprint(kernel.database, await definitionOf(kernel, id));

/**
 * Takes a disabled extension away with all that was kept for it: its schema steps backwards, its parameters, grants, jobs
 * and events, the wish for it, and the package. Refused while it is enabled, while a process still runs it, and where
 * another installed extension's schema builds on its own.
 */
export function uninstall(kernel: Kernel, id: string): Promise<Uninstalled> {
  return kernel.locks.hold(ASSEMBLY, async (lock) => {
    const definition = await definitionOf(kernel, id);
    await requireUnused(kernel, id);
    const { database } = kernel;
    const left = await footprint(database, definition);
    const steps = left.filter(({ kind }) => kind === 'step').map(({ name }) => name);
    if (steps.length > 0) await (await allMigrations(kernel)).down(steps);
    await database.write(async () => {
      await lock.confirm(database);
      for (const { table, column } of KEPT_BY_EXTENSION) {
        await database.execute(`delete from ${table} where ${column} = ?`, [id]);
      }
      await kernel.revisionRow.raise();
    });
    const name = kernel.packages.find((each) => each.id === id)?.package;
    const packageProblem = name === undefined ? undefined : await removePackage(kernel.config.directory, name);
    return { left, ...(packageProblem === undefined ? {} : { packageProblem }) };
  });
}

async function requireUnused(kernel: Kernel, id: string): Promise<void> {
  const wish = (await readDesired(kernel.database.execute.bind(kernel.database))).find((row) => row.id === id);
  if (wish?.desired === 'enabled') throw problem('E_EXTENSION_ENABLED', { id }, { field: 'id' });
  const running = (await servingProcesses(kernel.database)).filter(({ versions }) => Object.hasOwn(versions, id));
  if (running.length > 0) {
    throw problem('E_EXTENSION_RUNS', { id, processes: running.map(({ pid }) => pid).join(', ') }, { field: 'id' });
  }
}

/** Of every package that can be read, enabled or not: another's schema may build on this one's. */
async function allMigrations(kernel: Kernel): Promise<Migrations> {
  const loaded = await Promise.all(kernel.packages.map((each) => load(each)));
  const steps = loaded.flatMap(({ definition }) => definition?.migrations ?? []);
  return new Migrations(kernel.database.target, [...kernelMigrations, ...steps]);
}
