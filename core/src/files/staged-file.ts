/**
 * Files replaced whole: the new content is written and synced under another name in the same directory, then renamed.
 * Whatever fails before the rename leaves the old file as it was.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messages, type Problem } from '@posthorn/sdk';
import { fileProblem } from './problems.js';

const t = messages('host');

export interface Ownership {
  readonly mode: number;
  /** Group that gets the file; where the system refuses, the file is made private to its owner instead. */
  readonly gid?: number;
}

export interface StagedFile {
  readonly name: string;
  /** True when the group could not be set and the file is therefore closed to everybody but its owner. */
  readonly isPrivate: boolean;
  /** Puts the new content in place of the old. */
  commit(): Promise<void>;
  /** Removes the new content again; does nothing after `commit`. */
  discard(): Promise<void>;
}

const PRIVATE = 0o600;

export async function stageFile(
  directory: string,
  name: string,
  content: string,
  owner: Ownership,
): Promise<StagedFile> {
  const target = join(directory, name);
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}.tmp`);
  const isPrivate = await writeNew(temporary, content, owner).catch((error: unknown) => {
    throw diskProblem(error, target, 'written');
  });
  let isDone = false;
  return {
    name,
    isPrivate,
    async commit() {
      try {
        await rename(temporary, target);
        isDone = true;
      } catch (error) {
        throw diskProblem(error, target, 'written');
      }
    },
    async discard() {
      if (!isDone) await unlink(temporary).catch(() => undefined);
    },
  };
}

async function writeNew(path: string, content: string, owner: Ownership): Promise<boolean> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(path, flags, PRIVATE);
  try {
    const isPrivate = !(await giveTo(handle, owner));
    // Before the first byte, and whatever the umask is.
    await handle.chmod(isPrivate ? PRIVATE : owner.mode);
    await handle.writeFile(content, 'utf8');
    await handle.sync();
    await handle.close();
    return isPrivate;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(path).catch(() => undefined);
    throw error;
  }
}

async function giveTo(handle: FileHandle, owner: Ownership): Promise<boolean> {
  if (owner.gid === undefined) return true;
  try {
    await handle.chown(-1, owner.gid);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}

/** Makes the renames in a directory last; file systems that cannot do that are left alone. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch {
    // EINVAL on some network file systems
  } finally {
    await handle.close();
  }
}

/** What the system said, as a problem that names the file. */
export function diskProblem(error: unknown, file: string, what: 'read' | 'written'): Problem {
  const { code } = error as NodeJS.ErrnoException;
  const cause = { cause: error };
  const done = what === 'read' ? t('read') : t('written');
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fileProblem('E_FILE_NO_SPACE', { file }, cause);
    case 'EROFS':
      return fileProblem('E_FILE_READ_ONLY', { file }, cause);
    case 'EACCES':
    case 'EPERM':
      return fileProblem('E_FILE_DENIED', { file, what: done }, cause);
    default:
      return fileProblem('E_FILE_FAILED', { file, what: done, reason: code ?? String(error) }, cause);
  }
}
