import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kernel } from '../kernel.js';
import { HOST_CATALOG } from './catalogs.js';

/** Whose sentences are looked at, and where they and their catalogues are. */
export interface CatalogOwner {
  readonly id: string;
  /** Folders with compiled scripts and views. */
  readonly sources: readonly string[];
  /** The folder with its `<language>.json`. */
  readonly locales: string;
}

const CORE = fileURLToPath(new URL('../../', import.meta.url));

/** The kernel and the kit speak with one voice, under the name of the host. */
export const hostCatalog = (): CatalogOwner => ({
  id: HOST_CATALOG.extension,
  sources: [join(CORE, 'dist'), join(CORE, 'views'), dirname(fileURLToPath(import.meta.resolve('@posthorn/sdk')))],
  locales: fileURLToPath(HOST_CATALOG.locales),
});

/**
 * The host and every extension that is installed, enabled or not. Where an extension keeps its catalogues is known of
 * those that are enabled; of others it is taken to be `locales/`, and none of their code is run.
 */
export function catalogOwners(kernel: Pick<Kernel, 'packages' | 'generation'>): readonly CatalogOwner[] {
  const extensions = kernel.packages.map(({ id, directory }) => {
    const { locales } = kernel.generation.order.find((definition) => definition.id === id) ?? {};
    return {
      id,
      sources: [directory],
      locales: locales === undefined ? join(directory, 'locales') : fileURLToPath(locales),
    };
  });
  return [hostCatalog(), ...extensions];
}
