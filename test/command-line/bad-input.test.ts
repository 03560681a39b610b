import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '../host/serving.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';

let instance: Instance;
beforeAll(async () => {
  instance = await freshInstance();
  await instance.must(['domain', 'create', 'one.test']);
  await instance.must([
    'account',
    'create',
    'alice@one.test',
    '--password-file',
    await instance.secretFile('Toto1234'),
  ]);
});
afterAll(() => instance?.remove());

// NUL cannot stand in an argument of a process; it comes in through files and is tested with the services.
const corpus: readonly (readonly [string, string])[] = [
  ['a path', '../../etc'],
  ['two dots in a row', 'a..b'],
  ['CR LF', 'a\r\nb'],
  ['a line feed', 'a\nquery = x'],
  ['a bidi mark', 'a\u202eb'],
  ['a zero-width space', 'a\u200bb'],
  ['a quote', 'a"b'],
  ['a percent sign', '%u'],
  ['a backslash', 'a\\b'],
  ['a slash', 'a/b'],
  ['a space', 'a b'],
  ['10 kB', 'a'.repeat(10_240)],
];

/** Every row that could have been changed. */
function rows(): string {
  const tables = sql(
    instance.directory,
    "select name from sqlite_master where type = 'table' and (name like 'admin\\_%' escape '\\' or name = 'core_user') order by name",
  ) as { name: string }[];
  expect(tables.length).toBeGreaterThan(10);
  return JSON.stringify(tables.map(({ name }) => [name, sql(instance.directory, `select * from "${name}"`)]));
}

// Every value at every command runs without processes (test/pages/bad-input-doors); here each value and each command is
// seen as a shell sees it.
describe('bad names are refused by every command, and nothing is changed', () => {
  it.each(corpus.map((one, at) => [...one, at] as const))('%s', async (_what, bad, at) => {
    const state = rows();
    const commands: readonly (readonly string[])[] = [
      ['domain', 'create', `${bad}.test`],
      ['domain', 'update', 'one.test', '--rename', `${bad}.test`],
      ['account', 'create', `${bad}@one.test`, '--password-file', await instance.secretFile('Toto1234')],
      ['account', 'update', 'alice@one.test', '--rename', `${bad}@one.test`],
      ['alias', 'create', `${bad}@one.test`, '--recipient', 'alice@one.test'],
      ['alias', 'create', 'list@one.test', '--recipient', `${bad}@remote.test`],
      ['domainalias', 'create', `${bad}.test`, '--target', 'one.test'],
      ['senderaddress', 'create', `${bad}@remote.test`, '--mailbox', 'alice@one.test'],
    ];
    for (const args of commands.filter((_, n) => n % 4 === at % 4)) {
      const { code, stderr } = await instance.posthorn(args);
      expect([args.slice(0, 2).join(' '), code]).toEqual([args.slice(0, 2).join(' '), 6]);
      // The reason must not carry the bad characters to the terminal.
      expect(stderr).not.toMatch(/[\u202e\u200b\r]/);
      expect(stderr.length).toBeLessThan(2_000);
    }
    expect(rows()).toBe(state);
  });

  it.each(['-1', '1e9', 'much', '99999999999999', '1.5', ''])('a quota of %j', async (quota) => {
    expect((await instance.posthorn(['domain', 'update', 'one.test', `--quota=${quota}`])).code).toBe(6);
    expect((await instance.posthorn(['account', 'update', 'alice@one.test', `--quota=${quota}`])).code).toBe(6);
  });

  it('passwords with NUL, line feeds or 10 kB', async () => {
    for (const password of ['Toto1234\u0000', 'Toto\n1234x', `Toto1234${'a'.repeat(10_240)}`]) {
      const { code } = await instance.posthorn(['account', 'update', 'alice@one.test', '--password-file', '-'], {
        stdin: password,
      });
      expect(code).toBe(6);
    }
  });
});
