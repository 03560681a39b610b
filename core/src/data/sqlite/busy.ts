import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a statement or transaction waits for SQLite's write lock by default. */
export const GIVE_UP_AFTER = 10_000;

const BUSY = 5;
const LOCKED = 6;
/** Two processes set up the write-ahead log at the same moment. */
const PROTOCOL = 15;

/** SQLite's primary result code of an error, or undefined for any other error. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 255;
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED || code === PROTOCOL;
}

/** The lock was not to be had in time. Known by its code, which survives MikroORM's copying of errors. */
export class LockedError extends Error {
  readonly code = 'E_DATABASE_LOCKED';
  constructor(cause?: unknown) {
    super('database is locked', { cause });
  }
}

/**
 * Milliseconds until the next attempt, by how long one has waited. The first attempts come fast, since most transactions
 * are short; then, the longer one has waited, the more often one asks. When many processes wait, the lock so goes to
 * those that are nearest to giving up.
 */
function pause(waited: number): number {
  const middle = waited < 1000 ? Math.min(1 + waited / 10, 10) : waited < 3000 ? 5 : waited < 5000 ? 2 : 1;
  return middle * (0.5 + Math.random());
}

/**
 * Repeats `attempt` (synchronous, one statement) while the file is locked, without blocking the event loop: SQLite's own
 * busy_timeout would. `deadline` is on the clock of `performance.now()`; past it, throws a LockedError.
 */
export async function whileBusy<T>(attempt: () => T, deadline: number): Promise<T> {
  const start = performance.now();
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      const now = performance.now();
      if (now >= deadline) throw new LockedError(error);
      await sleep(Math.min(pause(now - start), Math.max(deadline - now, 1)));
    }
  }
}
