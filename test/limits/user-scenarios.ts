import { trash as trashService } from '@posthorn/admin/contract';
import { type Actor, SUPER_ADMINS } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { HASH, refusal } from '../admin/fixture.js';
import { alias, type LimitBench, mailbox, start, startReseller } from './fixture.js';

const REACHED = 'E_LIMITS_REACHED';

/** What the reference promises about limits of administrators, by the names of its tests, and what was wrong there. */
export function userScenarios(given: () => LimitBench): void {
  let b: LimitBench;
  let actor: Actor;
  beforeEach(() => {
    b = given();
  });
  const has = (...names: readonly string[]) => b.has(actor.username, ...names);
  const accountId = async (username: string) => (await b.mailboxes.show(b.system, username)).pk;
  const domain = (name: string, more: object = {}) =>
    b.domains.create(actor, { name, quota: 100, default_mailbox_quota: 10, ...more });
  const administrator = (username: string, more: object = {}) =>
    b.mailboxes.create(actor, { username, role: 'DomainAdmins', passwordHash: HASH, ...more });
  const administer = (username: string) => b.mailboxes.update(actor, username, { role: 'DomainAdmins' });

  it('PermissionsTestCase.test_domainadmin_deletes_reseller', async () => {
    await startReseller(b);
    const admin = await b.actor('admin@test.com');
    // Nobody in reach is not found, as for everything else.
    expect(await refusal(b.mailboxes.remove(admin, 'reseller'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    expect(await b.has('reseller', 'domains')).toBe('0/2');
  });

  describe('DomainAdminTestCase', () => {
    beforeEach(async () => {
      await start(b);
      actor = await b.actor('admin@test.com');
    });

    it('test_mailboxes_limit', async () => {
      expect(await has('mailboxes')).toBe('0/2');
      await mailbox(b, actor, 'tester1@test.com', { mailbox: { quota: 1 } });
      expect(await has('mailboxes')).toBe('1/2');
      await mailbox(b, actor, 'tester2@test.com', { mailbox: { quota: 1 } });
      const third = () => mailbox(b, actor, 'tester3@test.com', { mailbox: { quota: 1 } });
      await expect(third()).rejects.toMatchObject({ code: REACHED, status: 403, message: 'Mailboxes: limit reached' });
      await b.mailboxes.remove(actor, 'tester2@test.com');
      expect(await has('mailboxes')).toBe('1/2');
      await third();
      expect(await has('mailboxes')).toBe('2/2');
    });

    it('test_aliases_limit', async () => {
      await alias(b, actor, 'alias1@test.com');
      await alias(b, actor, 'alias2@test.com');
      await expect(alias(b, actor, 'alias3@test.com')).rejects.toMatchObject({
        message: 'Mailbox aliases: limit reached',
      });
      await b.aliases.remove(actor, 'alias2@test.com');
      expect(await has('mailbox_aliases')).toBe('1/2');
      await b.limits.setOfAccount(b.system, actor.id ?? 0, { mailbox_aliases: -1 });
      for (const n of [2, 3, 4]) await alias(b, actor, `alias${n}@test.com`);
      expect(await has('mailbox_aliases')).toBe('4/-1');
    });

    it('test_aliases_limit_through_account_form', async () => {
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
  });

  describe('ResellerTestCase', () => {
    beforeEach(async () => {
      actor = await startReseller(b);
    });

    it('test_domains_limit', async () => {
      await domain('domain1.tld');
      await domain('domain2.tld');
      expect(await has('domains')).toBe('2/2');
      await expect(domain('domain3.tld')).rejects.toMatchObject({ status: 403, message: 'Domains: limit reached' });
      // Not so in the reference: at the limit, nothing could be edited any more.
      await b.domains.update(actor, 'domain2.tld', { enabled: false });
      await b.domains.remove(actor, 'domain2.tld');
      expect(await has('domains')).toBe('1/2');
      await domain('domain3.tld');
    });

    it('test_domain_aliases_limit', async () => {
      await domain('pouet.com', { aliases: ['domain-alias1.tld'] });
      expect(await has('domain_aliases')).toBe('1/2');
      const change = (...aliases: readonly string[]) => b.domains.update(actor, 'pouet.com', { aliases });
      await change('domain-alias1.tld', 'domain-alias2.tld');
      await expect(change('domain-alias1.tld', 'domain-alias2.tld', 'domain-alias3.tld')).rejects.toMatchObject({
        status: 403,
        message: 'Domain aliases: limit reached',
      });
      await change('domain-alias1.tld');
      expect(await has('domain_aliases')).toBe('1/2');
      await b.domainAliases.create(actor, { name: 'domain-alias2.tld', target: 'pouet.com' });
      expect(await refusal(b.domainAliases.create(actor, { name: 'a3.tld', target: 'pouet.com' }))).toBe(REACHED);
    });

    it('test_domain_admins_limit', async () => {
      await domain('domain.tld');
      await administrator('admin1@domain.tld');
      await administrator('admin2@domain.tld');
      expect(await has('domain_admins')).toBe('2/2');
      await mailbox(b, actor, 'user1@domain.tld');
      expect(await refusal(administrator('admin3@domain.tld'))).toBe(`${REACHED} role`);
      expect(await refusal(administer('user1@domain.tld'))).toBe(`${REACHED} role`);
      // What has the role already may be changed.
      await b.mailboxes.update(actor, 'admin2@domain.tld', { role: 'DomainAdmins', first_name: 'Ann' });
      await b.mailboxes.update(actor, 'admin2@domain.tld', { role: 'SimpleUsers' });
      expect(await has('domain_admins')).toBe('1/2');
      await administer('user1@domain.tld');
    });

    it('test_domain_admin_resource_are_empty', async () => {
      await domain('domain.tld');
      const { pk } = await administrator('admin1@domain.tld', { domains: ['domain.tld'] });
      expect(await b.has('admin1@domain.tld', 'mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
      expect(await b.sql('select name from limits_userobjectlimit where user_id = ?', [pk])).toEqual([]);
      const admin = await b.actor('admin1@domain.tld');
      expect(await refusal(alias(b, admin, 'a@domain.tld'))).toBe(REACHED);
    });

    it('test_quota_constraint: the pool is shared by the domains', async () => {
      await domain('domain1.tld', { quota: 1000 });
      expect(await has('quota')).toBe('1000/1000');
      await expect(domain('domain2.tld', { quota: 1000 })).rejects.toMatchObject({
        status: 403,
        message: 'Quota: limit reached',
        field: 'quota',
      });
      await b.domains.update(actor, 'domain1.tld', { quota: 500 });
      await domain('domain2.tld', { quota: 500 });
      expect(await refusal(b.domains.update(actor, 'domain1.tld', { quota: 501 }))).toBe(`${REACHED} quota`);
      await b.domains.update(actor, 'domain1.tld', { quota: 499 });
      expect(await has('quota')).toBe('999/1000');
      // A super administrator has no limits, also in somebody's domain.
      await b.domains.update(b.system, 'domain1.tld', { quota: 600 });
      expect(await refusal(b.domains.update(actor, 'domain1.tld', { enabled: true, quota: 600 }))).toBe('accepted');
    });

    it('test_unlimited_quota', async () => {
      const unlimited = 'E_LIMITS_UNLIMITED';
      expect(await refusal(domain('domain1.tld', { quota: 0 }))).toBe(`${unlimited} quota`);
      expect(await refusal(domain('domain1.tld', { default_mailbox_quota: 0 }))).toBe(
        `${unlimited} default_mailbox_quota`,
      );
      await expect(domain('domain1.tld', { quota: 0 })).rejects.toMatchObject({
        status: 422,
        kind: 'invalid',
        message: "You're not allowed to define unlimited values",
      });
      await domain('domain1.tld');
      expect(await refusal(b.domains.update(actor, 'domain1.tld', { quota: 0 }))).toBe(`${unlimited} quota`);
      await b.limits.setOfAccount(b.system, 'reseller', { quota: 0 });
      await b.domains.update(actor, 'domain1.tld', { quota: 0, default_mailbox_quota: 0 });
      await domain('domain2.tld', { quota: 0, default_mailbox_quota: 0 });
      expect(await has('quota')).toBe('0/0');
    });

    it('test_unlimited_mailbox_quota is refused in a domain out of the pool', async () => {
      await domain('domain1.tld');
      const create = (quota: number) => mailbox(b, actor, 'leon@domain1.tld', { mailbox: { quota } });
      expect(await refusal(create(0))).toBe('E_LIMITS_UNLIMITED quota');
      await create(20);
      const update = (quota: number) => b.mailboxes.update(actor, 'leon@domain1.tld', { mailbox: { quota } });
      expect(await refusal(update(0))).toBe('E_LIMITS_UNLIMITED quota');
      await b.limits.setOfAccount(b.system, 'reseller', { quota: 0 });
      await update(0);
      // A domain without a quota takes nothing out of the pool.
      await domain('free.tld', { quota: 0, default_mailbox_quota: 0 });
      await b.limits.setOfAccount(b.system, 'reseller', { quota: 1000 });
      await mailbox(b, actor, 'lea@free.tld', { mailbox: { quota: 0 } });
    });

    it('test_reseller_deletes_domain', async () => {
      await domain('domain.tld');
      await administrator('admin@domain.tld', {
        domains: ['domain.tld'],
        mailbox: {},
        aliases: ['postmaster@domain.tld'],
      });
      const names = ['domains', 'domain_admins', 'mailboxes', 'mailbox_aliases'];
      expect(await has(...names)).toBe('1/2 1/2 1/2 1/2');
      await b.domains.remove(actor, 'domain.tld');
      expect(await has(...names)).toBe('0/2 1/2 0/2 0/2');
    });

    it('test_sadmin_removes_ownership', async () => {
      await domain('domain.tld', { aliases: ['alias.tld'] });
      await administrator('admin@domain.tld', { domains: ['domain.tld'] });
      const { pk } = await b.domains.show(b.system, 'domain.tld');
      expect(await has('domains', 'quota')).toBe('1/2 100/1000');
      await b.domains.removeAdmin(b.system, pk, 'reseller');
      expect(await has('domains', 'quota')).toBe('0/2 0/1000');
    });

    describe('test_allocate_from_pool', () => {
      const give = (mailboxes: number, mailbox_aliases: number) =>
        b.limits.setOfAccount(actor, 'admin1@domain.tld', { mailboxes, mailbox_aliases });
      beforeEach(async () => {
        await domain('domain.tld');
        await administrator('admin1@domain.tld', { domains: ['domain.tld'], mailbox: null });
      });

      it('takes from the pool, and deleting the account gives back', async () => {
        await give(1, 2);
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/1 0/0');
        await give(2, 1);
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/0 0/1');
        await b.mailboxes.remove(actor, 'admin1@domain.tld');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/2 0/2');
      });

      it('test_restore_resources after the account made objects: they count for the reseller', async () => {
        await give(2, 2);
        const admin = await b.actor('admin1@domain.tld');
        await mailbox(b, admin, 'tester1@domain.tld');
        await mailbox(b, admin, 'tester2@domain.tld');
        await alias(b, admin, 'alias1@domain.tld');
        expect(await b.has('admin1@domain.tld', 'mailboxes', 'mailbox_aliases')).toBe('2/2 1/2');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
        await b.mailboxes.remove(actor, 'admin1@domain.tld');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('2/2 1/2');
        expect(await refusal(mailbox(b, actor, 'tester3@domain.tld'))).toBe(REACHED);
      });

      it('an undo gives the account what it had, with what it made, while its owner still has it', async () => {
        await give(2, 2);
        const admin = await b.actor('admin1@domain.tld');
        await mailbox(b, admin, 'tester1@domain.tld');
        await mailbox(b, admin, 'tester2@domain.tld');
        await alias(b, admin, 'alias1@domain.tld');
        await b.plans.create(b.system, { name: 'Basic', limits: { mailboxes: 2 } });
        await b.plans.give(b.system, 'Basic', { account: 'admin1@domain.tld' });
        const trash = b.context.get(trashService);
        const undo = async () =>
          trash.restore(actor, (await trash.latest(actor, 'account', admin.id as number))?.pk ?? 0);
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

      it('a role without resources gives them back', async () => {
        await give(1, 2);
        const admin = await b.actor('admin1@domain.tld');
        await alias(b, admin, 'alias1@domain.tld');
        await b.mailboxes.update(actor, 'admin1@domain.tld', { role: 'SimpleUsers', mailbox: null });
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/2 1/2');
        expect(await b.sql('select id from limits_userobjectlimit where user_id = ?', [admin.id])).toEqual([]);
        await b.mailboxes.update(actor, 'admin1@domain.tld', { role: 'DomainAdmins' });
        expect(await b.has('admin1@domain.tld', 'mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
      });

      it('test_allocate_too_much', async () => {
        await expect(give(3, 1)).rejects.toMatchObject({
          code: 'E_LIMITS_SHORTAGE',
          status: 424,
          exitCode: 5,
          message: 'Not enough resources',
          field: 'mailboxes',
        });
        expect(await refusal(give(1, 3))).toBe('E_LIMITS_SHORTAGE mailbox_aliases');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/2 0/2');
        expect(await b.has('admin1@domain.tld', 'mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
        // What is in use is not there to be given.
        await mailbox(b, actor, 'tester1@domain.tld');
        expect(await refusal(give(2, 1))).toBe('E_LIMITS_SHORTAGE mailboxes');
        await give(1, 1);
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('1/1 0/1');
      });

      it('nothing without limit comes out of a limit, and nothing in use goes back', async () => {
        expect(await refusal(give(-1, 1))).toBe('E_LIMITS_UNLIMITED mailboxes');
        await give(2, 0);
        await mailbox(b, await b.actor('admin1@domain.tld'), 'tester1@domain.tld');
        expect(await refusal(give(0, 0))).toBe('E_LIMITS_IN_USE mailboxes');
        await give(1, 0);
        expect(await has('mailboxes')).toBe('0/1');
      });

      it('an owner without a limit gives as he likes', async () => {
        await b.limits.setOfAccount(b.system, 'reseller', { mailboxes: -1, mailbox_aliases: -1 });
        await give(500, -1);
        expect(await b.has('admin1@domain.tld', 'mailboxes', 'mailbox_aliases')).toBe('0/500 0/-1');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/-1 0/-1');
      });

      it('whoever shares the limit of another meets it there', async () => {
        await b.limits.setOfAccount(b.system, 'reseller', { mailboxes: -1 });
        await give(-1, 0);
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

    it('a promoted administrator has no limits any more', async () => {
      await b.mailboxes.update(b.system, 'reseller', { role: SUPER_ADMINS });
      const promoted = await b.actor('reseller');
      for (const n of [1, 2, 3]) await b.domains.create(promoted, { name: `domain${n}.tld` });
      expect((await b.limits.ofAccount(promoted, 'reseller')).limits).toEqual([]);
    });
  });
}
