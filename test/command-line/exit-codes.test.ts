import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInstance, type Instance, posthorn } from '../kit/src/cli/cli.js';

let instance: Instance;
beforeAll(async () => {
  instance = await freshInstance();
  await instance.must(['domain', 'create', 'one.test']);
});
afterAll(() => instance?.remove());

const run = (...args: string[]) => instance.posthorn(args);
const code = async (...args: string[]) => (await run(...args)).code;

describe('exit codes', () => {
  it('0: data on stdout, words on stderr', async () => {
    const { code: ok, stdout, stderr } = await run('domain', 'list', '--json');
    expect(ok).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { name: string }).name),
    ).toEqual(['one.test']);
    expect(stderr).toBe('');
  });

  it('2: usage, with a suggestion', async () => {
    const { code: usage, stderr } = await run('domain', 'crate', 'x.test');
    expect([usage, stderr]).toEqual([2, expect.stringContaining('create')]);
    expect(await code('domain', 'list', '--nope')).toBe(2);
    expect(await code('domain', 'delete', 'one.test')).toBe(2);
  });

  it('3: not found', async () => {
    expect(await code('domain', 'show', 'nowhere.test')).toBe(3);
    expect(await code('account', 'show', 'nobody@one.test')).toBe(3);
    expect(await code('parameter', 'get', 'admin.nope')).toBe(3);
    expect(await code('extension', 'enable', 'nope')).toBe(3);
  });

  it('4: conflict, naming field and name', async () => {
    const { code: conflict, stderr } = await run('domain', 'create', 'ONE.test', '--json');
    expect(conflict).toBe(4);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { field: 'name', message: expect.stringContaining('one.test') },
    });
  });

  it('5: refused', async () => {
    await instance.must([
      'account',
      'create',
      'plain@one.test',
      '--password-file',
      await instance.secretFile('Toto1234'),
    ]);
    expect(await code('domain', 'create', 'two.test', '--as', 'plain@one.test')).toBe(5);
    expect(await code('parameter', 'list', '--as', 'plain@one.test')).toBe(5);
  });

  it('6: validation, the same sentence as text and as JSON', async () => {
    const plain = await run('domain', 'create', 'a..b');
    const json = await run('domain', 'create', 'a..b', '--json');
    expect([plain.code, json.code]).toEqual([6, 6]);
    const { error } = JSON.parse(json.stderr) as { error: { message: string } };
    expect(plain.stderr).toContain(error.message);
  });

  it('78: no instance, or a wrong configuration', async () => {
    expect((await posthorn('/nonexistent', ['domain', 'list'])).code).toBe(78);
    const broken = await run('domain', 'list');
    expect(broken.code).toBe(0);
    const wrong = await posthorn(instance.directory, ['domain', 'list'], {
      env: { POSTHORN_DATABASE_URL: 'oracle://x' },
    });
    expect([wrong.code, wrong.stderr]).toEqual([78, expect.stringContaining('POSTHORN_DATABASE_URL')]);
  });

  it('78: a database that a newer version has written', async () => {
    const database = new DatabaseSync(instance.sqliteFile as string);
    database.exec("insert into core_migration (name, applied_at) values ('core/9999-later', CURRENT_TIMESTAMP)");
    try {
      const { code: refused, stderr } = await run('domain', 'list');
      expect([refused, stderr]).toEqual([78, expect.stringContaining('core/9999-later')]);
    } finally {
      database.exec("delete from core_migration where name = 'core/9999-later'");
      database.close();
    }
    expect(await code('domain', 'list')).toBe(0);
  });

  it('never prints a password or a hash', async () => {
    const file = await instance.secretFile('Secret-Word-1');
    const made = await run('account', 'create', 'quiet@one.test', '--password-file', file, '--json');
    const shown = await run('account', 'show', 'quiet@one.test', '--json');
    const listed = await run('account', 'list', '--json');
    for (const text of [made, shown, listed].flatMap((r) => [r.stdout, r.stderr])) {
      expect(text).not.toContain('Secret-Word-1');
      expect(text).not.toMatch(/argon2|\{[A-Z0-9-]+\}/);
    }
  });
});
