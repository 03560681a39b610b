/** `posthorn maps …` and `posthorn dovecot …` on a host with `admin`: what is printed, exit codes, edits by hand. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import admin from '@posthorn/admin';
import { type CommandContext, type Output, type PrintableRow, parseShape, plainText, type Text } from '@posthorn/sdk';
import { type TestHost, testHost } from '@posthorn/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Answer {
  readonly rows: readonly PrintableRow[];
  readonly said: readonly string[];
  readonly exitCode: number;
}

let host: TestHost;
let directory: string;
beforeAll(async () => {
  host = await testHost({ with: [admin] });
  directory = join(host.config.directory, 'maps');
});
afterAll(() => host[Symbol.asyncDispose]());

async function run(noun: string, verb: string, typed: Readonly<Record<string, unknown>>): Promise<Answer> {
  const found = host.kernel.commands().find(({ item }) => item.noun === noun && item.verb === verb);
  if (found === undefined) throw new Error(`no command ${noun} ${verb}`);
  const rows: PrintableRow[] = [];
  const said: string[] = [];
  let exitCode = 0;
  const say = (text: Text): void => {
    said.push(plainText(text));
  };
  const out: Partial<Output> = {
    async list(all) {
      for await (const row of all) rows.push(row);
    },
    note: say,
    warn: say,
  };
  const context: CommandContext = Object.assign(Object.create(host.context(found.from)), {
    actor: host.system,
    out,
    setExitCode: (code: number) => {
      exitCode = code;
    },
  });
  await found.item.run(parseShape(found.item.input, typed, { text: true }), context);
  return { rows, said, exitCode };
}

const actions = ({ rows }: Answer): unknown => [...new Set(rows.map((row) => row['action']))];

describe('the commands of a file set', () => {
  it('write, find nothing to do, and compare', async () => {
    const first = await run('maps', 'write', { directory });
    expect(actions(first)).toEqual(['created']);
    expect(first.said.join()).toContain('main.cf');
    const second = await run('maps', 'write', { directory });
    expect([actions(second), second.said]).toEqual([['unchanged'], []]);
    const check = await run('maps', 'check', { directory });
    expect([actions(check), check.exitCode]).toEqual([['same'], 0]);
    expect(Object.keys(check.rows[0] ?? {})).toEqual(['file', 'action', 'reason']);
  });

  it('name the database of the host', async () => {
    const text = await readFile(join(directory, 'sql-domains.cf'), 'utf8');
    expect(text).toContain(`\ndbpath = ${join(host.config.directory, 'data', 'db', 'posthorn.sqlite')}\n`);
    expect((await stat(join(directory, 'sql-domains.cf'))).mode & 0o777).toBe(0o644);
  });

  it('keep an edit, say so, and end with 1 in a comparison', async () => {
    const file = join(directory, 'sql-aliases.cf');
    await writeFile(file, 'query = SELECT 1\n');
    await rm(join(directory, 'sql-domains.cf'));
    const check = await run('maps', 'check', { directory });
    expect(check.exitCode).toBe(1);
    expect(check.rows.filter((row) => row['action'] !== 'same').map((row) => [row['file'], row['action']])).toEqual([
      ['sql-domains.cf', 'missing'],
      ['sql-aliases.cf', 'edited'],
    ]);
    const kept = await run('maps', 'write', { directory });
    expect(kept.said.join()).toContain('sql-aliases.cf');
    expect(await readFile(file, 'utf8')).toBe('query = SELECT 1\n');
    await run('maps', 'write', { directory, force: 'true' });
    expect((await run('maps', 'check', { directory })).exitCode).toBe(0);
  });

  it('take the options of their set', async () => {
    const typed = {
      directory: join(host.config.directory, 'dovecot'),
      mail_home: '/srv/vmail',
      uid: '5000',
      gid: '5000',
    };
    expect(actions(await run('dovecot', 'write', typed))).toEqual(['created']);
    expect((await run('dovecot', 'check', typed)).exitCode).toBe(0);
    expect((await run('dovecot', 'check', { ...typed, mail_home: '/srv/other' })).exitCode).toBe(1);
    await expect(run('dovecot', 'write', { directory: typed.directory })).rejects.toMatchObject({ kind: 'invalid' });
  });
});
