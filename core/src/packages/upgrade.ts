import { discover } from '../assembly/discover.js';
import { servingProcesses } from '../cluster/other-processes.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { ASSEMBLY } from '../switching.js';
import { fetchPackage, type PackageSource } from './fetch-package.js';
import { type UpgradeOptions, type UpgradePlan, UpgradeRun } from './upgrade-run.js';
import { linkedNames, removeUnused } from './version-folders.js';

/**
 * Brings an extension to another version while everything serves. `wanted` is a version or tag of its package, a tarball
 * or a folder that lies somewhere; default: the newest. The new version lies beside the old one, whose workers serve until those of the new one
 * are ready. Whatever goes wrong on the way, the old version counts again, schema steps that ran are taken back, and the
 * reason is thrown: E_PACKAGE_UPGRADE for what speaks against it, E_PACKAGE_UPGRADE_UNDONE for what was tried and failed.
 */
export function upgradePackage(
  kernel: Kernel,
  id: string,
  wanted: { readonly version?: string | undefined } | Extract<PackageSource, { path: string }>,
  by: string,
  o: UpgradeOptions = {},
): Promise<UpgradePlan> {
  return kernel.locks.hold(ASSEMBLY, async (lock) => {
    const { directory } = kernel.config;
    await tidyPackages(kernel);
    const packages = await discover(directory);
    const old = packages.find((each) => each.id === id);
    if (old === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
    const source = 'path' in wanted ? wanted : { name: `${old.package}@${wanted.version ?? 'latest'}` };
    const fetched = await fetchPackage(directory, source);
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
