import { pathToFileURL } from 'node:url';
import { type ExtensionPackage, inspectPackage } from '@posthorn/core';
import type { ExtensionDefinition } from '@posthorn/sdk';
import { extensionPeers, type GivenExtension, type Manifest, manifestOf } from '../host/extension-package.js';
import { type TestHost, type TestHostOptions, testHost } from '../test-host.js';
import type { ConformanceOptions, Prepared } from './check.js';

/** The extension that is looked at, with what it stands beside. */
export interface Subject {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly found: ExtensionPackage;
  readonly definition: ExtensionDefinition;
  /** Folders of installed extensions that it names as peers, by id. */
  readonly peers: ReadonlyMap<string, string>;
  /** Folders of what it requires, and what that requires. */
  readonly required: readonly string[];
}

/** Throws where the folder holds no extension that can be imported, or what it requires is not installed. */
export async function subjectIn(folder: string): Promise<Subject> {
  const manifest = manifestOf(folder);
  const found = await inspectPackage(folder, manifest.name);
  if (found === undefined) throw new Error(`${folder}: package.json has no posthorn block`);
  if (found.problem !== undefined) throw new Error(`${manifest.name}: ${found.problem}`);
  const module = (await import(pathToFileURL(found.entry).href)) as { default?: ExtensionDefinition };
  if (module.default === undefined) throw new Error(`${found.entry} has no default export made by defineExtension`);
  const peers = extensionPeers(folder);
  const required = new Map<string, string>();
  const visit = async (id: string, all: ReadonlyMap<string, string>): Promise<void> => {
    if (required.has(id)) return;
    const peer = all.get(id) ?? peers.get(id);
    if (peer === undefined)
      throw new Error(
        `the extension ${id} is required but not installed: make its package a peer and a dev dependency`,
      );
    required.set(id, peer);
    const { requires = {} } = (await inspectPackage(peer, manifestOf(peer).name)) ?? {};
    for (const next of Object.keys(requires)) await visit(next, extensionPeers(peer));
  };
  for (const id of Object.keys(module.default.requires ?? {})) await visit(id, peers);
  return { folder, manifest, found, definition: module.default, peers, required: [...required.values()] };
}

export const hostOf = (
  s: Subject,
  more: readonly GivenExtension[] = [],
  o: Omit<TestHostOptions, 'with'> = {},
): Promise<TestHost> => testHost({ ...o, with: [...s.required, s.definition, ...more] });

export const preparedOn = async (host: TestHost, o: ConformanceOptions): Promise<Prepared> =>
  (await o.prepare?.(host)) ?? {};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
