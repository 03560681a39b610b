import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** What we serve of other packages, by the name it gets with us: an explicit list, never a folder. */
const VENDOR = {
  'tabler.css': ['@tabler/core', 'dist/css/tabler.min.css'],
  'tabler.rtl.css': ['@tabler/core', 'dist/css/tabler.rtl.min.css'],
  'tabler.js': ['@tabler/core', 'dist/js/tabler.min.js'],
  'htmx.js': ['htmx.org', 'dist/htmx.min.js'],
  'uplot.js': ['uplot', 'dist/uPlot.iife.min.js'],
  'swagger-ui.js': ['swagger-ui-dist', 'swagger-ui-bundle.js'],
  'swagger-ui.css': ['swagger-ui-dist', 'swagger-ui.css'],
  'uplot.css': ['uplot', 'dist/uPlot.min.css'],
  'inter-latin.woff2': ['@fontsource-variable/inter', 'files/inter-latin-wght-normal.woff2'],
  'inter-latin-ext.woff2': ['@fontsource-variable/inter', 'files/inter-latin-ext-wght-normal.woff2'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export const VENDOR_NAMES = Object.keys(VENDOR) as readonly (keyof typeof VENDOR)[];

/**
 * The folder of an installed package. Its `package.json` may not be exported, so the folders that resolution looks in
 * are tried one by one.
 */
export function packageFile(name: string, file: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return join(dirname(require.resolve(join(folder, name, 'package.json'))), file);
    } catch {
      // not in this folder
    }
  }
  throw new Error(`the package ${name} is not installed`);
}

export function vendorFile(name: keyof typeof VENDOR): string {
  const [from, file] = VENDOR[name];
  return packageFile(from, file);
}
