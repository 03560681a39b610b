/** Rows of domains, accounts and aliases: the reference's own cases of its import, and what many at a time change. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mayCreate } from '@posthorn/admin/contract';
import {
  type Actor,
  type Command,
  type CommandContext,
  defineExtension,
  type Message,
  on,
  type PrintableRow,
} from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, type Bench, bench, empty, HASH, populate } from '../admin/fixture.js';

let b: Bench;
/** How many accounts of the tests there may be. */
let most: number;
const many = async (): Promise<number> =>
  Number((await b.sql("select count(*) as n from core_user where username like 'many%'"))[0]?.n);
const limit = defineExtension({
  id: 'few',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Few',
  requires: { admin: '>=0.0.1' },
  taps: [
    on(mayCreate, async ({ kind, count }) =>
      kind === 'mailbox' && (await many()) + count > most ? { deny: 'full' } : undefined,
    ),
  ],
});
beforeAll(async () => {
  b = await bench({ with: [limit] });
});
beforeEach(async () => {
  most = Number.POSITIVE_INFINITY;
  await empty(b);
  await populate(b);
});
afterAll(() => b?.host[Symbol.asyncDispose]());

interface How {
  readonly as?: Actor;
  readonly continue_if_exists?: boolean;
  readonly per_row?: boolean;
  readonly crypt_password?: boolean;
}
/** Imports rows; says how many, and for each that was not `line code field`. */
async function imported(content: string | Uint8Array, { as, ...options }: How = {}) {
  const path = join(b.host.config.directory, 'rows.csv');
  await writeFile(path, content);
  const found = b.host.kernel.commands().find(({ item }) => item.noun === 'import');
  const seen = { count: 0, told: [] as string[] };
  const context = Object.assign(Object.create(b.host.context('core')) as CommandContext, {
    actor: as ?? b.system,
    signal: new AbortController().signal,
    setExitCode: () => {},
    out: {
      list: async (rows: Iterable<PrintableRow>) => {
        for (const { line, code, field } of rows) seen.told.push(`${line} ${code} ${field}`.trim());
      },
      note: ({ key, args }: Message) => {
        if (key.endsWith('imported.')) seen.count = Number(args.count);
      },
      warn: () => {},
    },
  });
  await (found?.item as Command).run({ file: [path], sepchar: ';', ...options }, context);
  return seen;
}
const refused = async (content: string, how: How = {}) => (await imported(content, how)).told;
const account = (name: string, o: { quota?: string; role?: string; address?: string } = {}) =>
  `account;${name};${HASH};A;B;True;${o.role ?? 'SimpleUsers'};${o.address ?? name}${o.quota === undefined ? '' : `;${o.quota}`}`;
const names = async (pattern: string) =>
  (await b.sql('select username from core_user where username like ? order by username', [pattern])).map((r) =>
    String(r.username),
  );
const quotaOf = async (name: string) => (await b.mailboxes.show(b.system, name)).mailbox;
const people = (count: number) =>
  Array.from({ length: count }, (_, i) => `many${String(i).padStart(3, '0')}@test2.com`);

