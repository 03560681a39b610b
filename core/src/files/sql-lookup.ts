/**
 * Lookup tables over SQL, in the format of pgsql_table(5), mysql_table(5) and sqlite_table(5): `name = value` lines,
 * read as postconf(5) describes. White space around a value is dropped, a line that begins with white space continues
 * the one before, and nothing can be quoted. In `query` a `%` begins a placeholder; other values are taken as they are.
 */
import type { DatabaseTarget, Dialect } from '@posthorn/sdk';
import { fileProblem } from './problems.js';

export type LookupTable = ReadonlyMap<string, string>;

const DEFAULT_PORT: Readonly<Record<Dialect, number>> = { sqlite: 0, postgresql: 5432, mariadb: 3306 };

/** The parameters that say how the database is reached; the rest of a table is the query. */
export const CONNECTION = ['dbpath', 'user', 'password', 'dbname', 'hosts'] as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const PLACEHOLDERS = /%[%sudSUD1-9]/g;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/;
const SOCKET = /^\/[^\s,:]*$/;

const hasSpaceAtEnd = (value: string): boolean => value.startsWith(' ') || value.endsWith(' ');

/** The table for one database. Throws a problem that names the setting where the format cannot hold a value. */
export function renderLookupTable(
  file: { readonly name: string; readonly from: string; readonly query: string },
  database: DatabaseTarget,
): string {
  if (CONTROL.test(file.query) || hasSpaceAtEnd(file.query) || file.query.replace(PLACEHOLDERS, '').includes('%')) {
    throw fileProblem('E_LOOKUP_QUERY', { file: file.name, from: file.from });
  }
  return formatLookupTable(new Map([...connectionOf(database), ['query', file.query]]));
}

/** Writes a table; what it writes, `parseLookupTable` reads back unchanged. */
export function formatLookupTable(table: LookupTable): string {
  let text = '';
  for (const [name, value] of table) {
    refuseControl(name, value);
    if (hasSpaceAtEnd(value)) throw fileProblem('E_LOOKUP_SPACE', { name });
    text += `${name} = ${value}\n`;
  }
  return text;
}

/** Reads a table. Of a name that stands twice the last value counts, as for the programs that read it. */
export function parseLookupTable(text: string): LookupTable {
  const logical: string[] = [];
  for (const line of text.split('\n')) {
    const content = trim(line);
    if (content === '' || content.startsWith('#')) continue;
    if (/^[ \t\v\f\r]/.test(line) && logical.length > 0) logical.push(`${logical.pop()}${line}`);
    else logical.push(line);
  }
  const table = new Map<string, string>();
  for (const line of logical) {
    const at = line.indexOf('=');
    if (at > 0) table.set(trim(line.slice(0, at)), trim(line.slice(at + 1)));
  }
  return table;
}

// ASCII only, like the programs that read these files: a no-break space belongs to the value.
const trim = (text: string): string => text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');

/**
 * The same table with the way to the database that an existing one holds, or undefined where both say the same (or the
 * existing one says nothing): an operator's database user outlives an upgrade.
 */
