import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Log } from '@posthorn/sdk';
import { discover, type ExtensionPackage } from '../assembly/discover.js';
import { problem } from '../errors.js';
import { npm } from './npm.js';
import { trialImport } from './trial-import.js';

/** What npm changes in an instance beside `node_modules`. */
const FILES = ['package.json', 'package-lock.json'] as const;

type Saved = readonly { readonly path: string; readonly text: string | undefined }[];

const save = (directory: string): Promise<Saved> =>
  Promise.all(
    FILES.map(async (name) => {
      const path = join(directory, name);
      return { path, text: existsSync(path) ? await readFile(path, 'utf8') : undefined };
    }),
  );

async function putBack(directory: string, saved: Saved, log: Log): Promise<void> {
  for (const { path, text } of saved) await (text === undefined ? rm(path, { force: true }) : writeFile(path, text));
  const { code, said } = await npm(directory, ['install', '--prefer-offline']);
  if (code !== 0) log.error({ said }, 'the packages could not be put back as they were');
}

/** Where an instance keeps the tarballs it was given: npm looks for them again with every package that comes. */
const TARBALLS = 'packages';

/** What npm is asked for. A tarball is copied into the instance, a folder packed into it; returns the file it made. */
async function specOf(directory: string, wanted: string): Promise<{ readonly spec: string; readonly made?: string }> {
  if (!existsSync(wanted)) return { spec: wanted };
  const kept = join(directory, TARBALLS);
  await mkdir(kept, { recursive: true });
  const path = resolve(wanted);
  if ((await stat(path)).isDirectory()) {
    const { code, said } = await npm(path, ['pack', '--silent', '--pack-destination', kept]);
    const name = said.split('\n').at(-1) ?? '';
    if (code !== 0 || !name.endsWith('.tgz'))
      throw problem('E_PACKAGE_INSTALL', { package: wanted, reason: said || 'npm could not be run' });
    return { spec: `./${TARBALLS}/${name}`, made: join(kept, name) };
  }
  const copy = join(kept, basename(path));
  await copyFile(path, copy);
  return { spec: `./${TARBALLS}/${basename(path)}`, made: copy };
}

const dependencies = (saved: Saved): Readonly<Record<string, string>> =>
  (JSON.parse(saved[0]?.text ?? '{}') as { dependencies?: Record<string, string> }).dependencies ?? {};

/**
 * Installs an extension into an instance: a package of the registry (`name` or `name@version`), a tarball or a folder.
 * Nothing of it runs here except its import, in a process of its own. Where it is no extension, or one that could never be
 * enabled, the packages are put back as they were.
 */
export async function addPackage(directory: string, wanted: string, log: Log): Promise<ExtensionPackage> {
  if (wanted.startsWith('-')) throw problem('E_PACKAGE_INSTALL', { package: wanted, reason: 'that is no package' });
  const before = await save(directory);
  const known = await discover(directory);
  const { spec, made } = await specOf(directory, wanted);
  try {
    const { code, said } = await npm(directory, ['install', '--save-exact', '--', spec]);
    if (code !== 0) throw problem('E_PACKAGE_INSTALL', { package: wanted, reason: said || 'npm could not be run' });
    const had = dependencies(before);
    const name = Object.entries(dependencies(await save(directory))).find(([n, v]) => had[n] !== v)?.[0];
    if (name === undefined || had[name] !== undefined) throw problem('E_PACKAGE_PRESENT', { package: name ?? wanted });
    const found = (await discover(directory)).find((each) => each.package === name);
    if (found === undefined) throw problem('E_PACKAGE_NO_EXTENSION', { package: name });
    const other = known.find(({ id }) => id === found.id);
    const reason =
      other === undefined
        ? (found.problem ?? (await trialImport(found.entry)))
        : `the package ${other.package} has that id already`;
    if (reason !== undefined) throw problem('E_EXTENSION_UNUSABLE', { id: found.id, reason });
    return found;
  } catch (error) {
    await putBack(directory, before, log);
    if (made !== undefined && before[0]?.text?.includes(basename(made)) !== true) await rm(made, { force: true });
    throw error;
  }
}

/** Takes a package out of an instance, with the tarball it came from. Returns why npm could not. */
export async function removePackage(directory: string, name: string): Promise<string | undefined> {
  const source = dependencies(await save(directory))[name] ?? '';
  const { code, said } = await npm(directory, ['uninstall', '--', name]);
  if (code !== 0) return said || 'npm could not be run';
  const tarball = /^file:(packages\/[^/]+\.tgz)$/.exec(source)?.[1];
  if (tarball !== undefined) await rm(join(directory, tarball), { force: true });
  return undefined;
}
