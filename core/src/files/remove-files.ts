/** Takes files that were written for another program away again. */
import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSet } from '@posthorn/sdk';
import { formatChecksums, parseChecksums } from './checksums.js';
import { hasDirectory, readExisting } from './plan.js';
import { stageFile } from './staged-file.js';

export interface RemovedFile {
  /** Absolute. */
  readonly path: string;
  /** False where it was edited, or no record says that it is ours: it is still there. */
  readonly isRemoved: boolean;
}

/** Removes the named files of a set from a directory, except those that were edited, and their lines of the record. */
export async function removeFiles(
  set: Pick<FileSet, 'checksumFile'>,
  directory: string,
  names: readonly string[],
): Promise<readonly RemovedFile[]> {
  if (!(await hasDirectory(directory))) return [];
  const record = (await readExisting(directory, set.checksumFile))?.text;
  const checksums = parseChecksums(record ?? '');
  const removed: RemovedFile[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const existing = await readExisting(directory, name);
    const isOurs = checksums.get(name)?.some(({ md5 }) => md5 === existing?.md5) === true;
    if (existing !== undefined) {
      if (isOurs) await unlink(path);
      removed.push({ path, isRemoved: isOurs });
    }
    if (existing === undefined || isOurs) checksums.delete(name);
  }
  const kept = formatChecksums(checksums);
  if (record !== undefined && kept !== record) {
    const { mode, gid } = await stat(join(directory, set.checksumFile));
    await (await stageFile(directory, set.checksumFile, kept, { mode: mode & 0o777, gid })).commit();
  }
  return removed;
}
