import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder in which Node keeps compiled modules between processes (`NODE_COMPILE_CACHE`), or undefined where it may not
 * be used. What lies there is run as it is: only whoever owns the instance's data reads it, and nobody else can write it,
 * so that a command run as root never runs what the program's user has left behind.
 */
export function codeCache(directory: string): string | undefined {
  const data = join(directory, 'data');
  const cache = join(data, 'code');
  try {
    if (lstatSync(data).uid !== process.getuid?.()) return undefined;
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(cache);
    return uid === process.getuid() && (mode & 0o022) === 0 ? cache : undefined;
  } catch {
    return undefined; // A full or read-only disk: everything runs without it.
  }
}
