import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The file that makes a folder an instance; `init` writes it last. */
export const CONFIGURATION_FILE = 'posthorn.yaml';

const isInstance = (directory: string): boolean => existsSync(join(directory, CONFIGURATION_FILE));

/**
 * Finds the instance a command is about: the flag, `POSTHORN_INSTANCE`, the folder of `cwd` or one above it, `instance/`
 * in `cwd` (a checkout after `npm start`), or the one whose `node_modules/.bin` the program was called through. Returns
 * undefined where there is none, and what was named although it is none.
 */
export function findInstance(
  cwd: string,
  flag: string | undefined,
  o: { readonly environment?: NodeJS.ProcessEnv; readonly program?: string | undefined } = {},
): string | undefined {
  const environment = o.environment ?? process.env;
  const named = flag ?? (environment.POSTHORN_INSTANCE === '' ? undefined : environment.POSTHORN_INSTANCE);
  if (named !== undefined) return isInstance(resolve(cwd, named)) ? resolve(cwd, named) : undefined;
  for (let at = resolve(cwd); ; at = dirname(at)) {
    if (isInstance(at)) return at;
    if (dirname(at) === at) break;
  }
  if (isInstance(join(cwd, 'instance'))) return join(resolve(cwd), 'instance');
  const program = o.program ?? process.argv[1];
  const beside = program === undefined ? undefined : resolve(dirname(program), '..', '..');
  return beside !== undefined && isInstance(beside) ? beside : undefined;
}
