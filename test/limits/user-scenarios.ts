import { trash as trashService } from '@posthorn/admin/contract';
import { type Actor, SUPER_ADMINS } from '@posthorn/sdk';
import { beforeEach, expect, it } from 'vitest';
import { HASH, refusal } from '../admin/fixture.js';
import { alias, type LimitBench, mailbox, start, startReseller } from './fixture.js';

const REACHED = 'E_LIMITS_REACHED';

/** What the services promise of limits of administrators beyond the reference, and what no other door can ask. */
export function userScenarios(given: () => LimitBench): void {
  let b: LimitBench;
  let actor: Actor;
  beforeEach(async () => {
    b = given();
    actor = await startReseller(b);
  });
  const has = (...names: readonly string[]) => b.has(actor.username, ...names);
  const accountId = async (username: string) => (await b.mailboxes.show(b.system, username)).pk;
  const domain = (name: string, more: object = {}) =>
    b.domains.create(actor, { name, quota: 100, default_mailbox_quota: 10, ...more });
  const administrator = (username: string, more: object = {}) =>
    b.mailboxes.create(actor, { username, role: 'DomainAdmins', passwordHash: HASH, ...more });

  it('a refusal says by status and exit code what kind it is', async () => {
    await expect(domain('domain.tld', { quota: 1001 })).rejects.toMatchObject({ status: 403, exitCode: 5 });
    await expect(domain('domain.tld', { quota: 0 })).rejects.toMatchObject({ status: 422, exitCode: 6 });
    await administrator('boss', { mailbox: null });
    await expect(b.limits.setOfAccount(actor, 'boss', { mailboxes: 3 })).rejects.toMatchObject({
      status: 424,
      exitCode: 5,
    });
  });

  it('test_aliases_limit_through_account_form: aliases that come with an account count', async () => {
    await start(b);
    actor = await b.actor('admin@test.com');
    const made = (name: string, count: number) =>
      mailbox(b, actor, `${name}@test.com`, {
        mailbox: { quota: 1 },
        aliases: Array.from({ length: count }, (_, n) => `${name}${n}@test.com`),
      });
    await made('a', 2);
    expect(await has('mailboxes', 'mailbox_aliases')).toBe('1/2 2/2');
    expect(await refusal(made('b', 1))).toBe(REACHED);
    expect(await has('mailboxes', 'mailbox_aliases')).toBe('1/2 2/2');
  });

  it('other names that come with a domain count', async () => {
    await domain('pouet.com', { aliases: ['domain-alias1.tld'] });
    const change = (...aliases: readonly string[]) => b.domains.update(actor, 'pouet.com', { aliases });
    await change('domain-alias1.tld', 'domain-alias2.tld');
    expect(await refusal(change('domain-alias1.tld', 'domain-alias2.tld', 'domain-alias3.tld'))).toBe(REACHED);
    await change('domain-alias1.tld');
    expect(await has('domain_aliases')).toBe('1/2');
  });

  it('test_sadmin_removes_ownership', async () => {
    await domain('domain.tld', { aliases: ['alias.tld'] });
    await administrator('admin@domain.tld', { domains: ['domain.tld'] });
    const { pk } = await b.domains.show(b.system, 'domain.tld');
    expect(await has('domains', 'quota')).toBe('1/2 100/1000');
    await b.domains.removeAdmin(b.system, pk, 'reseller');
    expect(await has('domains', 'quota')).toBe('0/2 0/1000');
  });

  it('whoever shares the limit of another meets it there', async () => {
    await domain('domain.tld');
    await administrator('admin1@domain.tld', { domains: ['domain.tld'], mailbox: null });
    await b.limits.setOfAccount(b.system, 'reseller', { mailboxes: -1 });
    await b.limits.setOfAccount(actor, 'admin1@domain.tld', { mailboxes: -1 });
    const admin = await b.actor('admin1@domain.tld');
    await mailbox(b, admin, 'tester1@domain.tld');
    await b.limits.setOfAccount(b.system, 'reseller', { mailboxes: 2 });
    const [shared] = (await b.limits.ofAccount(admin, 'admin1@domain.tld')).limits;
    expect(shared).toEqual({
      name: 'mailboxes',
      max: -1,
      used: 1,
      effective: 2,
      source: 'reseller',
      effective_used: 1,
      percent: 50,
    });
    await mailbox(b, actor, 'tester2@domain.tld');
    expect(await has('mailboxes')).toBe('2/2');
    expect(await refusal(mailbox(b, admin, 'tester3@domain.tld'))).toBe(REACHED);
    // A part of its own: what it made moves over with it.
    await b.limits.setOfAccount(actor, 'admin1@domain.tld', { mailboxes: 1 });
    expect(await has('mailboxes')).toBe('1/1');
    expect(await b.has('admin1@domain.tld', 'mailboxes')).toBe('1/1');
  });

  it('gives nothing to himself, to people of others and to those who have no limits', async () => {
    await domain('domain.tld');
    await mailbox(b, actor, 'user1@domain.tld');
    // Somebody else's administrator, although his mailbox lies in the reseller's domain.
    const boss = { username: 'boss@domain.tld', role: 'DomainAdmins', passwordHash: HASH, mailbox: {} };
    await b.mailboxes.create(b.system, boss);
    const set = (who: Actor, whom: string, values: object = { mailboxes: 1 }) =>
      refusal(b.limits.setOfAccount(who, whom, values));
    expect(await set(actor, 'reseller')).toBe('E_LIMITS_OWN');
    expect(await set(actor, 'boss@domain.tld')).toBe('E_LIMITS_NOT_YOURS');
    expect(await b.limits.mayGive(actor, await accountId('boss@domain.tld'))).toBe(false);
    expect(await set(actor, 'user1@domain.tld')).toBe('E_LIMITS_ROLE');
    expect(await set(actor, 'admin@test.com')).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    expect(await set(b.system, 'admin')).toBe('E_LIMITS_ROLE');
    expect(await set(await b.actor('admin@test.com'), 'user@test.com')).toBe('E_LIMITS_FORBIDDEN');
    // Domain administrators make no domains.
    expect(await set(b.system, 'admin@test.com', { domains: 1 })).toBe('E_INVALID domains');
  });

  it('wrong values name their field, and change nothing', async () => {
    const set = (values: object) => refusal(b.limits.setOfAccount(b.system, 'reseller', values));
    for (const wrong of [-2, 1e99, Number.NaN, 1.5, '3', '', null, 2 ** 31]) {
      expect(await set({ domains: 5, mailboxes: wrong }), String(wrong)).toBe('E_INVALID mailboxes');
    }
    expect(await set({ quota: -1 })).toBe('E_INVALID quota');
    expect(await set({ cats: 1 })).toBe('E_INVALID cats');
    expect(await has('domains', 'mailboxes', 'quota')).toBe('0/2 0/2 0/1000');
  });

  it('only what differs from the default is kept as a row', async () => {
    const rows = () => b.sql('select name, max_value from limits_userobjectlimit order by name');
    expect(await rows()).toEqual([]);
    await b.limits.setOfAccount(b.system, 'reseller', { domains: 5, mailboxes: 2 });
    expect(await rows()).toEqual([{ name: 'domains', max_value: 5 }]);
    await b.limits.setOfAccount(b.system, 'reseller', { domains: 2 });
    expect(await rows()).toEqual([]);
  });

  it('who is not limited makes what he likes, and with limits off everybody', async () => {
    await b.limit({ enable_admin_limits: false });
    for (const n of [1, 2, 3]) await domain(`domain${n}.tld`, { quota: 0, default_mailbox_quota: 0 });
    await b.limit({ enable_admin_limits: true });
    expect(await has('domains')).toBe('3/2');
    expect(await refusal(domain('domain4.tld'))).toBe(REACHED);
    await b.domains.create(b.system, { name: 'domain4.tld' });
  });

  it('what comes back from the trash counts, and needs room', async () => {
    await domain('domain1.tld');
    await domain('domain2.tld');
    const { pk } = await b.domains.show(actor, 'domain1.tld');
    await b.domains.remove(actor, pk);
    await domain('domain3.tld');
    const trash = b.context.get(trashService);
    const entry = await trash.latest(actor, 'domain', pk);
    expect(await refusal(trash.restore(actor, entry?.pk ?? 0))).toBe(REACHED);
    await b.domains.remove(actor, 'domain3.tld');
    await trash.restore(actor, entry?.pk ?? 0);
    expect(await has('domains')).toBe('2/2');
  });

  it('an undo gives the account what it had, with what it made, while its owner still has it', async () => {
    await domain('domain.tld');
    await administrator('admin1@domain.tld', { domains: ['domain.tld'], mailbox: null });
    await b.limits.setOfAccount(actor, 'admin1@domain.tld', { mailboxes: 2, mailbox_aliases: 2 });
    const admin = await b.actor('admin1@domain.tld');
    await mailbox(b, admin, 'tester1@domain.tld');
    await mailbox(b, admin, 'tester2@domain.tld');
    await alias(b, admin, 'alias1@domain.tld');
    await b.plans.create(b.system, { name: 'Basic', limits: { mailboxes: 2 } });
    await b.plans.give(b.system, 'Basic', { account: 'admin1@domain.tld' });
    const trash = b.context.get(trashService);
    const undo = async () => trash.restore(actor, (await trash.latest(actor, 'account', admin.id as number))?.pk ?? 0);
    await b.mailboxes.remove(actor, 'admin1@domain.tld');
    expect(await has('mailboxes', 'mailbox_aliases')).toBe('2/2 1/2');
    await undo();
    expect(await b.has('admin1@domain.tld', 'mailboxes', 'mailbox_aliases')).toBe('2/2 1/2');
    expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
    expect((await b.limits.ofAccount(actor, 'admin1@domain.tld')).plan).toBe('Basic');

    await b.mailboxes.remove(actor, 'admin1@domain.tld');
    await alias(b, actor, 'alias2@domain.tld');
    expect(await refusal(undo())).toBe('E_LIMITS_SHORTAGE');
    expect(await has('mailboxes', 'mailbox_aliases')).toBe('2/2 2/2');
    await b.aliases.remove(actor, 'alias2@domain.tld');
    await b.plans.remove(b.system, 'Basic');
    await undo();
    expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
    expect((await b.limits.ofAccount(actor, 'admin1@domain.tld')).plan).toBe(null);
  });

  it('a promoted administrator has no limits any more', async () => {
    await b.mailboxes.update(b.system, 'reseller', { role: SUPER_ADMINS });
    const promoted = await b.actor('reseller');
    for (const n of [1, 2, 3]) await b.domains.create(promoted, { name: `domain${n}.tld` });
    expect((await b.limits.ofAccount(promoted, 'reseller')).limits).toEqual([]);
  });
}
