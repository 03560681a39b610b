import { DriverException } from '@mikro-orm/core';
import { isProblem, Problem } from '@posthorn/sdk';
import { dataProblem } from './problems.js';
import { isBusy, resultCode } from './sqlite/busy.js';

/** What the three drivers hang onto an error; MikroORM copies it onto its own. */
interface DriverError extends Error {
  readonly code?: unknown;
  readonly errno?: unknown;
  /** SQLite's result code (node:sqlite). */
  readonly errcode?: unknown;
  readonly errors?: readonly unknown[];
}

/** SQLite's extended result codes of constraints. */
const SQLITE_UNIQUE: readonly unknown[] = [2067 /* unique */, 1555 /* primary key */, 2579 /* rowid */];
const SQLITE_FOREIGN_KEY: readonly unknown[] = [787, 1811 /* raised by a trigger */];

/** Node's names for connections that cannot be made or are lost; mysql2's among them. */
const NETWORK = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  // the server's unix socket is not there, or nobody listens behind it
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
]);
/** The connection did not survive, in words only. */
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Connection lost|connection is in closed state|server closed the connection|closed state|after fatal error/i;

/** MariaDB: user or password wrong, no right on the database, no such database. */
const MARIADB_REFUSED: readonly unknown[] = [1044, 1045, 1049, 1698];
/** PostgreSQL: user or password wrong, no right, no such database. */
const POSTGRESQL_REFUSED: readonly unknown[] = ['28000', '28P01', '3D000'];

const SQLITE_READONLY = 8;
const SQLITE_IO = 10;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const UNUSABLE: ReadonlySet<number> = new Set([SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_CORRUPT, SQLITE_NOTADB]);

/** The error and whatever caused it, nearest first. */
function* chain(error: unknown): Generator<DriverError> {
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    yield at;
  }
}

const some = (error: unknown, test: (e: DriverError) => boolean): boolean => {
  for (const e of chain(error)) if (test(e)) return true;
  return false;
};

/** Another row has the same value in a unique column or index. */
export const isUniqueViolation = (error: unknown): boolean =>
  some(error, (e) => e.code === '23505' || e.errno === 1062 || e.errno === 1586 || SQLITE_UNIQUE.includes(e.errcode));

/** A row points to one that is not there, or one that is still pointed to was to go. */
export const isForeignKeyViolation = (error: unknown): boolean =>
  some(
    error,
    (e) =>
      e.code === '23503' ||
      e.code === '23001' ||
      e.errno === 1451 ||
      e.errno === 1452 ||
      SQLITE_FOREIGN_KEY.includes(e.errcode),
  );

/** The server chose this transaction as the victim of a deadlock: running it again may succeed. */
export const isDeadlock = (error: unknown): boolean =>
  some(error, (e) => e.code === '40001' || e.code === '40P01' || e.errno === 1213 || e.errno === 1020);

/** The lock was not to be had within the time limit. */
export const isLocked = (error: unknown): boolean =>
  some(
    error,
    (e) => e.code === 'E_DATABASE_LOCKED' || e.code === '55P03' || e.errno === 1205 || isDeadlock(e) || isBusy(e),
  );

/**
 * The server cannot be reached, has no room for another connection, or went away in the middle. Only for errors known to
 * come from a database driver: a file or web request that failed looks the same.
 */
export const isAway = (error: unknown): boolean =>
  some(
    error,
    (e) =>
      (NETWORK.has(e.code) && resultCode(e) === undefined) ||
      (typeof e.code === 'string' &&
        (/^08\d{3}$/.test(e.code) || /^57P0[1-5]$/.test(e.code) || e.code === '53300' || e.code === '55000')) ||
      // a transaction was open while its connection ended
      (e.code !== 'ERR_SQLITE_ERROR' && LOST.test(e.message)),
  );

const isMissingTable = (error: unknown): boolean =>
  some(
    error,
    (e) => e.code === '42P01' || e.errno === 1146 || (resultCode(e) === 1 && /no such table:/.test(e.message)),
  );

/** MikroORM makes an error of its own of everything that comes up through it, with our properties. */
const isCopiedProblem = (error: unknown): error is Problem =>
  error instanceof Error &&
  'code' in error &&
  String(error.code).startsWith('E_') &&
  'kind' in error &&
  'text' in error;

/** A short reason without the statement's text, in which values may stand. */
function reasonOf(error: unknown): string {
  for (const e of chain(error)) {
    if (typeof e.code === 'string' && e.code !== 'ERR_SQLITE_ERROR') return e.code;
    if (typeof e.errno === 'number') return String(e.errno);
    if (LOST.test(e.message) || resultCode(e) !== undefined) return e.message.split('\n')[0] as string;
  }
  return 'unknown';
}

export interface Origin {
  /** The error comes from a driver and not from the code that used it. MikroORM's own errors are known anyway. */
  readonly driver: boolean;
  /** Path of the SQLite file, for messages. */
  readonly path?: string;
}

/**
 * Turns what an operator can act on into a problem: E_DATABASE_AWAY, E_DATABASE_LOCKED and E_DATABASE_FULL (temporary),
 * E_DATABASE_REFUSED, E_DATABASE_FILE and E_DATABASE_NOT_MIGRATED (configuration). Everything else, such as a unique
 * violation, is returned as it is.
 */
export function translateError(error: unknown, from: Origin): unknown {
  if (isProblem(error)) return error;
  if (isCopiedProblem(error)) return new Problem(error.code, error.kind, error.text, error.hint, { cause: error });
  const cause = { cause: error };
  if (isLocked(error)) return dataProblem('E_DATABASE_LOCKED', {}, cause);
  if (some(error, (e) => POSTGRESQL_REFUSED.includes(e.code) || MARIADB_REFUSED.includes(e.errno))) {
    return dataProblem('E_DATABASE_REFUSED', { reason: reasonOf(error) }, cause);
  }
  if (isMissingTable(error)) return dataProblem('E_DATABASE_NOT_MIGRATED', {}, cause);
  for (const e of chain(error)) {
    const code = resultCode(e);
    if (code !== undefined && UNUSABLE.has(code)) {
      return dataProblem('E_DATABASE_FILE', { path: from.path ?? '', reason: e.message }, cause);
    }
    if (code === SQLITE_FULL || code === SQLITE_IO) return dataProblem('E_DATABASE_FULL', { reason: e.message }, cause);
    if (e.code === '53100' || e.errno === 1021 || e.errno === 1114) {
      return dataProblem('E_DATABASE_FULL', { reason: reasonOf(e) }, cause);
    }
  }
  if ((from.driver || error instanceof DriverException) && isAway(error)) {
    return dataProblem('E_DATABASE_AWAY', { reason: reasonOf(error) }, cause);
  }
  return error;
}
