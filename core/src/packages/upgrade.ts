import { existsSync } from 'node:fs';
import { discover } from '../assembly/discover.js';
import { servingProcesses } from '../cluster/other-processes.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { ASSEMBLY } from '../switching.js';
import { fetchPackage } from './fetch-package.js';
import { type UpgradeOptions, type UpgradePlan, UpgradeRun } from './upgrade-run.js';
import { linkedNames, removeUnused } from './version-folders.js';

/**
 * Brings an extension to another version while everything serves. `spec` is a version or tag of its package, a tarball or
 * a folder; default: the newest. The new version lies beside the old one, whose workers serve until those of the new one
 * are ready. Whatever goes wrong on the way, the old version counts again, schema steps that ran are taken back, and the
 * reason is thrown: E_PACKAGE_UPGRADE for what speaks against it, E_PACKAGE_UPGRADE_UNDONE for what was tried and failed.
 */
export function upgradePackage(
  kernel: Kernel,
  id: string,
  spec: string | undefined,
  by: string,
  o: UpgradeOptions = {},
): Promise<UpgradePlan> {
  return kernel.locks.hold(ASSEMBLY, async (lock) => {
    const { directory } = kernel.config;
    await tidyPackages(kernel);
    const packages = await discover(directory);
    const old = packages.find((each) => each.id === id);
    if (old === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
    const isPath = spec !== undefined && existsSync(spec);
    const fetched = await fetchPackage(directory, isPath ? spec : `${old.package}@${spec ?? 'latest'}`);
    const added = new Set(await linkedNames(directory));
    const run = new UpgradeRun(kernel, lock, { id, by, old, fetched, packages, added, o });
    return run.go();
  });
}

/** Takes away versions that nobody runs any more. */
export async function tidyPackages(kernel: Kernel): Promise<void> {
  const { directory } = kernel.config;
  const ids = new Map((await discover(directory)).map((each) => [each.package, each.id]));
  const processes = await servingProcesses(kernel.database);
  await removeUnused(directory, (name, version) =>
    processes.some(({ versions }) => versions[ids.get(name) ?? ''] === version),
  );
}
