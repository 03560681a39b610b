import { userInfo } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import type { DatabaseTarget, Dialect, Problem } from '@posthorn/sdk';
import { dataProblem } from './problems.js';

const wrong = (reason: string): Problem => dataProblem('E_DATABASE_URL', { reason });

/** Where a server's unix socket is named in the query string, and its usual port. */
const servers = {
  postgresql: { port: 5432, socket: 'host' },
  mariadb: { port: 3306, socket: 'socket' },
} as const;

const schemes: Readonly<Record<string, Dialect>> = {
  sqlite: 'sqlite',
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mariadb: 'mariadb',
  mysql: 'mariadb',
};

/** Decodes `%41`; `what` names the part, because its text may be the password. */
function decode(text: string, what: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw wrong(`a % in the ${what} is not followed by two hexadecimal digits; a literal % is written %25`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(plain)) throw wrong(`the ${what} holds a control character`);
  return plain;
}

function parseSqlite(rest: string, baseDirectory: string): DatabaseTarget {
  if (/[?#]/.test(rest))
    throw wrong('options after ? or # are not known for SQLite; in a file name they are written %3F and %23');
  if (/^\/\/[^/]/.test(rest))
    throw wrong('after sqlite: stands either a relative path (sqlite:data/x.db) or three slashes (sqlite:///abs/x.db)');
  const path = decode(rest.startsWith('//') ? rest.slice(2) : rest, 'path');
  if (path === '' || path.endsWith('/')) throw wrong('it names no file');
  if (path === ':memory:') throw wrong('several processes share the database, so it must be a file');
  if (!isAbsolute(path) && !isAbsolute(baseDirectory)) throw wrong('a relative path needs an absolute base directory');
  return {
    dialect: 'sqlite',
    path: resolve(baseDirectory, path),
    host: '',
    port: 0,
    socket: '',
    user: '',
    password: '',
    name: '',
  };
}

function parseHost(text: string): { host: string; port: number | undefined } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]*))(?::(.*))?$/.exec(text);
  if (match === null) throw wrong('the host cannot be read; an IPv6 address stands in brackets');
  const [, v6, name, digits] = match;
  let port: number | undefined;
  if (digits !== undefined && digits !== '') {
    port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
    if (port < 1 || port > 65535) throw wrong('the port is not a number from 1 to 65535');
  }
  return { host: v6 ?? decode(name ?? '', 'host'), port };
}

function parseServer(dialect: 'postgresql' | 'mariadb', rest: string): DatabaseTarget {
  if (rest.includes('#')) throw wrong('it holds a #; in a user name or password it is written %23');
  if (!rest.startsWith('//')) throw wrong('// must follow the scheme');
  const slash = rest.indexOf('/', 2);
  const mark = rest.indexOf('?');
  if (slash === -1 || (mark !== -1 && mark < slash)) {
    throw wrong('no /database follows the host; a / or ? in the user name or password is written %2F or %3F');
  }
  const authority = rest.slice(2, slash);
  const [path = '', query = ''] =
    mark === -1 ? [rest.slice(slash + 1)] : [rest.slice(slash + 1, mark), rest.slice(mark + 1)];
  // what follows the first slash would hold the rest of a password that has a raw slash in it
  if (path.includes('@') || path.includes('/')) {
    throw wrong('the database name holds a / or @; a / in the user name or password is written %2F');
  }

  const at = authority.lastIndexOf('@');
  const login = at === -1 ? '' : authority.slice(0, at);
  const colon = login.indexOf(':');
  const user = decode(colon === -1 ? login : login.slice(0, colon), 'user name');
  const password = colon === -1 ? '' : decode(login.slice(colon + 1), 'password');
  let { host, port } = parseHost(authority.slice(at + 1));
  let socket = '';
  if (host.startsWith('/')) [host, socket] = ['', host];

  const known = servers[dialect];
  for (const pair of query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=');
    const key = decode(equals === -1 ? pair : pair.slice(0, equals), 'query string');
    if (key !== known.socket) throw wrong(`the option ${key} is not known (only ${known.socket}, for a unix socket)`);
    socket = decode(pair.slice(equals + 1), `option ${key}`);
    if (!socket.startsWith('/')) throw wrong(`the option ${key} must be an absolute path`);
  }
  if (host === '' && socket === '') throw wrong('it names no host');

  const name = decode(path, 'database name');
  if (name === '') throw wrong('it names no database');
  return {
    dialect,
    path: '',
    host: host === '' ? 'localhost' : host,
    port: port ?? known.port,
    socket,
    // as psql and the mariadb client do
    user: user === '' ? userInfo().username : user,
    password,
    name,
  };
}

/**
 * Reads the configured URL: `sqlite:data/db/x.db` (relative to `baseDirectory`), `sqlite:///abs/x.db`,
 * `postgresql://user:password@host:5432/name` (`?host=/run/postgresql` for a unix socket) or `mariadb://…`
 * (`?socket=/run/mysqld/mysqld.sock`). Every part is percent-decoded. Throws the `configuration` problem
 * E_DATABASE_URL, which names the part that is wrong and never repeats its text.
 */
export function parseDatabaseUrl(url: string, baseDirectory: string): DatabaseTarget {
  const match = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url.trim());
  if (match === null) throw wrong('it begins with no scheme such as sqlite:');
  const [, scheme = '', rest = ''] = match;
  const dialect = Object.hasOwn(schemes, scheme.toLowerCase()) ? schemes[scheme.toLowerCase()] : undefined;
  if (dialect === undefined) throw wrong('its scheme is none of sqlite, postgresql, postgres, mariadb, mysql');
  return dialect === 'sqlite' ? parseSqlite(rest, baseDirectory) : parseServer(dialect, rest);
}
