import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectPackage, loadExtension } from '@posthorn/core';
import type { ExtensionDefinition } from '@posthorn/sdk';

/** An extension as an object, or the folder of its package. */
export type GivenExtension = ExtensionDefinition | string | URL;

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export const folderOf = (given: string | URL): string => (given instanceof URL ? fileURLToPath(given) : given);

export const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Loads a package as a host does. Throws where a host would leave it out, with the host's reason. */
export async function definitionIn(folder: string): Promise<ExtensionDefinition> {
  const found = await inspectPackage(folder, manifestOf(folder).name);
  if (found === undefined) throw new Error(`${folder}: package.json has no posthorn block`);
  const loaded = await loadExtension(found);
  if (loaded.problem !== undefined) throw new Error(`${folder}: ${loaded.problem}`);
  return loaded.definition;
}

/** Folders of the packages that a package names as peers and that are extensions, by the extension's id. */
export function extensionPeers(folder: string): ReadonlyMap<string, string> {
  const { peerDependencies = {}, devDependencies = {} } = manifestOf(folder);
  const found = new Map<string, string>();
  for (const name of Object.keys({ ...peerDependencies, ...devDependencies })) {
    const peer = packageFolder(name, folder);
    if (peer === undefined) continue;
    const { id } = (manifestOf(peer)['posthorn'] ?? {}) as { id?: unknown };
    if (typeof id === 'string') found.set(id, peer);
  }
  return found;
}

/** Where a package's import of `name` leads; undefined where it is not installed. */
export function packageFolder(name: string, from: string): string | undefined {
  try {
    return dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    for (let at = from; ; at = dirname(at)) {
      const folder = join(at, 'node_modules', name);
      if (existsSync(join(folder, 'package.json'))) return folder;
      if (dirname(at) === at) return undefined;
    }
  }
}
