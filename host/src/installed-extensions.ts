import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Real folder. */
  readonly directory: string;
  /** The extension's id, for packages that are one. */
  readonly extension: string | undefined;
}

/** The program's own folder, symbolic links resolved. */
export const HOST_DIRECTORY = realpathSync(fileURLToPath(new URL('..', import.meta.url)));

function readPackage(directory: string): InstalledPackage | undefined {
  try {
    const real = realpathSync(directory);
    const manifest = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8')) as {
      name?: unknown;
      version?: unknown;
      posthorn?: { id?: unknown };
    };
    if (typeof manifest.name !== 'string') return undefined;
    const id = manifest.posthorn?.id;
    return {
      name: manifest.name,
      version: String(manifest.version ?? '0.0.0'),
      directory: real,
      extension: typeof id === 'string' ? id : undefined,
    };
  } catch {
    return undefined; // No package, or a link to nowhere.
  }
}

function children(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

/** The `node_modules` in which the program finds its own packages: those above its real folder, nearest first. */
function moduleFolders(): string[] {
  const folders: string[] = [];
  for (let at = HOST_DIRECTORY; ; at = dirname(at)) {
    const folder = at.endsWith('/node_modules') ? at : join(at, 'node_modules');
    if (existsSync(join(folder, '@posthorn', 'core'))) folders.push(folder);
    if (dirname(at) === at) return folders;
  }
}

/** Every package that lies beside the program, first-party or not. */
export function installedBeside(): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  for (const folder of moduleFolders()) {
    const names = children(folder).flatMap((name) =>
      name.startsWith('@') ? children(join(folder, name)).map((sub) => `${name}/${sub}`) : [name],
    );
    for (const name of names) {
      const one = readPackage(join(folder, name));
      if (one !== undefined && one.name === name && !found.has(name)) found.set(name, one);
    }
  }
  return [...found.values()];
}

/** Whether the program runs from a checkout of its sources rather than from an installed package. */
export const isCheckout = (): boolean => !HOST_DIRECTORY.includes('/node_modules/');

/** The Node that came as a package, or undefined where the user's own is used. */
export function packagedNode(): string | undefined {
  for (let at = HOST_DIRECTORY; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
    if (process.platform === 'linux' && existsSync(candidate)) return realpathSync(candidate);
    if (dirname(at) === at) return undefined;
  }
}