describe('ImportTestCase', () => {
  it('test_import_domains: with an alias, and they are their importer’s', async () => {
    const as = await addReseller(b);
    const rows =
      'domain;one.example;1000;100;True\ndomain;two.example;1000;200;no\ndomainalias;three.example;one.example;True\n';
    expect(await imported(rows, { as })).toEqual({ count: 3, told: [] });
    const [one, two] = [await b.domains.show(as, 'one.example'), await b.domains.show(as, 'two.example')];
    expect([one.quota, one.default_mailbox_quota, one.enabled, two.enabled]).toEqual([1000, 100, true, false]);
    expect((await b.domainAliases.show(as, 'three.example')).target_name).toBe('one.example');
    const owned = await b.sql(
      "select is_owner from core_access where user_id = ? and kind = 'admin.domain' and object_id in (?, ?)",
      [as.id, one.pk, two.pk],
    );
    expect(owned.map((row) => Number(row.is_owner))).toEqual([1, 1]);
  });

  it('test_import_domains_utf8: in the form that is stored', async () => {
    expect(await refused('domain;Domaine-É.example;0;0;True\n')).toEqual([]);
    expect((await b.domains.show(b.system, 'domaine-é.example')).name).toBe('domaine-é.example');
  });

  it('test_import_bad_syntax: cells that are missing or none, quotas that are too large', async () => {
    for (const [row, told] of [
      ['domain;one.example', '1 E_INVALID'],
      ['domain;one.example;x;0;True', '1 E_INVALID'],
      ['domain;one.example;10;x;True', '1 E_INVALID'],
      ['domain;one.example;10;20;True', '1 E_ADMIN_DEFAULT_QUOTA default_mailbox_quota'],
      ['domainalias;one.example', '1 E_INVALID'],
      ['domainalias;one.example;nowhere.example;True', '1 E_ADMIN_DOMAIN_UNKNOWN target'],
      ['account;x@test.com', '1 E_INVALID'],
      ['alias;x@test.com;True', '1 E_INVALID'],
    ] as const) {
      expect((await refused(`${row}\n`))[0], row).toContain(told);
    }
    expect(await names('%example')).toEqual([]);
  });

  it('test_import_conflict: of every kind, which may be gone over', async () => {
    const rows = `domain;test.com;0;0;True\n${account('user@test.com')}\nalias;alias@test.com;True;user@test.com\n`;
    expect(await refused(rows)).toEqual([
      '1 E_ADMIN_DOMAIN_TAKEN name',
      '2 E_ACCOUNT_TAKEN username',
      '3 E_ADMIN_ALIAS_TAKEN address',
    ]);
    const over = await imported(`${rows}${account('new@test.com')}\n`, { continue_if_exists: true });
    expect([over.count, over.told.length]).toEqual([1, 3]);
  });

  it('test_import_identities: with their roles, quotas, recipients, and passwords that work', async () => {
    const as = await addReseller(b);
    await b.domains.create(as, { name: 'mine.example', quota: 0, default_mailbox_quota: 3 });
    const rows = [
      account('user1@mine.example', { quota: '0' }),
      account('Truc@mine.example', { role: 'DomainAdmins', quota: '5;mine.example' }),
      account('user2@mine.example', { quota: '7' }),
      'alias;alias1@mine.example;True;user1@mine.example',
      'alias;alias2@mine.example;True;user1+ext@mine.example;user2@mine.example',
      'forward;forward1@mine.example;True;user@elsewhere.example',
      'dlist;dlist@mine.example;True;user1@mine.example;user@elsewhere.example',
    ].join('\n');
    expect(await imported(rows, { as })).toEqual({ count: 7, told: [] });
    expect(await quotaOf('user1@mine.example')).toMatchObject({ quota: 3, use_domain_quota: true });
    expect(await quotaOf('user2@mine.example')).toMatchObject({ quota: 7, use_domain_quota: false });
    const chief = await b.mailboxes.show(b.system, 'truc@mine.example');
    expect([chief.role, chief.domains, chief.mailbox?.quota]).toEqual(['DomainAdmins', ['mine.example'], 5]);
    const recipients = async (address: string) => (await b.aliases.show(b.system, address)).recipients;
    expect(await recipients('alias2@mine.example')).toEqual(['user1+ext@mine.example', 'user2@mine.example']);
    expect(await recipients('forward1@mine.example')).toEqual(['user@elsewhere.example']);
    expect(await recipients('dlist@mine.example')).toEqual(['user1@mine.example', 'user@elsewhere.example']);
    expect((await b.host.kernel.accounts.verify('user1@mine.example', 'Toto1234'))?.username).toBe(
      'user1@mine.example',
    );
    const owned = await b.sql("select object_id from core_access where user_id = ? and kind = 'host.account'", [as.id]);
    expect(owned).toHaveLength(3);
  });

  it('test_import_for_nonlocal_domain: no account, no alias', async () => {
    expect(await refused(`${account('x@nowhere.example')}\nalias;y@nowhere.example;True;user@test.com\n`)).toEqual([
      '1 E_ADMIN_DOMAIN_UNKNOWN domain',
      '2 E_ADMIN_DOMAIN_UNKNOWN address',
    ]);
  });

  it('test_import_invalid_quota: is no number; an empty one is the domain’s', async () => {
    expect((await refused(`${account('x@test.com', { quota: 'ddd' })}\n`))[0]).toContain('1 E_INVALID');
    expect(await refused(`${account('x@test.com', { quota: '' })}\n`)).toEqual([]);
    expect(await quotaOf('x@test.com')).toMatchObject({ quota: 10, use_domain_quota: true });
  });

  it('test_import_domain_by_domainadmin, test_import_domainalias_by_domainadmin: are not his to make', async () => {
    const as = await b.actor('admin@test.com');
    expect(await refused('domain;one.example;0;0;True\ndomainalias;two.example;test.com;True\n', { as })).toEqual([
      '1 E_FORBIDDEN',
      '2 E_FORBIDDEN',
    ]);
  });

  it('test_import_superadmin: nobody makes an account of his own rank or above', async () => {
    const as = await b.actor('admin@test.com');
    const rows = [account('x@test.com', { role: 'SuperAdmins' }), account('y@test.com', { role: 'DomainAdmins' })];
    expect(await refused(`${rows.join('\n')}\n`, { as })).toEqual([
      '1 E_ADMIN_ROLE_FORBIDDEN role',
      '2 E_ADMIN_ROLE_FORBIDDEN role',
    ]);
    expect(await refused(`${account('x@test2.com')}\n`, { as })).toEqual(['1 E_ADMIN_OUT_OF_REACH domain']);
  });

  it('test_import_quota_too_big: more than the domain has left', async () => {
    const as = await b.actor('admin@test.com');
    expect(await refused(`${account('x@test.com', { quota: '40' })}\n`, { as })).toEqual([
      '1 E_ADMIN_QUOTA_EXCEEDED quota',
    ]);
  });

  it('test_import_missing_quota: the domain’s default', async () => {
    expect(await refused(`${account('x@test.com')}\n`)).toEqual([]);
    expect(await quotaOf('x@test.com')).toMatchObject({ quota: 10, use_domain_quota: true });
  });

  it('test_import_duplicate: the second of two is there already', async () => {
    const rows = `${account('x@test.com')}\n${account('X@test.com')}\n`;
    expect(await refused(rows)).toEqual(['2 E_ACCOUNT_TAKEN username']);
    expect(await names('x@%')).toEqual([]);
    expect(await imported(rows, { continue_if_exists: true })).toEqual({
      count: 1,
      told: ['2 E_ACCOUNT_TAKEN username'],
    });
  });

  it('test_import_simple_user: needs an address, and no other than his name', async () => {
    expect(
      await refused(`${account('x@test.com', { address: '' })}\n${account('x@test.com', { address: 'y@test.com' })}\n`),
    ).toEqual(['2 E_ADMIN_MAILBOX_USERNAME full_address']);
  });

  it('test_import_alias_with_empty_values: cells at the end that hold nothing', async () => {
    expect(await refused('alias;new@test.com;True;user@test.com;;;;;;;\n')).toEqual([]);
    expect((await b.aliases.show(b.system, 'new@test.com')).recipients).toEqual(['user@test.com']);
  });

  it('test_import_account_alias_conflict: an alias may have the address of a mailbox', async () => {
    expect(await refused('alias;user@test.com;True;admin@test.com\n')).toEqual([]);
    const own = await b.sql("select enabled from admin_alias where address = 'user@test.com' and internal = true");
    expect(Number(own[0]?.enabled)).toBe(0);
    await b.mailboxes.remove(b.system, 'user@test.com');
    expect(await refused('alias;later@test.com;True;admin@test.com\n')).toEqual([]);
    // The alias was there before the mailbox: its own one steps back as well.
    expect(await refused(`${account('later@test.com')}\n${account('other@test.com')}\n`)).toEqual([]);
    const stepped = await b.sql(
      "select address, enabled from admin_alias where address in ('later@test.com', 'other@test.com') and internal = true order by address",
    );
    expect(stepped.map((row) => Number(row.enabled))).toEqual([0, 1]);
  });
});

