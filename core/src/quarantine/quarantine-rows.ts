import { type Data, isProblem } from '@posthorn/sdk';

/** Something that is left out, although it is wanted, until somebody lifts that. */
export interface Quarantine {
  readonly extension: string;
  /** `extension`: the whole extension and what requires it. `listener`: its listeners to the hook `place`. */
  readonly scope: 'extension' | 'listener';
  /** The hook, page, job or step that failed. */
  readonly place: string;
  /** A sentence without a subject: "it blocked …". */
  readonly reason: string;
}

type Execute = Data['execute'];

/** A database that the schema step has not reached yet holds none. */
export async function readQuarantines(execute: Execute): Promise<readonly Quarantine[]> {
  try {
    const rows = await execute('select extension, scope, place, reason from core_quarantine order by id');
    return rows as unknown as readonly Quarantine[];
  } catch (error) {
    if (isProblem(error) && error.code === 'E_DATABASE_NOT_MIGRATED') return [];
    throw error;
  }
}

/** Call inside a transaction. False where it was there already. */
export async function writeQuarantine(execute: Execute, q: Quarantine): Promise<boolean> {
  const place = q.place.slice(0, 140);
  const [known] = await execute('select id from core_quarantine where extension = ? and scope = ? and place = ?', [
    q.extension,
    q.scope,
    place,
  ]);
  if (known !== undefined) return false;
  await execute('insert into core_quarantine (extension, scope, place, reason) values (?, ?, ?, ?)', [
    q.extension,
    q.scope,
    place,
    q.reason,
  ]);
  await note(execute, 'error', `Quarantined: ${q.extension}: ${q.reason}`);
  return true;
}

/** Takes back everything about an extension; call inside a transaction. */
export async function deleteQuarantines(execute: Execute, extension: string): Promise<void> {
  await execute('delete from core_quarantine where extension = ?', [extension]);
}

/** For the page of logs. */
async function note(execute: Execute, level: string, message: string): Promise<void> {
  await execute('insert into core_log (level, logger, message) values (?, ?, ?)', [level, 'host.extensions', message]);
}
