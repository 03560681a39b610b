import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { discover, type ExtensionPackage } from '../assembly/discover.js';
import { problem } from '../errors.js';
import { fetchPackage, type PackageSource } from './fetch-package.js';
import { npm } from './npm.js';
import { trialImport } from './trial-import.js';
import { linkVersion, removeVersions } from './version-folders.js';

/**
 * Installs an extension into an instance.
 * Nothing of it runs here except its import, in a process of its own. Where it is no extension, or one that could never be
 * enabled, nothing of it stays.
 */
export async function addPackage(directory: string, source: PackageSource): Promise<ExtensionPackage> {
  const known = await discover(directory);
  const { found, folder, discard } = await fetchPackage(directory, source);
  try {
    if (known.some((each) => each.package === found.package))
      throw problem('E_PACKAGE_PRESENT', { package: found.package });
    const other = known.find(({ id }) => id === found.id);
    const reason =
      other === undefined
        ? (found.problem ?? (await trialImport([found.entry]))[0])
        : `the package ${other.package} has that id already`;
    if (reason !== undefined) throw problem('E_EXTENSION_UNUSABLE', { id: found.id, reason });
    await linkVersion(directory, found.package, folder);
    return found;
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Takes a package out of an instance, however it came there. Returns why npm could not. */
export async function removePackage(directory: string, name: string): Promise<string | undefined> {
  if (await isDependency(directory, name)) {
    const { code, said } = await npm(directory, ['uninstall', '--', name]);
    if (code !== 0) return said || 'npm could not be run';
  }
  await removeVersions(directory, name);
  return undefined;
}

async function isDependency(directory: string, name: string): Promise<boolean> {
  const path = join(directory, 'package.json');
  if (!existsSync(path)) return false;
  const { dependencies = {} } = JSON.parse(await readFile(path, 'utf8')) as {
    dependencies?: Readonly<Record<string, string>>;
  };
  return Object.hasOwn(dependencies, name);
}
