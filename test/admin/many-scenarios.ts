import { type TrashView, trash } from '@posthorn/admin/contract';
import { ACCOUNT_KIND, access, isProblem, type Problem, together } from '@posthorn/sdk';
import { beforeEach, expect, it } from 'vitest';
import { addReseller, all, type Bench, empty, HASH, lookup, populate } from './fixture.js';

/** What is done to many rows at once is what would be done to one after the other. */
export function manyScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });

  const pk = async (username: string) => (await b.mailboxes.show(b.system, username)).pk;
  const pks = (...usernames: readonly string[]) => Promise.all(usernames.map(pk));
  const aliasPk = async (address: string) => (await b.aliases.show(b.system, address)).pk;
  const codes = (answers: readonly (Problem | undefined)[]) => answers.map((answer) => answer?.code ?? 'done');
  const entries = (): Promise<readonly TrashView[]> => all(b.context.get(trash).list(b.system));
  /** Accounts with a mailbox, made together. */
  async function people(domain: string, count: number): Promise<readonly number[]> {
    const inputs = Array.from({ length: count }, (_, i) => ({ username: `p${i}@${domain}`, passwordHash: HASH }));
    const made = await b.mailboxes.createMany(b.system, inputs);
    return made.flatMap((one) => (isProblem(one) ? [] : [one.pk]));
  }
  async function aliasesTo(recipient: string, count: number): Promise<readonly number[]> {
    const made: number[] = [];
    for (let i = 0; i < count; i += 1)
      made.push(
        (await b.aliases.create(b.system, { address: `a${i}-${count}@test2.com`, recipients: [recipient] })).pk,
      );
    return made;
  }

  it('costs as many statements for forty rows as for two', async () => {
    const few = await people('test2.com', 2);
    await b.domains.create(b.system, { name: 'many.com' });
    const many = await people('many.com', 40);
    const [fewAliases, manyAliases] = [await aliasesTo('x@y.org', 2), await aliasesTo('x@y.org', 12)];
    // The audit seals its records later, and signals are told one by one after the commit.
    const cost = async (work: () => Promise<unknown>) =>
      (await b.count(() => b.context.data.write(work))).filter(
        (sql) => !/core_(audit|session|parameter|outbox)/.test(sql),
      ).length;
    for (const change of [{ is_active: false }, { quota: 7 }] as const)
      expect([change, await cost(() => b.mailboxes.updateMany(b.system, many, change))]).toEqual([
        change,
        await cost(() => b.mailboxes.updateMany(b.system, few, change)),
      ]);
    expect(await cost(() => b.aliases.updateMany(b.system, manyAliases, { enabled: false }))).toBe(
      await cost(() => b.aliases.updateMany(b.system, fewAliases, { enabled: false })),
    );
    expect(await cost(() => b.aliases.removeMany(b.system, manyAliases))).toBe(
      await cost(() => b.aliases.removeMany(b.system, fewAliases)),
    );
    const forMany = await cost(() => b.mailboxes.removeMany(b.system, many));
    expect(forMany).toBe(await cost(() => b.mailboxes.removeMany(b.system, few)));
    expect(forMany).toBeLessThan(60);
    expect(await b.sql("select id from core_user where username like 'p%'")).toEqual([]);
  });

  it('says for each why it was not done, and does the others', async () => {
    const da = await b.actor('admin@test.com');
    const wanted = await pks('admin@test.com', 'user@test.com', 'user@test2.com');
    expect(codes(await b.mailboxes.updateMany(da, wanted, { is_active: false }))).toEqual([
      'E_ADMIN_OWN_DISABLE',
      'done',
      'E_ADMIN_ACCOUNT_NOT_FOUND',
    ]);
    expect((await b.mailboxes.show(b.system, 'user@test.com')).is_active).toBe(false);
    expect((await b.mailboxes.show(b.system, 'user@test2.com')).is_active).toBe(true);
    const aliases = [await aliasPk('alias@test.com'), 999_999];
    expect(codes(await b.aliases.updateMany(da, aliases, { enabled: false }))).toEqual([
      'done',
      'E_ADMIN_ALIAS_NOT_FOUND',
    ]);
    expect(codes(await b.mailboxes.removeMany(da, wanted))).toEqual([
      'E_ADMIN_OWN_DELETE',
      'done',
      'E_ADMIN_ACCOUNT_NOT_FOUND',
    ]);
    expect((await b.sql('select username from core_user order by id')).map((row) => row.username)).toEqual([
      'admin',
      'admin@test.com',
      'admin@test2.com',
      'user@test2.com',
    ]);
  });

  it('gives quotas as far as the domain has some left', async () => {
    const some = await people('test.com', 2);
    const wanted = [...(await pks('admin', 'user@test.com')), ...some];
    // 50 in all, of which each of four mailboxes has 10.
    expect(codes(await b.mailboxes.updateMany(b.system, wanted, { quota: 16 }))).toEqual([
      'E_ADMIN_NO_QUOTA',
      'done',
      'E_ADMIN_QUOTA_EXCEEDED',
      'E_ADMIN_QUOTA_EXCEEDED',
    ]);
    const rows = await b.sql(
      'select quota from admin_mailbox where domain_id = (select id from admin_domain where name = ?) order by id',
      ['test.com'],
    );
    expect(rows.map((row) => Number(row.quota))).toEqual([10, 16, 10, 10]);
  });

  it('is done one by one where something refuses all of them', async () => {
    await b.host.kernel.accounts.create(b.system, { username: 'second', role: 'SuperAdmins', passwordHash: HASH });
    const wanted = await pks('admin', 'user@test.com', 'second');
    const disable = (some: readonly number[]) => b.mailboxes.updateMany(b.system, some, { is_active: false });
    await expect(disable(wanted)).rejects.toMatchObject({ code: 'E_ACCOUNT_LAST' });
    expect(await b.sql('select id from core_user where is_active = false')).toEqual([]);
    expect(codes(await together(b.context, wanted, disable))).toEqual(['done', 'done', 'E_ACCOUNT_LAST']);
    expect(
      (await b.sql('select username from core_user where is_active = false order by id')).map((row) => row.username),
    ).toEqual(['admin', 'user@test.com']);
    const remove = (some: readonly number[]) => b.mailboxes.removeMany(b.system, some);
    expect(codes(await together(b.context, wanted, remove))).toEqual(['done', 'done', 'E_ACCOUNT_LAST']);
    expect((await entries()).map(({ name }) => name)).toEqual(['user@test.com', 'admin']);
  });

  it('what is deleted together comes back one by one', async () => {
    await b.aliases.create(b.system, { address: 'both@test2.com', recipients: ['user@test.com', 'user@test2.com'] });
    await b.aliases.create(b.system, { address: 'user@test.com', recipients: ['x@y.org', 'user@test.com'] });
    const { mailbox } = await b.mailboxes.show(b.system, 'user@test2.com');
    await b.senders.create(b.system, { address: 'me@home.org', mailbox: mailbox?.pk ?? 0 });
    await b.sql("update admin_quota set bytes = 5 where username = 'user@test.com'");
    const before = await lookup(b, 'user@test.com');
    await b.mailboxes.removeMany(b.system, await pks('user@test.com', 'user@test2.com'));
    // An alias goes with the last of its recipients.
    expect(await entries()).toMatchObject([
      { name: 'user@test2.com', kind: 'account', mailboxes: 1, aliases: 1 },
      { name: 'user@test.com', kind: 'account', mailboxes: 1, aliases: 2 },
    ]);
    expect(await lookup(b, 'both@test2.com')).toEqual([]);
    const [second, first] = await entries();
    expect(await b.context.get(trash).restore(b.system, second?.pk ?? 0)).toMatchObject({ left_out: 0 });
    expect(await lookup(b, 'both@test2.com')).toEqual(['user@test2.com']);
    expect(await all(b.senders.list(b.system))).toMatchObject([{ address: 'me@home.org' }]);
    expect(await b.context.get(trash).restore(b.system, first?.pk ?? 0)).toMatchObject({ left_out: 0 });
    expect(await lookup(b, 'both@test2.com')).toEqual(['user@test.com', 'user@test2.com']);
    expect(await lookup(b, 'user@test.com')).toEqual(before);
    expect(await b.sql('select bytes from admin_quota where username = ?', ['user@test.com'])).toMatchObject([
      { bytes: 5 },
    ]);
  });

  it('leaves the same records as one after the other', async () => {
    const newest = async () => Number((await b.sql('select max(id) as id from core_audit'))[0]?.id ?? 0);
    const records = async (work: () => Promise<unknown>) => {
      const from = await newest();
      await work();
      const rows = await b.sql('select kind, action, label, place, changes from core_audit where id > ?', [from]);
      const text = (value: unknown) =>
        String(value)
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'at')
          .replaceAll('one.com', 'two.com')
          .replaceAll(/\d+/g, '#');
      return rows.map((row) => Object.values(row).map(text).join(' ')).toSorted();
    };
    for (const name of ['one.com', 'two.com']) await b.domains.create(b.system, { name });
    const [one, two] = [await people('one.com', 3), await people('two.com', 3)];
    const disabled = await records(async () => {
      for (const key of one) await b.mailboxes.update(b.system, key, { is_active: false });
    });
    expect(await records(() => b.mailboxes.updateMany(b.system, two, { is_active: false }))).toEqual(disabled);
    expect(disabled).toHaveLength(3);
    const removed = await records(async () => {
      for (const key of one) await b.mailboxes.remove(b.system, key);
    });
    expect(await records(() => b.mailboxes.removeMany(b.system, two))).toEqual(removed);
    expect(removed.length).toBeGreaterThan(6);
  });

  it('what leaves together goes to the nearest owner who stays', async () => {
    const reseller = await addReseller(b);
    const [from, above, below] = [reseller.id ?? 0, ...(await pks('admin@test.com', 'admin@test2.com'))] as const;
    const rows = b.context.get(access);
    await rows.grant(from, ACCOUNT_KIND, above ?? 0, { owner: true });
    await rows.grant(above ?? 0, ACCOUNT_KIND, below ?? 0, { owner: true });
    await b.sql('update admin_alias set owner_id = ? where address = ?', [below, 'forward@test.com']);
    await rows.grant(below ?? 0, 'acme.thing', 7, { owner: true });
    const leaving = [below ?? 0, above ?? 0];
    expect(await rows.heirs(leaving)).toEqual(
      new Map([
        [below, from],
        [above, from],
      ]),
    );
    await b.mailboxes.removeMany(b.system, leaving);
    expect(await rows.holders('acme.thing', 7)).toEqual([{ accountId: from, isOwner: true }]);
    const [alias] = await b.sql("select owner_id from admin_alias where address = 'forward@test.com'");
    expect(Number(alias?.owner_id)).toBe(from);
  });
}
