import type { Dialect } from '@posthorn/sdk';

/** SQL for moments by the database's own clock: processes on several machines agree on that one only. */

export const nowSql = (dialect: Dialect): string =>
  ({ sqlite: "datetime('now')", postgresql: 'now()', mariadb: 'utc_timestamp()' })[dialect];

export function agoSql(dialect: Dialect, seconds: number): string {
  const whole = Math.ceil(seconds);
  return {
    sqlite: `datetime('now', '-${whole} seconds')`,
    postgresql: `now() - interval '${whole} seconds'`,
    mariadb: `utc_timestamp() - interval ${whole} second`,
  }[dialect];
}