describe('ImportCommandTestCase', () => {
  const command = (...args: readonly string[]) => b.host.command(['import', ...args]);
  const file = async (content: string | Uint8Array) => {
    const path = join(b.host.config.directory, 'command.csv');
    await writeFile(path, content);
    return path;
  };

  it('test_import_command_missing_file', async () => {
    const { code, stderr } = await command(join(b.host.config.directory, 'none.csv'));
    expect([code, stderr]).toEqual([78, expect.stringContaining('none.csv')]);
  });

  it('test_import_command, test_import_command_duplicates, test_import_command_continue', async () => {
    const path = await file('domain;one.example;0;0;True\n');
    expect((await command(path)).code).toBe(0);
    expect((await command(path)).code).toBe(4);
    expect((await command(path, '--continue-if-exists')).code).toBe(0);
  });

  it('test_import_command_non_utf8: is refused with its line, and not guessed at', async () => {
    const path = await file(Buffer.from('domain;one.example;0;0;True\ndomain;d\xe9.example;0;0;True\n', 'latin1'));
    const { code, stderr } = await command(path);
    expect([code, stderr]).toEqual([6, expect.stringContaining('line 2')]);
  });
});

describe('many at a time', () => {
  it('are told of, recorded and owned like one after the other', async () => {
    const as = await b.actor('admin@test2.com');
    const [last] = await b.sql('select max(id) as id from core_audit');
    const wanted = people(250);
    expect(await imported(wanted.map((name) => account(name)).join('\n'), { as })).toEqual({ count: 250, told: [] });
    expect(await names('many%')).toEqual(wanted);
    const [counts] = await b.sql(
      `select (select count(*) from admin_quota where username like 'many%') as quotas,
         (select count(*) from admin_alias a inner join admin_aliasrecipient r on r.alias_id = a.id
           inner join admin_mailbox m on m.id = r.r_mailbox_id where a.address = r.address and a.address like 'many%') as own,
         (select count(*) from core_access where user_id = ? and kind = 'host.account') as owned`,
      [as.id],
    );
    expect(Object.values(counts ?? {}).map(Number)).toEqual([250, 250, 250]);
    const records = await b.sql(
      'select kind, count(*) as n, count(distinct object_id) as objects, count(hash) as sealed from core_audit where id > ? group by kind order by kind',
      [last?.id],
    );
    expect(records.map(({ kind, n, objects, sealed }) => [kind, Number(n), Number(objects), Number(sealed)])).toEqual([
      ['access', 250, 250, 250],
      ['account', 250, 250, 250],
      ['mailbox', 250, 250, 250],
    ]);
    expect((await b.host.kernel.audit.chain.verify()).isWhole).toBe(true);
  });

  it('have each its own verdict where a guard stops the last of them, and none is left', async () => {
    most = 140;
    const rows = people(150)
      .map((name) => account(name))
      .join('\n');
    const told = Array.from({ length: 10 }, (_, i) => `${141 + i} E_REFUSED`);
    expect(await imported(rows)).toEqual({ count: 0, told });
    expect(await names('many%')).toEqual([]);
    expect(await imported(rows, { per_row: true })).toEqual({ count: 140, told });
    expect(await names('many%')).toHaveLength(140);
  });

  it('take no more of a domain’s quota than there is, and what is there already takes none', async () => {
    await b.domains.create(b.system, { name: 'small.example', quota: 30, default_mailbox_quota: 10 });
    const rows = ['a', 'a', 'b', 'c', 'd', 'e'].map((name) => account(`${name}@small.example`)).join('\n');
    expect(await imported(rows, { per_row: true, continue_if_exists: true })).toEqual({
      count: 3,
      told: ['2 E_ACCOUNT_TAKEN username', '5 E_ADMIN_QUOTA_EXCEEDED quota', '6 E_ADMIN_QUOTA_EXCEEDED quota'],
    });
    expect(await names('%@small.example')).toEqual(['a', 'b', 'c'].map((name) => `${name}@small.example`));
  });

  it('hash clear passwords each by itself, and refuse those that are too weak', async () => {
    const clear = (name: string, password: string) => account(name).replace(HASH, password);
    const rows = `${clear('p@test.com', 'Very-Secret-1')}\n${clear('q@test.com', 'x')}\n${clear('r@test.com', 'Very-Secret-2')}\n`;
    expect((await imported(rows, { crypt_password: true, per_row: true })).told).toEqual(['2 E_INVALID password']);
    const { accounts } = b.host.kernel;
    expect((await accounts.verify('p@test.com', 'Very-Secret-1'))?.username).toBe('p@test.com');
    expect((await accounts.verify('r@test.com', 'Very-Secret-2'))?.username).toBe('r@test.com');
    expect(await accounts.verify('r@test.com', 'Very-Secret-1')).toBeNull();
  });
});

