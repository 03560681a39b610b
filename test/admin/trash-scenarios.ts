import { domains, type TrashView, trash } from '@posthorn/admin/contract';
import type { Actor } from '@posthorn/sdk';
import { beforeEach, expect, it } from 'vitest';
import { addReseller, all, type Bench, empty, HASH, lookup, populate, refusal } from './fixture.js';

/** Deleting, bringing back, and removing for good. */
export function trashScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });

  const bin = () => b.context.get(trash);
  const listed = async (actor: Actor = b.system): Promise<readonly TrashView[]> => all(bin().list(actor));
  const last = async (): Promise<number> => (await listed())[0]?.pk ?? 0;
  const TABLES = [
    'admin_domain',
    'admin_domainalias',
    'admin_mailbox',
    'admin_alias',
    'admin_aliasrecipient',
    'admin_senderaddress',
    'admin_quota',
    'core_user',
    'core_access',
  ];
  /** Every row of every table, without when it was changed last, and without the number of an access row. */
  const everything = async () => {
    const rows = await Promise.all(TABLES.map((table) => b.sql(`select * from ${table}`)));
    const unseen = { last_modification: 0 };
    return rows.map((some) =>
      some.map((row) => JSON.stringify({ ...row, ...unseen, ...('object_id' in row ? { id: 0 } : {}) })).toSorted(),
    );
  };

  it('a domain comes back with everything inside, as it was', async () => {
    await b.domainAliases.create(b.system, { name: 'other.com', target: 'test.com' });
    await b.aliases.create(b.system, { address: 'far@test2.com', recipients: ['user@test.com'] });
    await b.aliases.create(b.system, { address: 'both@test2.com', recipients: ['user@test.com', 'x@y.org'] });
    const { mailbox } = await b.mailboxes.show(b.system, 'user@test.com');
    await b.senders.create(b.system, { address: 'me@home.org', mailbox: mailbox?.pk ?? 0 });
    await b.sql('update admin_quota set bytes = 77 where username = ?', ['user@test.com']);
    const before = await everything();
    await b.domains.remove(b.system, 'test.com');
    for (const address of ['user@test.com', 'alias@test.com', '@other.com', 'far@test2.com']) {
      expect([address, await lookup(b, address)]).toEqual([address, []]);
    }
    expect(await b.sql('select username from admin_quota where bytes = 77')).toEqual([]);
    expect(await listed()).toMatchObject([{ kind: 'domain', name: 'test.com', mailboxes: 2, aliases: 4 }]);
    expect(await bin().restore(b.system, await last())).toMatchObject({
      kind: 'domain',
      name: 'test.com',
      left_out: 0,
    });
    expect(await everything()).toEqual(before);
    expect(await listed()).toEqual([]);
  });

  it('a domain comes back with the accounts that went along', async () => {
    await b.set({ auto_account_removal: true });
    const before = await everything();
    await b.domains.remove(b.system, 'test.com');
    expect(await refusal(b.mailboxes.show(b.system, 'user@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    expect(await listed()).toHaveLength(1);
    await bin().restore(b.system, await last());
    expect(await everything()).toEqual(before);
  });

  it.each([
    ['account', () => b.mailboxes.remove(b.system, 'user@test.com')],
    ['account', () => b.mailboxes.remove(b.system, 'admin@test.com')],
    ['alias', () => b.aliases.remove(b.system, 'alias@test.com')],
    ['alias', () => b.aliases.remove(b.system, 'postmaster@test.com')],
    ['mailbox', () => b.mailboxes.update(b.system, 'admin@test.com', { mailbox: null })],
  ] as const)('%s: everything that led to it comes back too', async (kind, remove) => {
    await b.aliases.create(b.system, { address: 'chain@test2.com', recipients: ['alias@test.com'] });
    await b.aliases.create(b.system, { address: 'user@test.com', recipients: ['me@home.org'] });
    await b.aliases.create(b.system, { address: 'to-admin@test2.com', recipients: ['admin@test.com', 'x@y.org'] });
    const before = await everything();
    await remove();
    expect(await everything()).not.toEqual(before);
    expect(await listed()).toMatchObject([{ kind }]);
    await bin().restore(b.system, await last());
    expect(await everything()).toEqual(before);
  });

  it('an administrator comes back with what was his, unless somebody else has it meanwhile', async () => {
    const reseller = await addReseller(b);
    await b.domains.create(reseller, { name: 'rs.com' });
    await b.mailboxes.create(reseller, {
      username: 'boss@rs.com',
      role: 'DomainAdmins',
      passwordHash: HASH,
      mailbox: {},
      domains: ['rs.com'],
    });
    const boss = await b.actor('boss@rs.com');
    await b.mailboxes.create(boss, { username: 'joe@rs.com', passwordHash: HASH });
    await b.mailboxes.create(boss, { username: 'ann@rs.com', passwordHash: HASH });
    await b.aliases.create(boss, { address: 'all@rs.com', recipients: ['joe@rs.com'] });
    const joe = (await b.mailboxes.show(b.system, 'joe@rs.com')).pk;
    // A row of his own, beside the one that he inherits.
    await b.host.kernel.access.grant(reseller.id as number, 'host.account', joe);
    const before = await everything();
    await b.mailboxes.remove(reseller, 'boss@rs.com');
    const ownerOf = async (pk: number) =>
      (await b.host.kernel.access.holders('host.account', pk)).find((one) => one.isOwner)?.accountId;
    expect(await ownerOf(joe)).toBe(reseller.id);
    await bin().restore(reseller, await last());
    expect(await everything()).toEqual(before);

    const other = await addReseller(b, 'other');
    const ann = (await b.mailboxes.show(b.system, 'ann@rs.com')).pk;
    await b.mailboxes.remove(reseller, 'boss@rs.com');
    await b.host.kernel.access.revoke(reseller.id as number, 'host.account', ann);
    await b.host.kernel.access.grant(other.id as number, 'host.account', ann, { owner: true });
    await bin().restore(reseller, await last());
    expect([await ownerOf(joe), await ownerOf(ann)]).toEqual([boss.id, other.id]);
  });

  it('an alias of a mailbox and a domain alias come back', async () => {
    await b.aliases.create(b.system, { address: 'user@test.com', recipients: ['user@test.com', 'me@home.org'] });
    await b.aliases.create(b.system, { address: 'chain@test2.com', recipients: ['user@test.com'] });
    await b.domainAliases.create(b.system, { name: 'other.com', target: 'test.com' });
    const before = await everything();
    await b.aliases.remove(b.system, 'user@test.com');
    await b.domainAliases.remove(b.system, 'other.com');
    const [second, first] = await listed();
    expect([second?.name, first?.name]).toEqual(['other.com', 'user@test.com']);
    await bin().restore(b.system, first?.pk ?? 0);
    await bin().restore(b.system, second?.pk ?? 0);
    expect(await everything()).toEqual(before);
  });

  it('whoever leaves by the kernel itself goes there too', async () => {
    const before = await everything();
    const account = await b.host.kernel.accounts.findByUsername('user@test.com');
    if (account !== null) await b.host.kernel.accounts.remove(b.system, account);
    expect(await listed()).toMatchObject([{ kind: 'account', name: 'user@test.com' }]);
    await bin().restore(b.system, await last());
    expect(await everything()).toEqual(before);
  });

  it('is refused with the reason while the name is taken', async () => {
    await b.domains.remove(b.system, 'test.com');
    const domain = await last();
    await b.domains.create(b.system, { name: 'test.com' });
    expect(await refusal(bin().restore(b.system, domain))).toBe('E_ADMIN_DOMAIN_TAKEN name');
    await b.mailboxes.remove(b.system, 'user@test2.com');
    const account = await last();
    await b.mailboxes.create(b.system, { username: 'user@test2.com', passwordHash: HASH });
    expect(await refusal(bin().restore(b.system, account))).toBe('E_ADMIN_ACCOUNT_TAKEN username');
    await b.aliases.create(b.system, { address: 'a@test2.com', recipients: ['x@y.org'] });
    await b.aliases.remove(b.system, 'a@test2.com');
    const alias = await last();
    await b.aliases.create(b.system, { address: 'a@test2.com', recipients: ['z@y.org'] });
    expect(await refusal(bin().restore(b.system, alias))).toBe('E_ADMIN_ALIAS_TAKEN address');
    expect(await listed()).toHaveLength(3);
  });

  it('is refused where what it belonged to is gone or renamed', async () => {
    await b.aliases.remove(b.system, 'alias@test.com');
    const alias = await last();
    await b.domains.update(b.system, 'test.com', { name: 'new.com' });
    expect(await refusal(bin().restore(b.system, alias))).toBe('E_ADMIN_TRASH_RENAMED');
    await b.domains.remove(b.system, 'new.com');
    expect(await refusal(bin().restore(b.system, alias))).toBe('E_ADMIN_TRASH_PARENT');
    expect(await refusal(bin().restore(b.system, 999_999))).toBe('E_ADMIN_TRASH_NOT_FOUND');
  });

  it('an alias whose recipients went meanwhile stays where it is', async () => {
    await b.aliases.remove(b.system, 'alias@test.com');
    const alias = await last();
    await b.mailboxes.remove(b.system, 'user@test.com');
    expect(await refusal(bin().restore(b.system, alias))).toBe('E_ADMIN_TRASH_RECIPIENTS');
    await bin().restore(b.system, await last());
    expect(await refusal(bin().restore(b.system, alias))).toBe('accepted');
    expect(await lookup(b, 'alias@test.com')).toEqual(['user@test.com']);
  });

  it('keeps no password in clear, and no hash', async () => {
    await b.mailboxes.remove(b.system, 'user@test.com');
    const [row] = await b.sql('select content from admin_trash');
    expect(String(row?.content)).toMatch(/^v1\./);
    expect(String(row?.content)).not.toContain('Toto1234');
  });

  it('0 days: at once', async () => {
    await b.set({ trash_days: 0 });
    await b.domains.remove(b.system, 'test.com');
    await b.mailboxes.remove(b.system, 'user@test2.com');
    expect(await listed()).toEqual([]);
  });

  it('who could delete it may bring it back, and nobody else', async () => {
    const reseller = await addReseller(b);
    const stranger = await addReseller(b, 'stranger');
    await b.domains.create(reseller, { name: 'mine.com' });
    await b.domains.remove(b.system, 'mine.com');
    expect((await listed(reseller)).map(({ name }) => name)).toEqual(['mine.com']);
    expect(await listed(stranger)).toEqual([]);
    expect(await refusal(bin().restore(stranger, await last()))).toBe('E_ADMIN_TRASH_NOT_FOUND');
    const da = await b.actor('admin@test.com');
    await b.mailboxes.remove(b.system, 'user@test.com');
    await b.mailboxes.remove(b.system, 'user@test2.com');
    expect((await listed(da)).map(({ name }) => name)).toEqual(['user@test.com']);
    expect(await refusal(bin().purge(da, await last()))).toBe('E_ADMIN_TRASH_NOT_FOUND');
    const [own] = await listed(da);
    await bin().restore(da, own?.pk ?? 0);
    await bin().restore(reseller, (await listed(reseller))[0]?.pk ?? 0);
    expect((await b.domains.show(reseller, 'mine.com')).name).toBe('mine.com');
    const user = await b.actor('user@test.com');
    expect(await refusal((async () => all(bin().list(user)))())).toBe('E_ADMIN_FORBIDDEN');
    expect(await b.sql("select * from core_access where kind = 'admin.trash'")).toEqual([]);
  });

  it('a full pool refuses what was given away', async () => {
    await b.domains.update(b.system, 'test.com', { quota: 20 });
    await b.mailboxes.remove(b.system, 'user@test.com');
    const pk = await last();
    await b.mailboxes.create(b.system, { username: 'next@test.com', passwordHash: HASH });
    expect(await refusal(bin().restore(b.system, pk))).toBe('E_ADMIN_QUOTA_EXCEEDED quota');
  });

  it('costs as many statements for two hundred mailboxes as for two', async () => {
    const make = async (name: string, many: number) => {
      await b.context.get(domains).create(b.system, { name });
      for (let i = 0; i < many; i += 1) {
        await b.mailboxes.create(b.system, { username: `m${i}@${name}`, passwordHash: HASH });
      }
    };
    await make('few.com', 2);
    await make('many.com', 200);
    // The audit's own rows are written many at a time.
    const cost = async (work: () => Promise<unknown>) =>
      (await b.count(work)).filter((sql) => !sql.includes('core_audit')).length;
    const few = await cost(() => b.domains.remove(b.system, 'few.com'));
    const fewBack = await cost(async () => bin().restore(b.system, await last()));
    expect(await cost(() => b.domains.remove(b.system, 'many.com'))).toBe(few);
    expect(await cost(async () => bin().restore(b.system, await last()))).toBe(fewBack);
  });
}
