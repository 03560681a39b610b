import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ExtensionPackage, inspectPackage } from '../assembly/discover.js';
import { problem } from '../errors.js';
import { npm } from './npm.js';
import {
  linkedFolder,
  packageIn,
  packagesFolder,
  removeFolder,
  settleFolder,
  versionFolder,
} from './version-folders.js';

/** A package's name, with a version or a tag. What npm would fetch from elsewhere (git, GitHub, an address) is none. */
const NAMED = /^(?:@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*(?:@[\w.^~+-]+)?$/;

/** A package by its name in the registry, with a version or a tag, or a tarball or folder that lies somewhere. */
export type PackageSource = { readonly name: string } | { readonly path: string };

export const isPackageName = (text: string): boolean => NAMED.test(text);

/** What somebody types where paths are typed as well. */
export const typedSource = (typed: string): PackageSource => (existsSync(typed) ? { path: typed } : { name: typed });

export interface FetchedPackage {
  readonly found: ExtensionPackage;
  /** Of this version. */
  readonly folder: string;
  /** Takes it away again. */
  discard(): Promise<void>;
}

async function run(directory: string, wanted: string, args: readonly string[]): Promise<string> {
  const { code, said } = await npm(directory, args);
  if (code === 0) return said;
  throw problem('E_PACKAGE_INSTALL', { package: wanted, reason: said || 'npm could not be run' });
}

/** What npm is asked for; a folder is packed first. */
async function specOf(staging: string, source: PackageSource): Promise<string> {
  if ('name' in source) {
    if (isPackageName(source.name)) return source.name;
    const reason = 'it must be a package of the registry (name, name@version), a tarball or a folder that exists';
    throw problem('E_PACKAGE_INSTALL', { package: source.name, reason });
  }
  const path = resolve(source.path);
  if (!(await stat(path)).isDirectory()) return path;
  const said = await run(path, source.path, ['pack', '--silent', '--pack-destination', staging]);
  return join(staging, said.split('\n').at(-1) ?? '');
}

/**
 * Brings a package into its own folder in the instance. npm fetches, extracts and adds what it depends on; nothing of it runs and nothing else in the instance changes.
 * Throws E_PACKAGE_INSTALL, E_PACKAGE_PRESENT where that very version counts already, and E_PACKAGE_NO_EXTENSION.
 */
export async function fetchPackage(directory: string, source: PackageSource): Promise<FetchedPackage> {
  await mkdir(packagesFolder(directory), { recursive: true });
  const staging = await mkdtemp(join(packagesFolder(directory), '.staging-'));
  try {
    const npmrc = join(directory, '.npmrc');
    await writeFile(join(staging, 'package.json'), '{"private":true}\n');
    // The instance's registry and its credentials; npm looks for them in the folder that it works in.
    if (existsSync(npmrc)) await copyFile(npmrc, join(staging, '.npmrc'));
    const spec = await specOf(staging, source);
    await run(staging, 'name' in source ? source.name : source.path, [
      'install',
      '--save-exact',
      '--no-package-lock',
      '--',
      spec,
    ]);
    await rm(join(staging, '.npmrc'), { force: true });
    if (spec.startsWith(`${staging}/`)) await rm(spec, { force: true });
    const name = await installedName(staging);
    const inspected = await inspectPackage(packageIn(staging, name), name);
    if (inspected === undefined) throw problem('E_PACKAGE_NO_EXTENSION', { package: name });
    const folder = versionFolder(directory, name, inspected.version);
    if ((await linkedFolder(directory, name)) === folder) throw problem('E_PACKAGE_PRESENT', { package: name });
    await settleFolder(staging, folder);
    const found = await inspectPackage(packageIn(folder, name), name);
    if (found === undefined) throw new Error(`${folder} does not hold what was fetched`);
    return { found: { ...found, instance: directory }, folder, discard: () => removeFolder(directory, folder) };
  } catch (error) {
    await removeFolder(directory, staging);
    throw error;
  }
}

async function installedName(staging: string): Promise<string> {
  const { dependencies = {} } = JSON.parse(await readFile(join(staging, 'package.json'), 'utf8')) as {
    dependencies?: Readonly<Record<string, string>>;
  };
  return Object.keys(dependencies)[0] ?? '';
}
