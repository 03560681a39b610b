import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Remembers what was made, so that a failure leaves the disk as it was. */
export class Undo {
  readonly #made: string[] = [];

  /** Notes a path before it is made; one that exists already is not ours to remove. */
  note(path: string): void {
    if (!existsSync(path)) this.#made.push(path);
  }

  /** Makes a folder and those above it that are missing, searchable by everyone whatever the umask. */
  makeFolder(path: string): void {
    const missing: string[] = [];
    for (let at = path; !existsSync(at); at = dirname(at)) missing.push(at);
    for (const folder of missing.reverse()) {
      this.#made.push(folder);
      mkdirSync(folder);
      chmodSync(folder, 0o711);
    }
  }

  /** Takes everything back, the last first. Goes on where one thing cannot be removed. */
  run(): void {
    for (const path of this.#made.splice(0).reverse()) {
      try {
        rmSync(path, { recursive: true, force: true });
      } catch {
        // The error that led here matters more.
      }
    }
  }
}
