/** The `connect` setting of Dovecot 2.3's SQL drivers, which read it in three different ways. */
import type { DatabaseTarget, Dialect } from '@posthorn/sdk';
import { checkedValue, postgresqlAddress } from './checked-value.js';

/** Dovecot's names of the drivers. */
export const DRIVER: Readonly<Record<Dialect, string>> = { sqlite: 'sqlite', postgresql: 'pgsql', mariadb: 'mysql' };

/** Value of `connect`, ready to stand in the file. */
export function connectString(database: DatabaseTarget): string {
  const words =
    database.dialect === 'sqlite'
      ? sqlite(database)
      : database.dialect === 'postgresql'
        ? postgresql(database)
        : mariadb(database);
  return settingValue(words);
}

/** The driver splits the string at spaces. */
function sqlite({ path }: DatabaseTarget): string {
  return checkedValue('path', path, (value) => !/\s/.test(value));
}

/** libpq keyword/value string: a value in single quotes, in which `\` and `'` are escaped (PostgreSQL manual 34.1.1.1). */
function postgresql(database: DatabaseTarget): string {
  const { name, user, password } = database;
  const { host, port } = postgresqlAddress(database);
  const quoted = (key: string, value: string): string =>
    /^[A-Za-z0-9_./:@-]+$/.test(value) ? value : `'${checkedValue(key, value).replace(/[\\']/g, '\\$&')}'`;
  return [
    `host=${quoted('host', host)}`,
    `port=${port}`,
    `dbname=${quoted('name', name)}`,
    `user=${quoted('user', user)}`,
    ...(password === '' ? [] : [`password=${quoted('password', password)}`]),
  ].join(' ');
}

/** The driver splits the string at spaces and knows no quotes. A `host` that is a path is a socket. */
function mariadb({ host, port, socket, name, user, password }: DatabaseTarget): string {
  const word = (key: string, value: string): string => checkedValue(key, value, (text) => !/\s/.test(text));
  const isDefaultSocket = host === 'localhost' && (port || 3306) === 3306;
  const address =
    socket !== ''
      ? [`host=${word('socket', socket)}`]
      : [`host=${word('host', tcpHost(host, isDefaultSocket))}`, `port=${port || 3306}`];
  return [
    ...address,
    `dbname=${word('name', name)}`,
    `user=${word('user', user)}`,
    ...(password === '' ? [] : [`password=${word('password', password)}`]),
  ].join(' ');
}

/** The client takes `localhost` for the default socket, whatever the port is. */
const tcpHost = (host: string, isDefaultSocket: boolean): string =>
  host === 'localhost' && !isDefaultSocket ? '127.0.0.1' : host;

/**
 * A value in the format of Dovecot's `.conf.ext` files: `#` begins a comment outside quotes, so what is not plain is put
 * in double quotes, inside which `\` escapes.
 */
export const settingValue = (value: string): string =>
  /^(?! )[A-Za-z0-9_./:@ =,+-]*(?<! )$/.test(value) ? value : `"${value.replace(/["'\\]/g, '\\$&')}"`;

/** Reads `settingValue` back. */
export function readSetting(text: string, name: string): string | undefined {
  const found = new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'm').exec(text)?.[1];
  if (found === undefined) return undefined;
  return /^".*"$/.test(found) ? found.slice(1, -1).replace(/\\(.)/g, '$1') : found;
}

/** The way to the database that an unedited file of an earlier run names; an operator's database user outlives an upgrade. */
export function keptConnect(previous: string | undefined): string | undefined {
  const value = previous === undefined ? undefined : readSetting(previous, 'connect');
  return value === undefined ? undefined : settingValue(value);
}
