/**
 * Parts of the kernel that its package keeps to itself. They are measured from its compiled files, beside the rest of
 * the package, so that both are the same copy.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/**
 * The folder of a package.
 * @param {string} name
 */
export const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`));

/**
 * A compiled module of core, such as `hooks/hooks`.
 * @param {string} path
 */
export const coreModule = (path) =>
  import(pathToFileURL(join(packageFolder('@posthorn/core'), 'dist', `${path}.js`)).href);

/**
 * A dependency of core, found where core finds it.
 * @param {string} name
 */
export const coreDependency = (name) =>
  import(pathToFileURL(createRequire(join(packageFolder('@posthorn/core'), 'package.json')).resolve(name)).href);

/** @param {string} name */
export const packageVersion = (name) =>
  JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8')).version;
