import {
  type DatabaseTarget,
  type ExtensionContext,
  type FileSet,
  fileSets,
  type GeneratedFile,
  generatedFiles,
  isProblem,
  parseShape,
} from '@posthorn/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectString, readSetting, settingValue } from './connect-string.js';
import { dovecotFiles } from './contributions.js';

const itemsOf = <Item>(slot: { readonly id: string }): Item[] =>
  dovecotFiles.filter((one) => one.slot.id === slot.id).map((one) => one.item as Item);
const set = itemsOf<FileSet>(fileSets)[0] as FileSet;

const target = (o: Partial<DatabaseTarget>): DatabaseTarget => ({
  dialect: 'postgresql',
  path: '',
  host: 'db.example.org',
  port: 5432,
  socket: '',
  user: 'reader',
  password: 'secret',
  name: 'posthorn',
  ...o,
});
const options = { mail_home: '/srv/vmail', uid: 5000, gid: 5001 };

const render = async (name: string, database: DatabaseTarget, previous?: string, directory = '/etc/dovecot/posthorn') =>
  itemsOf<GeneratedFile>(generatedFiles)
    .find((one) => one.name === name)
    ?.render({
      database,
      directory,
      options: parseShape(set.options, options) as Record<string, unknown>,
      context: {} as ExtensionContext,
      previous,
    }) ?? '';

/** libpq's keyword/value string, as its manual describes it. */
function readConninfo(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key = '', quoted, plain] of text.matchAll(/(\w+)=(?:'((?:[^'\\]|\\.)*)'|(\S*))/g)) {
    found[key] = quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1');
  }
  return found;
}

const characters = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  fc.constantFrom(' ', '#', '=', '%', "'", '"', '\\', '$', '\n', '\u0000'),
);
const anything = fc.string({ unit: characters, minLength: 1, maxLength: 20 });

describe('the options of dovecot write', () => {
  const take = (o: Record<string, unknown>) => () => parseShape(set.options, { ...options, ...o });

  it('takes plain absolute paths and ids above 0 only', () => {
    expect(take({})()).toMatchObject({ ...options, postfix_spool: '/var/spool/postfix', sieve: false });
    for (const mail_home of [
      'vmail',
      '/',
      '/srv/',
      '/srv/../etc',
      '/srv/./x',
      "/srv/it's",
      '/srv/%d',
      '/a b',
      '/a\nb',
      '/a"',
      '/a$b',
      '/a\\b',
    ]) {
      expect(take({ mail_home }), mail_home).toThrow();
    }
    for (const id of [0, -1, 1.5, 2 ** 32, '5000']) expect(take({ uid: id }), String(id)).toThrow();
    expect(take({ gid: 0 })).toThrow();
  });

  it('says what is wrong with a path', () => {
    expect(take({ mail_home: '/srv/%d' })).toThrow(/absolute path/);
  });
});

