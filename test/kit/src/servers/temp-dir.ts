import { rmSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const alive = new Set<string>();
process.once('exit', () => {
  for (const dir of alive) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

/**
 * A fresh directory `posthorn-<label>-XXXXXX` below the system's temporary directory, mode 0755: daemons that gave up
 * root must be able to search it, which a plain `mkdtemp` (0700) does not allow. It goes away with the process.
 */
export async function makeTempDir(label: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `posthorn-${label}-`));
  alive.add(dir);
  await chmod(dir, 0o755);
  if (process.getuid?.() === 0) {
    for (let above = dirname(dir); above !== '/'; above = dirname(above)) {
      if ((statSync(above).mode & 0o001) === 0) {
        throw new Error(`${above} is not searchable by other users, so no daemon can work in it; set TMPDIR elsewhere`);
      }
    }
  }
  return dir;
}

/** Deletes a directory made by `makeTempDir`. */
export async function removeTempDir(dir: string): Promise<void> {
  if (process.env.POSTHORN_TEST_KEEP) {
    alive.delete(dir);
    process.stderr.write(`kept ${dir}\n`);
    return;
  }
  await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  alive.delete(dir);
}
