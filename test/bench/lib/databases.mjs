/** Databases to measure on, each with its server where the machine has one. */
import { available, missingFor, startMariadb, startPostgres } from '@posthorn/testkit/servers';

/** @typedef {'sqlite' | 'postgresql' | 'mariadb'} Dialect */

/**
 * Runs `work` with a way to make empty databases, or answers why it cannot.
 * @template T
 * @param {Dialect} dialect
 * @param {(o: { dialect: Dialect, server: import('@posthorn/testkit/servers').DatabaseServer | undefined }) => Promise<T>} work
 * @returns {Promise<{ value: T } | { reason: string }>}
 */
export async function onDatabase(dialect, work) {
  if (dialect === 'sqlite') return { value: await work({ dialect, server: undefined }) };
  if (!available(dialect)) return { reason: `${missingFor(dialect).join(', ')} missing (test/setup installs it)` };
  await using server = await (dialect === 'postgresql' ? startPostgres() : startMariadb());
  return { value: await work({ dialect, server }) };
}
