import type { DatabaseTarget } from '@posthorn/sdk';
import { isProblem } from '@posthorn/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLookupTable, keepConnection, parseLookupTable, renderLookupTable } from './sql-lookup.js';

const target = (o: Partial<DatabaseTarget>): DatabaseTarget => ({
  dialect: 'postgresql',
  path: '',
  host: 'localhost',
  port: 5432,
  socket: '',
  user: 'user',
  password: 'secret',
  name: 'shop',
  ...o,
});
const file = { name: 'x.cf', from: 'shop', query: "SELECT a FROM b WHERE c='%s'" };
const hostsOf = (o: Partial<DatabaseTarget>) => parseLookupTable(renderLookupTable(file, target(o))).get('hosts');

describe('the lookup table format', () => {
  it('writes what the reference wrote', () => {
    expect(renderLookupTable(file, target({ user: 'user', password: 'password', name: 'testdb' }))).toBe(
      "user = user\npassword = password\ndbname = testdb\nhosts = localhost\nquery = SELECT a FROM b WHERE c='%s'\n",
    );
    expect(renderLookupTable(file, target({ dialect: 'sqlite', path: '/srv/a b.sqlite' }))).toBe(
      "dbpath = /srv/a b.sqlite\nquery = SELECT a FROM b WHERE c='%s'\n",
    );
  });

  it('reads comments, continued lines and repeated names as the programs do', () => {
    const table = parseLookupTable(
      '# a = b\n\n  # c\nquery = SELECT 1\n  # inside\n\tFROM x \nuser=one\nuser = two\nempty =\n',
    );
    expect([...table]).toEqual([
      ['query', 'SELECT 1\tFROM x'],
      ['user', 'two'],
      ['empty', ''],
    ]);
  });

  it.each<[Partial<DatabaseTarget>, string]>([
    [{ dialect: 'mariadb', port: 3306 }, 'localhost'],
    [{ dialect: 'mariadb', port: 23307, host: '127.0.0.1' }, 'inet:127.0.0.1:23307'],
    [{ dialect: 'mariadb', port: 23307 }, 'inet:127.0.0.1:23307'],
    [{ dialect: 'mariadb', port: 3306, host: '::1' }, 'inet:::1:3306'],
    [{ dialect: 'mariadb', socket: '/run/mysqld/mysqld.sock' }, 'unix:/run/mysqld/mysqld.sock'],
    [{ host: 'db.example.org' }, 'db.example.org'],
    [{ host: '127.0.0.1', port: 25433 }, '127.0.0.1:25433'],
    [{ host: '::1' }, 'postgresql://user:secret@[::1]:5432/shop'],
    [{ socket: '/run/postgresql' }, 'unix:/run/postgresql'],
    [{ socket: '/run/postgresql/.s.PGSQL.5432' }, 'unix:/run/postgresql'],
    [{ socket: '/run/postgresql', port: 25433 }, 'postgresql://user:secret@%2Frun%2Fpostgresql:25433/shop'],
    [{ password: ' p@:/% ' }, 'postgresql://user:%20p%40%3A%2F%25%20@localhost:5432/shop'],
    [{ password: '', user: ' u', name: 'n' }, 'postgresql://%20u@localhost:5432/n'],
    [{ name: 'a=b' }, 'postgresql://user:secret@localhost:5432/a%3Db'],
  ])('names the server: %o', (o, hosts) => {
    expect(hostsOf(o)).toBe(hosts);
  });

  it.each<[string, Partial<DatabaseTarget>]>([
    ['password', { password: 'a\nquery = SELECT 1' }],
    ['password', { dialect: 'mariadb', password: 'trailing ' }],
    ['password', { password: '\ud800' }],
    ['user', { user: 'a\u0000b' }],
    ['dbname', { name: ' shop' }],
    ['host', { host: 'a,b' }],
    ['host', { host: 'x y' }],
    ['host', { host: '/tmp' }],
    ['socket', { dialect: 'mariadb', socket: '/run/my sock' }],
    ['path', { dialect: 'sqlite', path: '/srv/a\nb' }],
  ])('refuses what it cannot hold, and names the setting: %s %o', (name, o) => {
    try {
      renderLookupTable(file, target(o));
      expect.unreachable();
    } catch (error) {
      expect(isProblem(error) && error.message).toContain(`“${name}”`);
      expect(String(error)).not.toContain(o.password ?? '\u0001');
    }
  });

  it('refuses queries with unknown placeholders, or of several lines', () => {
    for (const query of ["SELECT '%x'", 'SELECT 1\nuser = root', "SELECT '100%'", ' SELECT 1']) {
      expect(() => renderLookupTable({ ...file, query }, target({}))).toThrow(/x\.cf.*shop/);
    }
    expect(() =>
      renderLookupTable({ ...file, query: "SELECT '%%', '%u', '%d', '%s', '%1'" }, target({})),
    ).not.toThrow();
  });

  it('reads back any table that it writes', () => {
    const name = fc.stringMatching(/^[a-z]{1,10}$/);
    const value = fc.string({
      unit: fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        fc.constantFrom(' ', '#', '=', '%', "'", '"', '\\', '$', '\n', '\u00a0'),
      ),
    });
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), (entries) => {
        const table = new Map(Object.entries(entries));
        let text: string;
        try {
          text = formatLookupTable(table);
        } catch (error) {
          expect(isProblem(error)).toBe(true);
          return;
        }
        expect(parseLookupTable(text)).toEqual(table);
        expect(text.split('\n').length).toBe(table.size + 1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives the server every user, password and name that it accepts', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.constantFrom('postgresql' as const, 'mariadb' as const),
        (user, password, name, dialect) => {
          let table: ReturnType<typeof parseLookupTable>;
          try {
            table = parseLookupTable(renderLookupTable(file, target({ dialect, user, password, name, port: 0 })));
          } catch (error) {
            expect(isProblem(error)).toBe(true);
            return;
          }
          const hosts = table.get('hosts') ?? '';
          const uri = hosts.startsWith('postgresql:') ? new URL(hosts) : undefined;
          const decode = (part: string): string => decodeURIComponent(part);
          expect(uri === undefined ? table.get('user') : decode(uri.username)).toBe(user);
          expect(uri === undefined ? table.get('password') : decode(uri.password)).toBe(password);
          expect(uri === undefined ? table.get('dbname') : decode(uri.pathname.slice(1))).toBe(name);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('credentials that an operator chose', () => {
  const fresh = renderLookupTable(file, target({}));

  it('stay, while the query is renewed', () => {
    const old = 'user = reader\npassword = other\ndbname = shop\nhosts = db.example.org\nquery = OLD\n';
    expect(keepConnection(fresh, old)).toBe(
      "user = reader\npassword = other\ndbname = shop\nhosts = db.example.org\nquery = SELECT a FROM b WHERE c='%s'\n",
    );
  });

  it('are not looked for where nothing differs, or where none are', () => {
    expect(keepConnection(fresh, fresh)).toBeUndefined();
    expect(keepConnection(fresh, 'query = OLD\n')).toBeUndefined();
    expect(keepConnection(fresh, 'dbpath = /x\nquery = OLD\n')).toBeUndefined();
  });
});