describe('files that Modoboa has written', () => {
  it('are imported as they are: accounts of the old administrator, and aliases that the system makes itself', async () => {
    await b.domains.create(b.system, { name: 'new.example', quota: 50, default_mailbox_quota: 10 });
    const rows = [
      'domain;new.example;50;10;True',
      'domainalias;other.example;new.example;True',
      account('admin', { role: 'SuperAdmins', address: '' }),
      `${account('boss@new.example', { role: 'DomainAdmins', quota: '10' })};new.example`,
      account('user@new.example', { quota: '10' }),
      'alias;sales@new.example;True;user@new.example',
      // Its command writes the aliases of mailboxes and of domain aliases as well.
      'alias;user@new.example;True;user@new.example',
      'alias;@other.example;True;@new.example',
    ].join('\r\n');
    expect(await imported(rows, { continue_if_exists: true })).toEqual({
      count: 4,
      told: [
        '1 E_ADMIN_DOMAIN_TAKEN name',
        '3 E_ACCOUNT_TAKEN username',
        '7 E_ADMIN_ALIAS_TAKEN address',
        '8 E_ADMIN_ALIAS_TAKEN address',
      ],
    });
    const recipients = await b.sql("select address from admin_alias where address like '%other.example' and internal");
    expect(recipients).toHaveLength(1);
  });

  it('tell whoever does not see a domain alias nothing of it', async () => {
    await b.domainAliases.create(b.system, { name: 'hidden.example', target: 'test.com' });
    const as = await addReseller(b);
    expect(await refused('alias;@hidden.example;True;x@remote.example', { as })).toEqual([
      '1 E_ADMIN_DOMAIN_UNKNOWN address',
    ]);
  });
});