describe('settings in the format of Dovecot', () => {
  it('come back as they were', () => {
    const value = fc.string({ unit: characters }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(value, (text) => {
        // White space at the ends of an unquoted value would be dropped, so it has to be quoted.
        const line = `connect = ${settingValue(text)}`;
        expect(line).not.toContain('\n');
        expect(readSetting(`a = b\n${line}\nc = d\n`, 'connect')).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it('carry every PostgreSQL credential that they accept', () => {
    fc.assert(
      fc.property(anything, anything, anything, (user, password, name) => {
        let value: string;
        try {
          value = connectString(target({ user, password, name }));
        } catch (error) {
          expect(isProblem(error)).toBe(true);
          return;
        }
        const read = readConninfo(readSetting(`connect = ${value}`, 'connect') ?? '');
        expect([read['user'], read['password'], read['dbname'], read['host']]).toEqual([
          user,
          password,
          name,
          'db.example.org',
        ]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('carry every MariaDB credential that they accept, and none with a space', () => {
    fc.assert(
      fc.property(anything, anything, (user, password) => {
        let value: string;
        try {
          value = connectString(target({ dialect: 'mariadb', user, password }));
        } catch (error) {
          expect(isProblem(error)).toBe(true);
          return;
        }
        const words = (readSetting(`connect = ${value}`, 'connect') ?? '').split(' ');
        expect(words).toEqual([
          'host=db.example.org',
          'port=5432',
          'dbname=posthorn',
          `user=${user}`,
          `password=${password}`,
        ]);
      }),
      { numRuns: 1_000 },
    );
    expect(() => connectString(target({ dialect: 'mariadb', password: 'a b' }))).toThrow(/“password”/);
  });

  it.each<[Partial<DatabaseTarget>, string]>([
    [{ socket: '/run/postgresql' }, 'host=/run/postgresql port=5432 dbname=posthorn user=reader password=secret'],
    [
      { socket: '/run/postgresql/.s.PGSQL.5433', password: '' },
      'host=/run/postgresql port=5433 dbname=posthorn user=reader',
    ],
    [{ dialect: 'mariadb', socket: '/run/my.sock' }, 'host=/run/my.sock dbname=posthorn user=reader password=secret'],
    [
      { dialect: 'mariadb', host: 'localhost', port: 3306 },
      'host=localhost port=3306 dbname=posthorn user=reader password=secret',
    ],
    [
      { dialect: 'mariadb', host: 'localhost', port: 3307 },
      'host=127.0.0.1 port=3307 dbname=posthorn user=reader password=secret',
    ],
    [{ dialect: 'sqlite', path: '/srv/data/posthorn.sqlite' }, '/srv/data/posthorn.sqlite'],
  ])('name the server: %o', (o, value) => {
    expect(connectString(target(o))).toBe(value);
  });
});

describe('the files for Dovecot', () => {
  it('ask for enabled domains on every database', async () => {
    for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
      const text = await render('dovecot-sql.conf.ext', target({ dialect, path: '/srv/x.sqlite' }));
      const queries = text.split('\n').filter((line) => /^\w+_query = /.test(line));
      expect(queries.map((line) => line.split(' ')[0])).toEqual(['password_query', 'user_query', 'iterate_query']);
      for (const query of queries) expect(query).toContain('dom.enabled');
      expect(queries[0]).toContain("u.email='%Lu'");
      expect(queries[0]).toContain('u.is_active');
      expect(queries[1]).toMatch(/'\/srv\/vmail\/'.* AS home, 5000 AS uid, 5001 AS gid/);
      expect(queries[1]).not.toContain('is_active');
    }
  });

  it('keep the connection of an earlier run', async () => {
    const old = `driver = pgsql\nconnect = "host=old password='a#b'"\npassword_query = OLD\n`;
    expect(await render('dovecot-sql.conf.ext', target({}), old)).toContain(
      `connect = "host=old password=\\'a#b\\'"\n`,
    );
    expect(await render('dovecot-dict-sql.conf.ext', target({}), 'connect = host=old\n')).toContain(
      'connect = host=old\n',
    );
    const credentials = '# x\n[posthorn]\nhost=old\n';
    expect(await render('posthorn-postlogin.credentials', target({}), credentials)).toBe('[posthorn]\nhost=old\n');
  });

  it('put no password and no name into the post-login script', async () => {
    for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
      const text = await render(
        'posthorn-postlogin.sh',
        target({ dialect, path: "/srv/it's.sqlite", password: 'verysecret' }),
      );
      expect(text).not.toContain('verysecret');
      expect(text.match(/\$USER|\$\{USER/g)?.length).toBe(1);
      expect(text.trimEnd().endsWith('exec "$@"')).toBe(true);
    }
  });

  it('are refused for a directory that other settings cannot name', async () => {
    await expect(async () => render('posthorn-dovecot.conf', target({}), undefined, '/etc/my mail')).rejects.toThrow(
      /cannot stand/,
    );
  });

  it('are as public as they must be', () => {
    const modes = itemsOf<GeneratedFile>(generatedFiles).map(({ name, mode }) => [name, mode]);
    expect(Object.fromEntries(modes)).toEqual({
      'dovecot-sql.conf.ext': 'secret',
      'dovecot-dict-sql.conf.ext': 'secret',
      'posthorn-postlogin.sh': 'program',
      'posthorn-postlogin.credentials': 'secret',
      'posthorn-dovecot.conf': 'public',
    });
    expect([set.id, set.group]).toEqual(['dovecot', 'dovecot']);
  });
});