export function keepConnection(rendered: string, existing: string): string | undefined {
  const fresh = parseLookupTable(rendered);
  const old = parseLookupTable(existing);
  const kept = CONNECTION.flatMap((name) => {
    const value = old.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const isUsable = old.has('dbpath')
    ? fresh.has('dbpath')
    : old.has('hosts') && old.has('dbname') && fresh.has('hosts');
  const isEqual = CONNECTION.every((name) => fresh.get(name) === old.get(name));
  if (!isUsable || isEqual) return undefined;
  const rest = [...fresh].filter(([name]) => !(CONNECTION as readonly string[]).includes(name));
  return formatLookupTable(new Map([...kept, ...rest]));
}

function connectionOf(database: DatabaseTarget): LookupTable {
  for (const [name, value] of settingsOf(database)) refuseControl(name, value);
  if (database.dialect === 'sqlite') return new Map([['dbpath', database.path]]);
  const { hosts, hasCredentials } = database.dialect === 'mariadb' ? mariadbHosts(database) : postgresqlHosts(database);
  return new Map([
    ...(hasCredentials
      ? []
      : ([
          ['user', database.user],
          ['password', database.password],
        ] as const)),
    ['dbname', database.name],
    ['hosts', hosts],
  ]);
}

const settingsOf = (database: DatabaseTarget): (readonly [string, string])[] =>
  database.dialect === 'sqlite'
    ? [['path', database.path]]
    : [
        ['host', database.host],
        ['socket', database.socket],
        ['user', database.user],
        ['password', database.password],
        ['name', database.name],
      ];

function refuseControl(name: string, value: string): void {
  if (CONTROL.test(value) || !value.isWellFormed()) throw fileProblem('E_LOOKUP_VALUE', { name });
}

interface Hosts {
  readonly hosts: string;
  /** The host entry carries user and password already. */
  readonly hasCredentials: boolean;
}

/** mysql_table(5): `unix:/path` or `inet:host:port`. The client takes `localhost` for the default socket, whatever the port. */
function mariadbHosts(database: DatabaseTarget): Hosts {
  const plain = (hosts: string): Hosts => ({ hosts, hasCredentials: false });
  if (database.socket !== '') {
    if (!SOCKET.test(database.socket)) throw fileProblem('E_LOOKUP_HOST', { name: 'socket' });
    return plain(`unix:${database.socket}`);
  }
  const host = checkHost(database.host);
  const port = database.port || DEFAULT_PORT.mariadb;
  if (port === DEFAULT_PORT.mariadb && !IPV6.test(host)) return plain(host);
  // The port is what follows the last colon, so that an IPv6 address needs no brackets.
  return plain(`inet:${host.toLowerCase() === 'localhost' ? '127.0.0.1' : host}:${port}`);
}

/**
 * pgsql_table(5): `host`, `host:port`, `unix:/directory`, or a connection URI, which alone can say an IPv6 address, a
 * socket beside another port, or a value that begins or ends with a space. In it everything is percent-encoded.
 */
function postgresqlHosts(database: DatabaseTarget): Hosts {
  const port = database.port || DEFAULT_PORT.postgresql;
  const isPlain =
    !hasSpaceAtEnd(database.user) &&
    !hasSpaceAtEnd(database.password) &&
    // libpq takes such a name for a connection string (PQsetdbLogin).
    !database.name.includes('=') &&
    !/^postgres(?:ql)?:\/\//.test(database.name);
  const uri = (host: string, at: number): Hosts => {
    const login =
      database.password === '' ? encode(database.user) : `${encode(database.user)}:${encode(database.password)}`;
    return { hosts: `postgresql://${login}@${host}:${at}/${encode(database.name)}`, hasCredentials: true };
  };
  if (database.socket !== '') {
    if (!database.socket.startsWith('/')) throw fileProblem('E_LOOKUP_HOST', { name: 'socket' });
    // A socket may be given as its directory or as the file that the server makes in it.
    const [, directory = database.socket, own] = /^(.*)\/\.s\.PGSQL\.(\d{1,5})$/.exec(database.socket) ?? [];
    const at = own === undefined ? port : Number(own);
    const isSimple = isPlain && at === DEFAULT_PORT.postgresql && SOCKET.test(directory);
    return isSimple ? { hosts: `unix:${directory}`, hasCredentials: false } : uri(encode(directory), at);
  }
  const host = checkHost(database.host);
  if (IPV6.test(host)) return uri(`[${host}]`, port);
  if (!isPlain) return uri(host, port);
  return { hosts: port === DEFAULT_PORT.postgresql ? host : `${host}:${port}`, hasCredentials: false };
}

function checkHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (!HOST.test(bare) && !IPV6.test(bare)) throw fileProblem('E_LOOKUP_HOST', { name: 'host' });
  return bare;
}

/** RFC 3986 section 2.3: everything but unreserved characters is encoded. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
