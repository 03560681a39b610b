import type { Dialect } from '@posthorn/sdk';

/** Now on the DATABASE's clock, in epoch milliseconds: processes whose clocks differ agree about leases. */
export const nowMs: Readonly<Record<Dialect, string>> = {
  sqlite: `cast(unixepoch('subsec') * 1000 as integer)`,
  postgresql: `cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  mariadb: `cast(unix_timestamp(now(3)) * 1000 as signed)`,
};

const epoch: Readonly<Record<Dialect, (column: string) => string>> = {
  sqlite: (column) => `cast(unixepoch(${column}) * 1000 as integer)`,
  postgresql: (column) => `cast(extract(epoch from ${column}) * 1000 as bigint)`,
  // every connection has the time zone UTC
  mariadb: (column) => `cast(unix_timestamp(${column}) * 1000 as signed)`,
};

/** A timestamp column in epoch milliseconds. */
export const epochMs = (dialect: Dialect, column: string): string => epoch[dialect](column);

/** `?, ?, ?` */
export const marks = (list: readonly unknown[]): string => list.map(() => '?').join(', ');
