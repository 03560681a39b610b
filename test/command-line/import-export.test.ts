import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';

let instance: Instance;
const HASH = '{PLAIN}Toto1234';
const FILE = `domain;one.test;100M;10;True
domainalias;two.test; one.test ;yes

account;anna@one.test;${HASH};Anna;É;true;SimpleUsers;anna@one.test;0
account;ben@one.test;${HASH};;;no;SimpleUsers;ben@one.test;7
account;chef@one.test;${HASH};;;y;DomainAdmins;chef@one.test;;one.test;unknown.test
account;boss;${HASH};;;1;Resellers;;
alias;info@one.test;true;anna@one.test;
forward;out@one.test;1;x@example.org;;
dlist;all@one.test;1;info@one.test;ben@one.test
alias;@one.test;1;anna@one.test
`;

const file = async (content: string): Promise<string> => {
  const path = join(instance.directory, 'rows.csv');
  await writeFile(path, content);
  return path;
};

beforeAll(async () => {
  instance = await freshInstance();
});
afterAll(() => instance?.remove());

it('lists the kinds of rows that extensions import', async () => {
  const kinds = (await instance.must(['import', '--json'])).rows().map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['account', 'alias', 'dlist', 'domain', 'domainalias', 'forward', 'relaydomain']);
});

it('imports nothing where one row is wrong', async () => {
  const { code, stdout } = await instance.posthorn([
    'import',
    await file(`${FILE}account;dora@nowhere.test;${HASH};;;1;SimpleUsers;dora@nowhere.test;0\n`),
    '--json',
  ]);
  expect(code).toBe(6);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toMatchObject([{ line: 12, kind: 'account', verdict: 'refused' }]);
  expect((await instance.must(['domain', 'list', '--json'])).rows()).toEqual([]);
});

it('imports rows of every kind, and what is exported is imported again', async () => {
  const path = await file(FILE);
  await instance.must(['import', path, '--dry-run']);
  expect((await instance.must(['domain', 'list', '--json'])).rows()).toEqual([]);
  await instance.must(['import', path]);
  expect((await instance.must(['domain', 'show', 'one.test', '--json'])).json()).toMatchObject({
    quota: 100,
    default_mailbox_quota: 10,
    enabled: true,
  });
  const show = async (name: string) => (await instance.must(['account', 'show', name, '--json'])).json();
  expect(await show('anna@one.test')).toMatchObject({ is_active: true, last_name: 'É', use_domain_quota: true });
  expect(await show('ben@one.test')).toMatchObject({ is_active: false, quota: 7, use_domain_quota: false });
  expect(await show('chef@one.test')).toMatchObject({ role: 'DomainAdmins', domains: ['one.test'] });
  expect(await show('boss')).toMatchObject({ full_address: null });

  const again = await instance.posthorn(['import', path]);
  expect(again.code).toBe(4);
  const all = await instance.must(['import', path, '--continue-if-exists', '--json']);
  expect(all.rows().map(({ verdict }) => verdict)).toEqual(Array.from({ length: 10 }, () => 'exists'));

  const domains = (await instance.must(['export', 'domains'])).stdout;
  expect(domains).toBe('domain;one.test;100;10;True\r\ndomainalias;two.test;one.test;True\r\n');
  const identities = (await instance.must(['export', 'identities'])).stdout;
  const lines = identities.trimEnd().split('\r\n');
  expect(lines).toContain(`account;anna@one.test;${HASH};Anna;É;True;SimpleUsers;anna@one.test;0`);
  expect(lines).toContain(`account;chef@one.test;${HASH};;;True;DomainAdmins;chef@one.test;0;one.test`);
  expect(lines).toContain(`account;boss;${HASH};;;True;Resellers;;`);
  expect(lines).toContain('alias;@one.test;True;anna@one.test');
  expect(lines.indexOf('alias;info@one.test;True;anna@one.test')).toBeLessThan(
    lines.indexOf('alias;all@one.test;True;ben@one.test;info@one.test'),
  );

  await using other = await freshInstance();
  const rest = lines.filter((line) => !line.startsWith('account;admin;')).join('\r\n');
  const copy = join(other.directory, 'copy.csv');
  await writeFile(copy, `${domains}${rest}\r\n`);
  await other.must(['import', copy]);
  expect((await other.must(['export', 'domains'])).stdout).toBe(domains);
  const exported = (await other.must(['export', 'identities'])).stdout.trimEnd().split('\r\n');
  expect(exported.filter((line) => !line.startsWith('account;admin;')).join('\r\n')).toBe(rest);
});

it('says who would import a kind of rows', async () => {
  await using other = await freshInstance();
  await other.must(['extension', 'disable', 'admin', '--with-dependents']);
  const path = join(other.directory, 'rows.csv');
  await writeFile(path, 'domain;one.test;0;0;1\nnonsense;a\n');
  const { code, stdout } = await other.posthorn(['import', path, '--json']);
  expect(code).toBe(6);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { code: string; reason: string });
  expect(rows.map((row) => row.code)).toEqual(['E_IMPORT_KIND_OFF', 'E_IMPORT_KIND']);
  expect(rows[0]?.reason).toContain('admin');
});
