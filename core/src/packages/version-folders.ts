import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readlink, rename, rm, rmdir, stat, symlink, utimes } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { valid } from 'semver';

/**
 * `packages/` of an instance. Each version of a package has a folder of its own, `NAME-VERSION` with `+` for the slash of
 * a scope, and lies there in a `node_modules` with its own dependencies. `packages/node_modules/NAME` is a link to the
 * version that counts. Node resolves it to the real folder, so a process that imported one version goes on reading that
 * one while the link points at another; what a package does not bring is found in the folders above, where the links and
 * then the instance's own packages lie.
 */
export const packagesFolder = (directory: string): string => join(directory, 'packages');

const linksFolder = (directory: string): string => join(packagesFolder(directory), 'node_modules');

const stem = (name: string): string => name.replace('/', '+');

export const versionFolder = (directory: string, name: string, version: string): string =>
  join(packagesFolder(directory), `${stem(name)}-${version}`);

/** Where a package lies in its version's folder. */
export const packageIn = (folder: string, name: string): string => join(folder, 'node_modules', name);

/** A version that was replaced stays this long at least: workers that finish what they hold still read it. */
const KEPT_MS = 10 * 60_000;
/** What a killed command left behind. */
const STAGING = /^\.staging-/;

async function entries(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Names of the packages that have a link. */
export async function linkedNames(directory: string): Promise<readonly string[]> {
  const folder = linksFolder(directory);
  const names = (await entries(folder)).filter((name) => !name.startsWith('.'));
  const found = names.map(async (name) =>
    name.startsWith('@') ? (await entries(join(folder, name))).map((each) => `${name}/${each}`) : [name],
  );
  return (await Promise.all(found)).flat().filter((name) => !name.includes('/.'));
}

/** The folder of the version that counts; undefined where the package is not kept here. */
export async function linkedFolder(directory: string, name: string): Promise<string | undefined> {
  const link = join(linksFolder(directory), name);
  const target = await readlink(link).catch(() => undefined);
  if (target === undefined) return undefined;
  const suffix = `/node_modules/${name}`;
  const path = resolve(dirname(link), target);
  return path.endsWith(suffix) ? path.slice(0, -suffix.length) : undefined;
}

export const linkPath = (directory: string, name: string): string => join(linksFolder(directory), name);

/** Makes a version the one that counts, in one step; without a folder none does. */
export async function linkVersion(directory: string, name: string, folder: string | undefined): Promise<void> {
  const link = linkPath(directory, name);
  const before = await linkedFolder(directory, name);
  if (folder === undefined) {
    await rm(link, { force: true });
    await removeEmpty(dirname(link), packagesFolder(directory));
  } else {
    await mkdir(dirname(link), { recursive: true });
    const fresh = join(dirname(link), `.${randomUUID()}`);
    await symlink(relative(dirname(link), packageIn(folder, name)), fresh);
    await rename(fresh, link);
  }
  // Its age as one that is not used counts from now.
  if (before !== undefined && before !== folder) await utimes(before, new Date(), new Date()).catch(() => undefined);
}

/** Takes away a folder and those around it that are empty then, up to and including `last`. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    return; // Something is in it.
  }
  if (folder !== last) await removeEmpty(dirname(folder), last);
}

/** Takes away one version's folder. */
export async function removeFolder(directory: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await removeEmpty(packagesFolder(directory), packagesFolder(directory));
}

interface Kept {
  readonly folder: string;
  readonly stem: string;
  readonly version: string;
}

async function versionFolders(directory: string): Promise<readonly Kept[]> {
  const all = packagesFolder(directory);
  return (await entries(all)).flatMap((entry): readonly Kept[] => {
    const at = [...entry.matchAll(/-(?=\d)/g)]
      .map(({ index }) => index)
      .find((i) => valid(entry.slice(i + 1)) !== null);
    return at === undefined
      ? []
      : [{ folder: join(all, entry), stem: entry.slice(0, at), version: entry.slice(at + 1) }];
  });
}

/** Takes away a package's link and all its versions. */
export async function removeVersions(directory: string, name: string): Promise<void> {
  await linkVersion(directory, name, undefined);
  for (const { folder, stem: its } of await versionFolders(directory)) {
    if (its === stem(name)) await removeFolder(directory, folder);
  }
}

/**
 * Takes away versions that have not counted for ten minutes and that no process runs, and what killed commands left.
 * `isRunning` is asked for each by its package and version.
 */
export async function removeUnused(
  directory: string,
  isRunning: (name: string, version: string) => boolean,
): Promise<void> {
  const linked = new Set(
    await Promise.all((await linkedNames(directory)).map((name) => linkedFolder(directory, name))),
  );
  const all = packagesFolder(directory);
  const isOld = async (path: string): Promise<boolean> => Date.now() - (await stat(path)).mtimeMs > KEPT_MS;
  for (const { folder, stem: its, version } of await versionFolders(directory)) {
    if (linked.has(folder) || isRunning(its.replace('+', '/'), version)) continue;
    if (await isOld(folder)) await removeFolder(directory, folder);
  }
  for (const entry of await entries(all)) {
    if (STAGING.test(entry) && (await isOld(join(all, entry)))) await removeFolder(directory, join(all, entry));
  }
}

/** Moves what was fetched to where its version belongs; a folder of that version that nothing counts any more goes. */
export async function settleFolder(staging: string, folder: string): Promise<void> {
  const gone = `${staging}-gone`;
  if (existsSync(folder)) await rename(folder, gone);
  await rename(staging, folder);
  await rm(gone, { recursive: true, force: true });
}
