import type { Dialect } from '@posthorn/sdk';

/** Milliseconds until a connection must be there: made anew, or handed over by another request. */
export const CONNECT_WITHIN = 5_000;

/** Seconds a statement waits for a row or table that another transaction holds. */
const LOCK_WAIT_SECONDS = 10;

/**
 * What every connection to a server is told before its first use. MikroORM writes values into the statement's text, so
 * the server must read quotes and backslashes the way MikroORM writes them. Both servers read committed rows: a guard
 * that locks the owner's row and then counts must see what was committed while it waited. `||` joins text everywhere.
 */
export const sessionStatements: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [],
  postgresql: [
    `set standard_conforming_strings = on; set time zone 'UTC'; set client_encoding = 'UTF8'; ` +
      `set default_transaction_isolation = 'read committed'; set lock_timeout = '${LOCK_WAIT_SECONDS}s'`,
  ],
  mariadb: [
    `set session sql_mode = 'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_IN_DATE,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', ` +
      `session time_zone = '+00:00', session innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
    'set session transaction isolation level read committed',
  ],
};
