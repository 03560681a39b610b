import { Problem } from '@posthorn/sdk';
import { describe, expect, test } from 'vitest';
import { describeTarget } from './target.js';
import { parseDatabaseUrl } from './url.js';

const parse = (url: string) => parseDatabaseUrl(url, '/srv/post');

describe('SQLite', () => {
  test.each([
    ['sqlite:data/db/x.db', '/srv/post/data/db/x.db'],
    ['sqlite:./x.db', '/srv/post/x.db'],
    ['sqlite:///var/lib/x.db', '/var/lib/x.db'],
    ['sqlite:/var/lib/x.db', '/var/lib/x.db'],
    ['SQLite:a%20b%25.db', '/srv/post/a b%.db'],
  ])('%s', (url, path) => {
    expect(parse(url)).toEqual({
      dialect: 'sqlite',
      path,
      host: '',
      port: 0,
      socket: '',
      user: '',
      password: '',
      name: '',
    });
  });

  test.each([
    'sqlite:',
    'sqlite::memory:',
    'sqlite:data/',
    'sqlite://host/x.db',
    'sqlite:x.db?mode=ro',
    'sqlite:a%00b',
    'sqlite:a%zz',
  ])('refuses %s', (url) => {
    expect(() => parse(url)).toThrow(Problem);
  });
});

describe('servers', () => {
  const plain = { path: '', host: 'db.example', port: 5432, socket: '', user: 'u', password: 'p', name: 'n' };
  test.each([
    ['postgresql://u:p@db.example/n', { ...plain, dialect: 'postgresql' }],
    ['postgres://u:p@db.example:5433/n', { ...plain, dialect: 'postgresql', port: 5433 }],
    ['mariadb://u:p@db.example/n', { ...plain, dialect: 'mariadb', port: 3306 }],
    ['mysql://u:p@[::1]:3307/n', { ...plain, dialect: 'mariadb', host: '::1', port: 3307 }],
    [
      'postgresql://u%40x:p%2F%3A%23%3F@db.example/n%20m',
      { ...plain, dialect: 'postgresql', user: 'u@x', password: 'p/:#?', name: 'n m' },
    ],
    ['postgresql://u:p:q@r@db.example/n', { ...plain, dialect: 'postgresql', password: 'p:q@r' }],
    [
      'postgresql://u@/n?host=/run/postgresql',
      { ...plain, dialect: 'postgresql', host: 'localhost', socket: '/run/postgresql', password: '' },
    ],
    [
      'postgresql://u@%2Frun%2Fpostgresql/n',
      { ...plain, dialect: 'postgresql', host: 'localhost', socket: '/run/postgresql', password: '' },
    ],
    [
      'mariadb://u@localhost/n?socket=/run/mysqld/mysqld.sock',
      { ...plain, dialect: 'mariadb', host: 'localhost', port: 3306, socket: '/run/mysqld/mysqld.sock', password: '' },
    ],
  ])('%s', (url, target) => {
    expect(parse(url)).toEqual(target);
  });

  test('without a user it is the one of the process, as in psql', () => {
    expect(parse('postgresql://localhost/n').user).not.toBe('');
  });

  test.each([
    ['', 'scheme'],
    ['x.db', 'scheme'],
    ['oracle://u:s3cret@h/n', 'scheme'],
    ['postgresql:u:s3cret@h/n', '//'],
    ['postgresql://u:s3cret@h', 'database'],
    ['postgresql://u:s3cret@h/', 'no database'],
    ['postgresql://u:s3cret@/n', 'no host'],
    ['postgresql://u:s3cret@h:0/n', 'port'],
    ['postgresql://u:s3cret@h:70000/n', 'port'],
    ['postgresql://u:s3/cret@h/n', '%2F'],
    ['postgresql://u:s3?cret@h/n', '%3F'],
    ['postgresql://u:s3#cret@h/n', '%23'],
    ['postgresql://u:s3%cret@h/n', 'password'],
    ['postgresql://u:s3cret%0A@h/n', 'password'],
    ['postgresql://u:s3cret@h/n?sslmode=require', 'sslmode'],
    ['mariadb://u:s3cret@h/n?socket=run/x', 'absolute'],
    ['mariadb://u:s3cret@h/a/b', 'database name'],
  ])('refuses %s, naming what is wrong and never the password', (url, named) => {
    let error: unknown;
    try {
      parse(url);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'E_DATABASE_URL', kind: 'configuration' });
    expect((error as Problem).message).toContain(named);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/s3|cret/);
  });
});

test('a target is described without its password', () => {
  expect(describeTarget(parse('mariadb://u:s3cret@h/n'))).toBe('mariadb://u@h:3306/n');
  expect(describeTarget(parse('postgresql://u:s3cret@[::1]/n'))).toBe('postgresql://u@[::1]:5432/n');
  expect(describeTarget(parse('postgresql://u:s3cret@h/n?host=/run'))).toBe('postgresql://u@/run/n');
  expect(describeTarget(parse('sqlite:x.db'))).toBe('sqlite:/srv/post/x.db');
});
