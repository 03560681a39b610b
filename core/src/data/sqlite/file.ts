import { closeSync, existsSync, fchmodSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dataProblem } from '../problems.js';
import { whileBusy } from './busy.js';

/** Readable and writable by owner and group (other programs that read the file are in it), whatever the umask. */
const FILE_MODE = 0o660;

function createFile(path: string): void {
  try {
    const fd = openSync(path, 'wx', FILE_MODE);
    try {
      fchmodSync(fd, FILE_MODE);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    const reason = existsSync(dirname(path))
      ? ((error as NodeJS.ErrnoException).code ?? 'unknown')
      : 'its directory does not exist';
    throw dataProblem('E_DATABASE_FILE', { path, reason }, { cause: error });
  }
}

/** Bytes 18 and 19 of the file's header are 2 once it keeps a write-ahead log. */
function keepsLog(path: string): boolean {
  const head = Buffer.alloc(20);
  const fd = openSync(path, 'r');
  try {
    return readSync(fd, head, 0, 20, 0) === 20 && head[18] === 2 && head[19] === 2;
  } finally {
    closeSync(fd);
  }
}

export interface OpenOptions {
  readonly readOnly?: boolean;
  /** When waiting for the lock ends, on the clock of `performance.now()`. */
  readonly deadline: number;
}

/**
 * Opens the database file, creating it (mode 0660) where it is missing, with a write-ahead log so that readers and the
 * writer do not wait for each other. No busy_timeout: it would block the event loop. Throws E_DATABASE_FILE.
 */
export async function openSqlite(path: string, o: OpenOptions): Promise<DatabaseSync> {
  let db: DatabaseSync | undefined;
  try {
    createFile(path);
    if (!keepsLog(path)) await startLog(path, o.deadline);
    db = new DatabaseSync(path, { readOnly: o.readOnly === true, timeout: 0, enableForeignKeyConstraints: true });
    const opened = db;
    await whileBusy(
      () => opened.exec('pragma synchronous=normal; pragma foreign_keys=on; pragma journal_size_limit=67108864'),
      o.deadline,
    );
    return db;
  } catch (error) {
    db?.close();
    throw error;
  }
}

async function startLog(path: string, deadline: number): Promise<void> {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    const mode = await whileBusy(() => db.prepare('pragma journal_mode=wal').get()?.['journal_mode'], deadline);
    if (mode !== 'wal')
      throw dataProblem('E_DATABASE_FILE', {
        path,
        reason: 'its file system cannot share memory between processes (a network disk?)',
      });
  } finally {
    db.close();
  }
}
