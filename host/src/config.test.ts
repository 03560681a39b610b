import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProblem, type Problem } from '@posthorn/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigFlags, loadConfig } from './config.js';
import { findInstance } from './instance-folder.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'posthorn-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const yaml = (text: string): void => writeFileSync(join(directory, 'posthorn.yaml'), text);
const load = (environment: NodeJS.ProcessEnv = {}, flags: ConfigFlags = {}) =>
  loadConfig(directory, { environment, flags });

function refusal(environment: NodeJS.ProcessEnv = {}, flags: ConfigFlags = {}): Problem {
  try {
    load(environment, flags);
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the configuration', () => {
  it('needs nothing but a database', () => {
    yaml('database: sqlite:data/db/x.db\n');
    expect(load()).toEqual({
      directory,
      databaseUrl: 'sqlite:data/db/x.db',
      hostname: 'localhost',
      baseUrl: 'http://127.0.0.1:8000',
      language: 'en',
      timeZone: 'UTC',
      logLevel: 'info',
      essential: [],
      poolSize: 10,
      listen: { host: '127.0.0.1', port: 8000 },
      workers: 1,
      trustedProxies: [],
      blockLogMs: 1_000,
      blockEndMs: 10_000,
      ...(existsSync('/dev/log') ? { syslogSocket: '/dev/log' } : {}),
    });
  });

  it('lets packages be added on the pages only where it says so', () => {
    yaml('database: sqlite:x.db\n');
    expect(load().packagePages).toBeUndefined();
    expect(load({ POSTHORN_PACKAGES_PAGES: 'true' }).packagePages).toBe(true);
    yaml('database: sqlite:x.db\npackages: { pages: true }\n');
    expect(load().packagePages).toBe(true);
    expect(load({ POSTHORN_PACKAGES_PAGES: 'false' }).packagePages).toBeUndefined();
    for (const wrong of ['true', '{ pages: 1 }', '{ pages: true, npm: true }']) {
      yaml(`database: sqlite:x.db\npackages: ${wrong}\n`);
      expect(refusal().issues[0]?.path).toBe('packages');
    }
  });

  it('has jobs handed out by Redis where it is told so, its address in a file of its own if need be', () => {
    yaml('database: sqlite:x.db\njobs: { driver: bullmq, url: redis://127.0.0.1:6379/2 }\n');
    expect(load()).toMatchObject({ jobsUrl: 'redis://127.0.0.1:6379/2' });
    expect(load({ POSTHORN_JOBS_URL: 'rediss://cache/1' })).toMatchObject({ jobsUrl: 'rediss://cache/1' });
    writeFileSync(join(directory, 'redis-url'), 'redis://:secret@cache:6379/0\n');
    yaml('database: sqlite:x.db\njobs: { driver: bullmq, url: file:redis-url }\n');
    expect(load()).toMatchObject({ jobsUrl: 'redis://:secret@cache:6379/0' });
    for (const wrong of [
      'bullmq',
      '{ driver: cron, url: redis://a }',
      '{ driver: bullmq }',
      '{ driver: bullmq, url: http://a }',
      '{ driver: bullmq, url: file:nowhere }',
    ]) {
      yaml(`database: sqlite:x.db\njobs: ${wrong}\n`);
      expect(refusal().message, wrong).toContain('jobs (posthorn.yaml:2)');
    }
  });

  it('sends sign-ins to syslog where it listens, and where and if the settings say so', () => {
    const socket = join(directory, 'log');
    yaml(`database: sqlite:x.db\nsyslog_socket: ${socket}\n`);
    expect(load()).not.toHaveProperty('syslogSocket');
    expect(load({ POSTHORN_SYSLOG: 'yes' })).toMatchObject({ syslogSocket: socket });
    writeFileSync(socket, '');
    expect(load()).toMatchObject({ syslogSocket: socket });
    expect(load({ POSTHORN_SYSLOG: 'false' })).not.toHaveProperty('syslogSocket');
    expect(refusal({ POSTHORN_SYSLOG: 'perhaps' }).message).toContain('syslog (POSTHORN_SYSLOG) must be true or false');
    expect(refusal({ POSTHORN_SYSLOG_SOCKET: 'log' }).message).toContain('must be the path of a socket');
  });

  it('takes flags over the environment over the file', () => {
    yaml('database: sqlite:x.db\nworkers: 2\nhostname: file.example.test\nlog_level: error\n');
    const environment = { POSTHORN_WORKERS: '3', POSTHORN_HOSTNAME: 'environment.example.test' };
    expect(load(environment, { workers: '4' })).toMatchObject({
      workers: 4,
      hostname: 'environment.example.test',
      logLevel: 'error',
    });
  });

  it('reads lists, and text as numbers where numbers are meant', () => {
    yaml('database: sqlite:x.db\nessential: [admin]\ntrusted_proxies:\n  - 10.0.0.0/8\n  - "::1"\n');
    expect(load({ POSTHORN_ESSENTIAL: 'admin, limits', POSTHORN_POOL_SIZE: '3' })).toMatchObject({
      essential: ['admin', 'limits'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      poolSize: 3,
    });
  });

  it('takes HOST and PORT where nothing more to the point is said', () => {
    yaml('database: sqlite:x.db\nlisten: 127.0.0.1:7000\n');
    expect(load().listen).toEqual({ host: '127.0.0.1', port: 7000 });
    expect(load({ PORT: '9000' }).listen).toEqual({ host: '127.0.0.1', port: 9000 });
    expect(load({ PORT: '9000', HOST: '::' }).listen).toEqual({ host: '::', port: 9000 });
    expect(load({ PORT: '9000', POSTHORN_LISTEN: ':80' }).listen).toEqual({ host: '', port: 80 });
  });

  it('drops the slash at the end of the base URL', () => {
    yaml('database: sqlite:x.db\nbase_url: https://mx.example.test/mail/\n');
    expect(load().baseUrl).toBe('https://mx.example.test/mail');
  });

  it('reads the database from a file of its own', () => {
    mkdirSync(join(directory, 'secrets'));
    writeFileSync(join(directory, 'secrets', 'database-url'), 'postgresql://p:s@db.example.test/posthorn\n');
    yaml('database: file:secrets/database-url\n');
    expect(load().databaseUrl).toBe('postgresql://p:s@db.example.test/posthorn');
    yaml('');
    const file = join(directory, 'secrets', 'database-url');
    expect(load({ POSTHORN_DATABASE_URL_FILE: file }).databaseUrl).toMatch(/^postgresql:/);
    expect(refusal({ POSTHORN_DATABASE_URL_FILE: file, POSTHORN_DATABASE_URL: 'sqlite:x.db' }).message).toContain(
      'keep one',
    );
    expect(refusal({ POSTHORN_DATABASE_URL_FILE: join(directory, 'gone') }).message).toContain(
      'gone cannot be read: ENOENT',
    );
  });

  it('tells every complaint at once, with name and origin and without values', () => {
    yaml(
      '# ours\ndatabase: postgresql://p:Sesam-42@/\n\nworkers: 0\ncolour: blue\nessential: admin\ntime_zone: Sesam-43\n',
    );
    const problem = refusal({ POSTHORN_LANGUAGE: '!!' }, { listen: 'Sesam-44' });
    expect(problem).toMatchObject({ kind: 'configuration', exitCode: 78 });
    const told = Object.fromEntries(problem.issues.map((issue) => [issue.path, String(issue.message)]));
    expect(told).toMatchObject({
      colour: '(posthorn.yaml:5) is not a known setting',
      workers: '(posthorn.yaml:4) must be a whole number from 1 to 64',
      essential: '(posthorn.yaml:6) must be a list of extension ids',
      time_zone: expect.stringContaining('(posthorn.yaml:7)'),
      language: expect.stringContaining('(POSTHORN_LANGUAGE)'),
      listen: '(--listen) must be HOST:PORT',
      database: expect.stringContaining('(posthorn.yaml:2)'),
    });
    expect(problem.message).not.toContain('Sesam');
  });

  it.each([
    ['a: [1', /posthorn\.yaml:\d/],
    ['- database\n', /must be a list of `key: value` lines/],
    ['just text', /must be a list of `key: value` lines/],
    ['database: sqlite:x.db\ndatabase: sqlite:y.db\n', /posthorn\.yaml:2/],
    ['', /database is missing/],
    ['database:\n', /database is missing/],
    ['database: 7\n', /must be a database URL/],
    ['database: oracle://x/y\n', /scheme/],
  ])('refuses %j', (text, reason) => {
    yaml(text);
    expect(refusal().message).toMatch(reason);
  });

  it('says so when there is no instance', () => {
    expect(refusal()).toMatchObject({ code: 'E_HOST_NO_INSTANCE' });
  });
});

describe('finding the instance', () => {
  const find = (cwd: string, flag?: string, environment = {}, program?: string) =>
    findInstance(cwd, flag, { environment, program });

  it('goes by the flag, the environment, the folder, and the way the program was called', () => {
    yaml('');
    const deep = join(directory, 'data', 'db');
    mkdirSync(deep, { recursive: true });
    expect(find('/', directory)).toBe(directory);
    expect(find('/', undefined, { POSTHORN_INSTANCE: directory })).toBe(directory);
    expect(find(deep)).toBe(directory);
    expect(find('/', undefined, {}, join(directory, 'node_modules', '.bin', 'posthorn'))).toBe(directory);
    expect(find('/', undefined, {}, '/usr/bin/posthorn')).toBeUndefined();
  });

  it('does not look elsewhere when what was named is none', () => {
    yaml('');
    expect(find(directory, join(directory, 'nothing'))).toBeUndefined();
    expect(find(directory, undefined, { POSTHORN_INSTANCE: '/nothing' })).toBeUndefined();
  });

  it('finds the one that npm start makes in a checkout', () => {
    mkdirSync(join(directory, 'instance'));
    writeFileSync(join(directory, 'instance', 'posthorn.yaml'), '');
    expect(find(directory)).toBe(join(directory, 'instance'));
  });
});
