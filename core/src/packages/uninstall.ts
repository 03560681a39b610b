import { type Contributed, type ExtensionDefinition, type FileSet, fileSets, type Problem } from '@posthorn/sdk';
import { readDesired } from '../assembly/desired.js';
import { servingProcesses } from '../cluster/other-processes.js';
import { Migrations } from '../data/migrate.js';
import { problem } from '../errors.js';
import { type RemovedFile, removeFiles } from '../files/remove-files.js';
import { errorText } from '../jobs/error-text.js';
import type { Kernel } from '../kernel.js';
import { kernelMigrations } from '../schema/migrations.js';
import { ASSEMBLY } from '../switching.js';
import { removePackage } from './add-package.js';
import { definitionOf, readableDefinitions } from './definitions.js';
import { filesOf, footprint, keptFor, type Left } from './footprint.js';
import { runOwnUninstall } from './own-uninstall.js';

export interface UninstallOptions {
  /** Go on where the extension's own tidying up fails. */
  readonly force?: boolean;
  /** Absolute paths of directories that files of the extension were written to. */
  readonly directories?: readonly string[];
}

export interface Uninstalled {
  /** What was taken away, or would be. */
  readonly left: readonly Left[];
  /** Files in the directories that were named. */
  readonly files: readonly RemovedFile[];
  /** Why the extension's own tidying up failed, where that was put up with. */
  readonly ownProblem?: string;
  /** Why the package itself is still there. */
  readonly packageProblem?: string;
}

/** What uninstalling would take away. Changes nothing. */
export const plannedUninstall = async (kernel: Kernel, id: string): Promise<readonly Left[]> =>
  footprint(kernel.database, await definitionOf(kernel, id));

/** Why an extension cannot be uninstalled now: it is enabled, a process still runs it, or another's schema builds on its. */
export async function uninstallObstacles(kernel: Kernel, id: string): Promise<readonly Problem[]> {
  const found: Problem[] = [];
  const wish = (await readDesired(kernel.database.execute.bind(kernel.database))).find((row) => row.id === id);
  if (wish?.desired === 'enabled') found.push(problem('E_EXTENSION_ENABLED', { id }, { field: 'id' }));
  const running = (await servingProcesses(kernel.database)).filter(({ versions }) => Object.hasOwn(versions, id));
  // While it is enabled, that it runs is no news.
  if (running.length > 0 && found.length === 0) {
    found.push(
      problem('E_EXTENSION_RUNS', { id, processes: running.map(({ pid }) => pid).join(', ') }, { field: 'id' }),
    );
  }
  const steps = await builtOn(kernel, id);
  if (steps.length > 0) found.push(problem('E_EXTENSION_BUILT_ON', { id, steps: steps.join(', ') }, { field: 'id' }));
  return found;
}

/** Steps of others, in the database already, that build on one of this extension. */
async function builtOn(kernel: Kernel, id: string): Promise<readonly string[]> {
  const rows = await kernel.database.execute<{ name: string }>('select name from core_migration');
  const applied = new Set(rows.map(({ name }) => name));
  return (await readableDefinitions(kernel))
    .filter((definition) => definition.id !== id)
    .flatMap(({ migrations }) => migrations ?? [])
    .filter(({ name, after = [] }) => applied.has(name) && after.some((step) => step.startsWith(`${id}/`)))
    .map(({ name }) => name);
}

/**
 * Takes a disabled extension away with all that was kept for it: what it does itself to tidy up, unedited files of it in
 * the named directories, its schema steps backwards, its parameters, grants, jobs and events, the wish for it, and the
 * package. Refused for every reason of `uninstallObstacles`, and with E_EXTENSION_UNINSTALL.
 */
export function uninstall(kernel: Kernel, id: string, o: UninstallOptions = {}): Promise<Uninstalled> {
  return kernel.locks.hold(ASSEMBLY, async (lock) => {
    const definition = await definitionOf(kernel, id);
    const [obstacle] = await uninstallObstacles(kernel, id);
    if (obstacle !== undefined) throw obstacle;
    const { database } = kernel;
    const left = await footprint(database, definition);
    const failure = await runOwnUninstall(kernel, definition);
    const ownProblem = failure === undefined ? undefined : errorText(failure.cause);
    if (ownProblem !== undefined && o.force !== true) {
      throw problem('E_EXTENSION_UNINSTALL', { id, reason: ownProblem }, { field: 'id', cause: failure });
    }
    const files = await removeBrought(kernel, definition, o.directories ?? []);
    const steps = left.filter(({ kind }) => kind === 'step').map(({ name }) => name);
    if (steps.length > 0) await (await allMigrations(kernel)).down(steps);
    await database.write(async () => {
      await lock.confirm(database);
      for (const { table, where, value } of keptFor(id)) {
        await database.execute(`delete from ${table} where ${where}`, [value]);
      }
      await kernel.revisionRow.raise();
    });
    const name = kernel.packages.find((each) => each.id === id)?.package;
    const packageProblem = name === undefined ? undefined : await removePackage(kernel.config.directory, name);
    return {
      left,
      files,
      ...(ownProblem === undefined ? {} : { ownProblem }),
      ...(packageProblem === undefined ? {} : { packageProblem }),
    };
  });
}

/** The files are in sets of its own, or of others that are enabled. */
async function removeBrought(
  kernel: Kernel,
  definition: ExtensionDefinition,
  directories: readonly string[],
): Promise<readonly RemovedFile[]> {
  const own = (definition.contributes ?? []).filter(({ slot }) => slot.id === fileSets.id).map(({ item }) => item);
  const others = kernel.generation.slots.items(fileSets.id) as readonly Contributed<FileSet>[];
  const removed: RemovedFile[] = [];
  for (const set of [...(own as readonly FileSet[]), ...others.map(({ item }) => item)]) {
    const names = filesOf(definition)
      .filter((file) => file.set === set.id)
      .map(({ name }) => name);
    if (names.length === 0) continue;
    for (const directory of directories) removed.push(...(await removeFiles(set, directory, names)));
  }
  return removed;
}

/** Of every package that can be read, enabled or not: another's schema may build on this one's. */
async function allMigrations(kernel: Kernel): Promise<Migrations> {
  const steps = (await readableDefinitions(kernel)).flatMap(({ migrations }) => migrations ?? []);
  return new Migrations(kernel.database.target, [...kernelMigrations, ...steps]);
}
