/** What is committed of the contract: a report for each package, the reference for authors, the types of the client. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type ApiDocument, clientTypes } from './client.ts';
import { extractContract } from './extract.ts';
import type { ApiItem } from './model.ts';
import { referencePages } from './reference.ts';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where the reference lies; nothing else is kept there. */
export const REFERENCE = 'docs/authors/reference';

/** Extensions whose contracts others build on. */
const CONTRACTS = ['admin', 'relaydomains', 'transport'];

/** Extensions whose calls the client has types of. */
const CALLED = ['admin', 'limits', 'relaydomains'];

export interface Outputs {
  /** Contents by path in the repository. */
  readonly files: ReadonlyMap<string, string>;
  /** The exports of the SDK. */
  readonly sdk: readonly ApiItem[];
}

/** Reads what is built. Takes some seconds. */
export async function contractOutputs(): Promise<Outputs> {
  const folder = join(root, 'sdk');
  const sdk = extractContract({ folder, entry: 'dist/index.d.ts', isTagged: true });
  const pages = referencePages({
    items: sdk.items,
    values: (await import(pathToFileURL(join(folder, 'dist/index.js')).href)) as Record<string, unknown>,
    declarations: (source) => readFileSync(join(folder, 'dist', `${source}.d.ts`), 'utf8'),
  });
  const files = new Map([
    ['sdk/etc/sdk.api.md', sdk.report],
    ...CONTRACTS.map((id) => [`extensions/${id}/etc/contract.api.md`, contractOf(id)] as const),
    ['sdk/client/src/calls.ts', clientTypes(await documentOfOurs())],
    ...[...pages].map(([name, text]) => [`${REFERENCE}/${name}`, text] as const),
  ]);
  return { files, sdk: sdk.items };
}

const contractOf = (id: string): string =>
  extractContract({ folder: join(root, 'extensions', id), entry: 'dist/contract.d.ts', isTagged: false }).report;

const built = (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(root, path)).href);

async function documentOfOurs(): Promise<ApiDocument> {
  const { documentOf } = (await built('core/dist/index.js')) as { documentOf(of: readonly unknown[]): ApiDocument };
  const modules = await Promise.all(CALLED.map((id) => built(`extensions/${id}/dist/index.js`)));
  return documentOf(modules.map((module) => module.default));
}
