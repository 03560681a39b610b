/**
 * The script that Dovecot runs between a sign-in and the session (Dovecot manual, "PostLogin scripting"). It must never
 * keep anybody out: whatever the database says, the session goes on.
 *
 * The name comes from outside, in `$USER`. It reaches the database as hexadecimal digits only, the same for all three
 * clients, so no character of it is ever read as SQL. Passwords are read from a file, never given in an argument.
 */
import type { DatabaseTarget, Dialect, RenderInput } from '@posthorn/sdk';
import { checkedValue, postgresqlAddress } from './checked-value.js';

const SECONDS = 3;

const NAME = 'posthorn-postlogin.credentials';

/** The statement, with `$name` standing for the digits. */
const UPDATE: Readonly<Record<Dialect, string>> = {
  sqlite: "UPDATE core_user SET last_login=CURRENT_TIMESTAMP WHERE username=CAST(X'$name' AS TEXT);",
  postgresql: "UPDATE core_user SET last_login=now() WHERE username=convert_from(decode('$name','hex'),'UTF8');",
  mariadb: "UPDATE core_user SET last_login=utc_timestamp() WHERE username=CONVERT(X'$name' USING utf8mb4);",
};

export function postLoginScript({ database, directory }: RenderInput): string {
  const file = shellQuoted(`${directory}/${NAME}`);
  const client: Readonly<Record<Dialect, string>> = {
    sqlite: `sqlite3 -batch -init /dev/null -cmd '.timeout ${SECONDS}000' ${shellQuoted(checkedValue('path', database.path))}`,
    postgresql: `PGSERVICEFILE=${file} PGSERVICE=posthorn PGCONNECT_TIMEOUT=${SECONDS} PGCLIENTENCODING=UTF8 psql --no-psqlrc --quiet --no-password`,
    mariadb: `"$(command -v mariadb || echo mysql)" --defaults-file=${file} --batch --connect-timeout=${SECONDS}`,
  };
  return [
    '',
    `name=$(printf '%s' "\${USER:-}" | od -An -v -tx1 | tr -d ' \\n')`,
    `printf '%s\\n' "${UPDATE[database.dialect]}" |`,
    `  ${client[database.dialect]} >/dev/null 2>&1 || :`,
    'unset name',
    'exec "$@"',
    '',
  ].join('\n');
}

/** A service file for libpq, an option file for the MariaDB client; nothing for SQLite. */
export function credentialsFile({ database, previous }: RenderInput): string {
  if (database.dialect === 'sqlite') return '# SQLite needs none.\n';
  const kept = previous === undefined ? undefined : previous.slice(previous.search(/^\[/m));
  if (kept?.startsWith('[')) return kept;
  return database.dialect === 'postgresql' ? serviceFile(database) : optionFile(database);
}

/** libpq reads everything after the `=`, drops white space at the end of the line and knows no quotes (manual 34.17). */
function serviceFile(database: DatabaseTarget): string {
  const { name, user, password } = database;
  const { host, port } = postgresqlAddress(database);
  const value = (key: string, text: string): string =>
    checkedValue(key, text, (plain) => !plain.endsWith(' ') && Buffer.byteLength(plain) < 900);
  return [
    '[posthorn]',
    `host=${value('host', host)}`,
    `port=${port}`,
    `dbname=${value('name', name)}`,
    `user=${value('user', user)}`,
    ...(password === '' ? [] : [`password=${value('password', password)}`]),
    '',
  ].join('\n');
}

/** Option files: a value may stand in double quotes, inside which `\` escapes and `#` begins no comment. */
function optionFile({ host, port, socket, name, user, password }: DatabaseTarget): string {
  const quoted = (key: string, text: string): string => `"${checkedValue(key, text).replace(/["'\\]/g, '\\$&')}"`;
  return [
    '[client]',
    ...(socket === ''
      ? [`host=${quoted('host', host)}`, `port=${port || 3306}`, 'protocol=tcp']
      : [`socket=${quoted('socket', socket)}`]),
    `user=${quoted('user', user)}`,
    `password=${quoted('password', password)}`,
    '[mysql]',
    `database=${quoted('name', name)}`,
    '',
  ].join('\n');
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
