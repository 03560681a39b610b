import { mailFileProblem } from './problems.js';

const PLAIN = /^(?:\/[A-Za-z0-9._+@=-]+)+$/;

/**
 * A path that can stand anywhere: in a quoted SQL string, in a list of Postfix's `main.cf`, in Dovecot's settings with
 * their variables. Quotes, `%`, `$`, spaces and the like are refused rather than escaped for each of these.
 */
export const isPlainPath = (path: string): boolean => PLAIN.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);

/** The directory that is written, where its path can be named in other programs' settings. */
export function namedDirectory(directory: string): string {
  if (!isPlainPath(directory)) throw mailFileProblem('E_ADMIN_FILE_DIRECTORY', { directory });
  return directory;
}
