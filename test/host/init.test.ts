import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { run, scratch } from './instance.js';

const mode = (path: string): number => statSync(path).mode & 0o7777;

describe('posthorn init', () => {
  it('makes an instance without a network and prints the password once', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'a', 'b');
    const made = await run([
      'init',
      directory,
      '--hostname',
      'mx.example.test',
      '--time-zone',
      'Europe/Berlin',
      '--no-input',
    ]);
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toMatch(/^Administrator: admin\nPassword: {6}(?:[A-Za-z0-9]{4}-){4}[A-Za-z0-9]{4}\n$/);

    expect(mode(join(folder.path, 'a')) & 0o711).toBe(0o711);
    expect(mode(directory)).toBe(0o711);
    expect(mode(join(directory, 'data'))).toBe(0o711);
    expect(mode(join(directory, 'data/db')) & 0o777).toBe(0o770);
    expect(mode(join(directory, 'data/db/posthorn.db'))).toBe(0o660);
    expect(mode(join(directory, 'secrets'))).toBe(0o700);
    expect(mode(join(directory, 'secrets/keys'))).toBe(0o600);
    expect(mode(join(directory, 'run'))).toBe(0o700);
    const text = readFileSync(join(directory, 'posthorn.yaml'), 'utf8');
    expect(text).toContain('\nhostname: mx.example.test\n');
    expect(text).toContain('\nbase_url: https://mx.example.test\n');
    expect(text).toContain('\ntime_zone: Europe/Berlin\n');
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
      private: boolean;
      dependencies: Record<string, string>;
    };
    expect(manifest.private).toBe(true);
    expect(Object.keys(manifest.dependencies)).toEqual(
      expect.arrayContaining(['@posthorn/host', '@posthorn/admin', '@mikro-orm/core']),
    );
    expect(readlinkSync(join(directory, 'node_modules/@posthorn/host'))).toMatch(/\/host$/);

    const own = await run(['extension', 'list', '--json'], { cwd: join(directory, 'data') });
    expect(own.stdout).toContain('"id":"admin"');
  });

  it('is not impressed by a narrow umask', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    const before = process.umask(0o077);
    try {
      expect(await run(['init', directory, '--no-input'])).toMatchObject({ code: 0 });
    } finally {
      process.umask(before);
    }
    expect(mode(directory)).toBe(0o711);
    expect(mode(join(directory, 'data'))).toBe(0o711);
    expect(mode(join(directory, 'posthorn.yaml'))).toBe(0o644);
    expect(mode(join(directory, 'data/db/posthorn.db'))).toBe(0o660);
  });

  it('takes the password from a file or standard input and does not print it', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    const made = await run(
      [
        'init',
        directory,
        '--admin-username',
        'root@example.test',
        '--admin-password-file',
        '-',
        '--json',
        '--no-input',
      ],
      {
        stdin: 'Wind-in-42-Weiden\n',
      },
    );
    expect(made.code).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ directory, admin_username: 'root@example.test' });
    expect(made.stdout + made.stderr).not.toContain('Weiden');
    expect(made.stdout).not.toContain('admin_password');
  });

  it('enables only the extensions that were named', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    expect((await run(['init', directory, '--extensions', '', '--no-input'])).code).toBe(0);
    const list = await run(['extension', 'list', '--json', '--instance', directory]);
    expect(list.stdout).not.toContain('"enabled"');
  });

  it('refuses what is no settings, all at once', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    const refused = await run([
      'init',
      directory,
      '--hostname',
      'a b',
      '--time-zone',
      'Mars/Olympus',
      '--language',
      '??',
      '--json',
      '--no-input',
    ]);
    expect(refused.code).toBe(6);
    const { error } = JSON.parse(refused.stderr) as { error: { code: string; issues: { path: string }[] } };
    expect(error.issues.map((issue) => issue.path)).toEqual(['hostname', 'language', 'time_zone']);
    expect(existsSync(directory)).toBe(false);
  });

  it.each([
    [['init'], 2, /folder of the new instance is missing/],
    [['init', '--nothing'], 2, /--nothing/],
    [['init', 'a', 'b'], 2, /One folder/],
    [['init', '/dev/null/x', '--no-input'], 78, /cannot be written/],
  ] as const)('refuses %j with exit code %i', async (args, code, message) => {
    const refused = await run(args);
    expect(refused.stderr).toMatch(message);
    expect(refused.code).toBe(code);
  });

  it('refuses an unknown extension and names the known ones', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    const refused = await run(['init', directory, '--extensions', 'admin,nope', '--no-input']);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/No extension nope .*\n.*admin/);
    expect(existsSync(directory)).toBe(false);
  });

  it('refuses a folder that holds something else, and leaves it alone', async () => {
    await using folder = await scratch();
    writeFileSync(join(folder.path, 'letter.txt'), 'dear');
    const refused = await run(['init', folder.path, '--no-input']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('not empty');
    expect(readdirSync(folder.path)).toEqual(['letter.txt']);
  });

  it('takes an empty folder that is there already', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    mkdirSync(directory, { mode: 0o700 });
    expect((await run(['init', directory, '--no-input'])).code).toBe(0);
    expect(mode(directory)).toBe(0o711);
  });

  it('says the same of an existing instance every time, and changes nothing', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    expect((await run(['init', directory, '--no-input'])).code).toBe(0);
    const before = readFileSync(join(directory, 'posthorn.yaml'), 'utf8');
    for (const _ of [1, 2]) {
      const again = await run(['init', directory, '--hostname', 'other.example.test', '--no-input']);
      expect(again.code).toBe(4);
      expect(again.stderr).toContain('is an instance already; nothing was changed');
    }
    expect(readFileSync(join(directory, 'posthorn.yaml'), 'utf8')).toBe(before);
  });

  it("refuses somebody else's database and takes back what it made", async () => {
    await using folder = await scratch();
    const file = join(folder.path, 'other.db');
    const database = new DatabaseSync(file);
    database.exec('create table songs (title text)');
    database.close();
    const directory = join(folder.path, 'x', 'i');
    const refused = await run(['init', directory, '--database', `sqlite://${file}`, '--no-input']);
    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain('songs');
    expect(existsSync(join(folder.path, 'x'))).toBe(false);
    expect(existsSync(file)).toBe(true);
  });

  it('leaves nothing behind when the database is away, and never shows its password', async () => {
    await using folder = await scratch();
    const directory = join(folder.path, 'i');
    const url = 'postgresql://posthorn:Sesam-42@127.0.0.1:9/posthorn';
    const failed = await run(['init', directory, '--database', url, '--no-input']);
    expect(failed.code).toBe(75);
    expect(failed.stderr).toMatch(/Warning: the password in --database/);
    expect(failed.stdout + failed.stderr).not.toContain('Sesam');
    expect(existsSync(directory)).toBe(false);
    const quiet = await run(['init', directory, '--database-file', '-', '--no-input'], { stdin: `${url}\n` });
    expect(quiet.code).toBe(75);
    expect(quiet.stderr).not.toContain('Warning: the password');
  });
});
