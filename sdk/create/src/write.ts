import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { licences } from './licences.js';
import { DEFAULT_ID, type Plan, Refusal, titleOf } from './plan.js';

const TEMPLATE = fileURLToPath(new URL('../template/', import.meta.url));
const OWN_MANIFEST = new URL('../package.json', import.meta.url);
/** npm leaves such a file out of packages, so it is kept under another name. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' };

/** Writes the package and returns the paths of its files, sorted. Throws a `Refusal` where the folder has something in it. */
export async function writeExtension(plan: Plan, now: Date = new Date()): Promise<readonly string[]> {
  const root = resolve(plan.directory);
  if (existsSync(root) && readdirSync(root).length > 0) throw new Refusal(`${plan.directory} is not empty.`);
  const files = new Map<string, string>();
  for (const entry of await readdir(TEMPLATE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = from.slice(TEMPLATE.length);
    files.set(
      join(dirname(to), RENAMED[basename(to)] ?? basename(to)),
      adapted(await readFile(from, 'utf8'), to, plan),
    );
  }
  files.set('package.json', `${JSON.stringify(await manifestFor(plan), undefined, 2)}\n`);
  files.set(
    'LICENSE',
    (licences[plan.licence] as (year: number, holder: string) => string)(now.getUTCFullYear(), plan.author),
  );
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return [...files.keys()].sort();
}

/** The template is an extension itself: its names become those of the new one. */
function adapted(text: string, path: string, { id, title }: Plan): string {
  const table = (name: string): string => `${name.replaceAll('-', '_')}_`;
  const renamed = text
    .replaceAll(titleOf(DEFAULT_ID), title)
    .replaceAll(table(DEFAULT_ID), table(id))
    .replaceAll(DEFAULT_ID, id);
  return /^locales[\\/]/.test(path) ? sortedCatalogue(renamed) : renamed;
}

const sortedCatalogue = (text: string): string =>
  `${JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(text) as object).sort(([a], [b]) => (a < b ? -1 : 1))),
    undefined,
    2,
  )}\n`;

/** The versions are those that this package was tried with: they stand in its own manifest. */
async function manifestFor({ id, title, licence }: Plan): Promise<object> {
  const own = JSON.parse(await readFile(OWN_MANIFEST, 'utf8')) as {
    devDependencies: Readonly<Record<string, string>>;
    engines: object;
  };
  const tools = own.devDependencies;
  const range = (name: string): string => `^${tools[name]}`;
  return {
    name: `posthorn-${id}`,
    version: '0.1.0',
    license: licence,
    description: `${title}: keeps a note beside every domain.`,
    keywords: ['posthorn-extension'],
    type: 'module',
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    files: ['dist', 'locales', 'views'],
    scripts: { build: 'tsc -p .', test: 'vitest run', prepack: 'npm run build' },
    engines: own.engines,
    posthorn: { id, sdk: '^1.0.0', entry: './dist/index.js', requires: { admin: range('@posthorn/admin') } },
    peerDependencies: { '@posthorn/admin': range('@posthorn/admin'), '@posthorn/sdk': range('@posthorn/sdk') },
    devDependencies: tools,
  };
}
