import { beforeEach, describe, expect, it } from 'vitest';
import type { Door } from '../admin/doors/hands.js';
import { expectDone as done, expectRefused as refuse, type Said } from '../admin/doors/said.js';
import { HASH } from '../admin/fixture.js';
import { type LimitBench, start, startReseller } from './fixture.js';
import { handsAt } from './hands.js';

type Hands = ReturnType<ReturnType<typeof handsAt>>;

/**
 * What the reference promises of limits, by the names of its tests, at one door: the services on every database, the
 * others with the same words.
 */
export function referenceScenarios(given: () => LimitBench, door: Door): void {
  let b: LimitBench;
  let hands: Hands;
  let root: Hands;
  beforeEach(() => {
    b = given();
    root = handsAt(door)(b, 'admin');
  });
  const at = handsAt(door);

  const full = (work: Promise<Said>, label: string, field?: string) =>
    refuse(work, 'E_LIMITS_REACHED', `${label}: limit reached`, field);
  const unlimited = (work: Promise<Said>, field: string) =>
    refuse(work, 'E_LIMITS_UNLIMITED', 'not allowed to define unlimited values', field);

  it('PermissionsTestCase.test_domainadmin_deletes_reseller', async () => {
    await startReseller(b);
    // Nobody in reach is not found, as for everything else.
    await refuse(at(b, 'admin@test.com').removeAccount('reseller'), 'E_ADMIN_ACCOUNT_NOT_FOUND', 'There is no account');
    expect(await b.has('reseller', 'domains')).toBe('0/2');
  });

  describe('DomainAdminTestCase', () => {
    const has = (...names: readonly string[]) => b.has('admin@test.com', ...names);
    beforeEach(async () => {
      await start(b);
      hands = at(b, 'admin@test.com');
    });

    it('test_mailboxes_limit', async () => {
      expect(await has('mailboxes')).toBe('0/2');
      await done(hands.account('tester1@test.com', { quota: 1 }));
      expect(await has('mailboxes')).toBe('1/2');
      await done(hands.account('tester2@test.com', { quota: 1 }));
      await full(hands.account('tester3@test.com', { quota: 1 }), 'Mailboxes');
      await done(hands.removeAccount('tester2@test.com'));
      expect(await has('mailboxes')).toBe('1/2');
      await done(hands.account('tester3@test.com', { quota: 1 }));
      expect(await has('mailboxes')).toBe('2/2');
    });

    it('test_aliases_limit', async () => {
      await done(hands.alias('alias1@test.com'));
      await done(hands.alias('alias2@test.com'));
      await full(hands.alias('alias3@test.com'), 'Mailbox aliases');
      await done(hands.removeAlias('alias2@test.com'));
      expect(await has('mailbox_aliases')).toBe('1/2');
      await done(root.setOfAccount('admin@test.com', { mailbox_aliases: -1 }));
      for (const n of [2, 3, 4]) await done(hands.alias(`alias${n}@test.com`));
      expect(await has('mailbox_aliases')).toBe('4/-1');
    });
  });

  describe('ResellerTestCase', () => {
    const has = (...names: readonly string[]) => b.has('reseller', ...names);
    const domain = (name: string, more: object = {}) =>
      hands.domain(name, { quota: 100, default_mailbox_quota: 10, ...more });
    const administrator = (username: string, more: object = {}) =>
      hands.account(username, { role: 'DomainAdmins', ...more });
    beforeEach(async () => {
      await startReseller(b);
      hands = at(b, 'reseller');
    });

    it('test_domains_limit', async () => {
      await done(domain('domain1.tld'));
      await done(domain('domain2.tld'));
      expect(await has('domains')).toBe('2/2');
      await full(domain('domain3.tld'), 'Domains');
      // Not so in the reference: at the limit, nothing could be edited any more.
      await done(hands.changeDomain('domain2.tld', { enabled: false }));
      await done(hands.removeDomain('domain2.tld'));
      expect(await has('domains')).toBe('1/2');
      await done(domain('domain3.tld'));
    });

    it('test_domain_aliases_limit', async () => {
      await done(domain('pouet.com'));
      await done(hands.domainAlias('domain-alias1.tld', 'pouet.com'));
      expect(await has('domain_aliases')).toBe('1/2');
      await done(hands.domainAlias('domain-alias2.tld', 'pouet.com'));
      await full(hands.domainAlias('domain-alias3.tld', 'pouet.com'), 'Domain aliases');
      await done(hands.removeDomainAlias('domain-alias2.tld'));
      expect(await has('domain_aliases')).toBe('1/2');
      await done(hands.domainAlias('domain-alias3.tld', 'pouet.com'));
    });

    it('test_domain_admins_limit', async () => {
      await done(domain('domain.tld'));
      await done(administrator('admin1@domain.tld'));
      await done(administrator('admin2@domain.tld'));
      expect(await has('domain_admins')).toBe('2/2');
      await done(hands.account('user1@domain.tld'));
      await full(administrator('admin3@domain.tld'), 'Domain admins', 'role');
      await full(hands.changeAccount('user1@domain.tld', { role: 'DomainAdmins' }), 'Domain admins', 'role');
      // What has the role already may be changed.
      await done(hands.changeAccount('admin2@domain.tld', { role: 'DomainAdmins', first_name: 'Ann' }));
      await done(hands.removeAccount('admin2@domain.tld'));
      expect(await has('domain_admins')).toBe('1/2');
      await done(hands.changeAccount('user1@domain.tld', { role: 'DomainAdmins' }));
    });

    it('test_domain_admin_resource_are_empty', async () => {
      await done(domain('domain.tld'));
      await done(administrator('admin1@domain.tld', { domains: ['domain.tld'] }));
      expect(await b.has('admin1@domain.tld', 'mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
      expect(await b.sql('select name from limits_userobjectlimit')).toEqual([]);
      await full(at(b, 'admin1@domain.tld').alias('a@domain.tld'), 'Mailbox aliases');
    });

    it('test_quota_constraint: the pool is shared by the domains', async () => {
      await done(domain('domain1.tld', { quota: 1000 }));
      expect(await has('quota')).toBe('1000/1000');
      await full(domain('domain2.tld', { quota: 1000 }), 'Quota', 'quota');
      await done(hands.changeDomain('domain1.tld', { quota: 500 }));
      await done(domain('domain2.tld', { quota: 500 }));
      await full(hands.changeDomain('domain1.tld', { quota: 501 }), 'Quota', 'quota');
      await done(hands.changeDomain('domain1.tld', { quota: 499 }));
      expect(await has('quota')).toBe('999/1000');
      // A super administrator has no limits, also in somebody's domain.
      await done(root.changeDomain('domain1.tld', { quota: 600 }));
      await done(hands.changeDomain('domain1.tld', { enabled: true, quota: 600 }));
    });

    it('test_unlimited_quota', async () => {
      await unlimited(domain('domain1.tld', { quota: 0, default_mailbox_quota: 0 }), 'quota');
      await unlimited(domain('domain1.tld', { default_mailbox_quota: 0 }), 'default_mailbox_quota');
      await done(domain('domain1.tld'));
      await unlimited(hands.changeDomain('domain1.tld', { quota: 0 }), 'quota');
      await done(root.setOfAccount('reseller', { quota: 0 }));
      await done(hands.changeDomain('domain1.tld', { quota: 0, default_mailbox_quota: 0 }));
      await done(domain('domain2.tld', { quota: 0, default_mailbox_quota: 0 }));
      expect(await has('quota')).toBe('0/0');
    });

    it('test_unlimited_mailbox_quota is refused in a domain out of the pool', async () => {
      await done(domain('domain1.tld'));
      await unlimited(hands.account('leon@domain1.tld', { quota: 0 }), 'quota');
      await done(hands.account('leon@domain1.tld', { quota: 20 }));
      await unlimited(hands.changeAccount('leon@domain1.tld', { quota: 0 }), 'quota');
      await done(root.setOfAccount('reseller', { quota: 0 }));
      await done(hands.changeAccount('leon@domain1.tld', { quota: 0 }));
      // A domain without a quota takes nothing out of the pool.
      await done(domain('free.tld', { quota: 0, default_mailbox_quota: 0 }));
      await done(root.setOfAccount('reseller', { quota: 1000 }));
      await done(hands.account('lea@free.tld', { quota: 0 }));
    });

    it('test_reseller_deletes_domain', async () => {
      await done(domain('domain.tld'));
      await done(administrator('admin@domain.tld', { domains: ['domain.tld'], quota: 1 }));
      await done(hands.alias('postmaster@domain.tld', 'admin@domain.tld'));
      const names = ['domains', 'domain_admins', 'mailboxes', 'mailbox_aliases'];
      expect(await has(...names)).toBe('1/2 1/2 1/2 1/2');
      await done(hands.removeDomain('domain.tld'));
      expect(await has(...names)).toBe('0/2 1/2 0/2 0/2');
    });

    describe('test_allocate_from_pool', () => {
      const boss = 'admin1@domain.tld';
      const give = (mailboxes: number, mailbox_aliases: number) =>
        hands.setOfAccount(boss, { mailboxes, mailbox_aliases });
      const short = (work: Promise<Said>, field: string) =>
        refuse(work, 'E_LIMITS_SHORTAGE', 'Not enough resources', field);
      beforeEach(async () => {
        const actor = await b.actor('reseller');
        await b.domains.create(actor, { name: 'domain.tld', quota: 100, default_mailbox_quota: 10 });
        const person = { username: boss, role: 'DomainAdmins', passwordHash: HASH, mailbox: null };
        await b.mailboxes.create(actor, { ...person, domains: ['domain.tld'] });
      });

      it('takes from the pool, and deleting the account gives back', async () => {
        await done(give(1, 2));
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/1 0/0');
        await done(give(2, 1));
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/0 0/1');
        await done(hands.removeAccount(boss));
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/2 0/2');
      });

      it('test_restore_resources after the account made objects: they count for the reseller', async () => {
        await done(give(2, 2));
        const his = at(b, boss);
        await done(his.account('tester1@domain.tld'));
        await done(his.account('tester2@domain.tld'));
        await done(his.alias('alias1@domain.tld'));
        expect(await b.has(boss, 'mailboxes', 'mailbox_aliases')).toBe('2/2 1/2');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
        await done(hands.removeAccount(boss));
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('2/2 1/2');
        await full(hands.account('tester3@domain.tld'), 'Mailboxes');
      });

      it('a role without resources gives them back', async () => {
        await done(give(1, 1));
        await done(at(b, boss).alias('alias1@domain.tld'));
        await done(hands.changeAccount(boss, { role: 'SimpleUsers' }));
        // The form gives a simple user a mailbox, which is one more of the reseller's.
        expect(await has('mailboxes', 'mailbox_aliases')).toBe(door === 'page' ? '1/2 1/2' : '0/2 1/2');
        await done(hands.changeAccount(boss, { role: 'DomainAdmins' }));
        expect(await b.has(boss, 'mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
      });

      it('test_allocate_too_much', async () => {
        await short(give(3, 1), 'mailboxes');
        await short(give(1, 3), 'mailbox_aliases');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/2 0/2');
        expect(await b.has(boss, 'mailboxes', 'mailbox_aliases')).toBe('0/0 0/0');
        // What is in use is not there to be given.
        await done(hands.account('tester1@domain.tld'));
        await short(give(2, 1), 'mailboxes');
        await done(give(1, 1));
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('1/1 0/1');
      });

      it('nothing without limit comes out of a limit, and nothing in use goes back', async () => {
        await unlimited(give(-1, 1), 'mailboxes');
        await done(give(2, 0));
        await done(at(b, boss).account('tester1@domain.tld'));
        await refuse(give(0, 0), 'E_LIMITS_IN_USE', 'Mailboxes: 1 are in use', 'mailboxes');
        await done(give(1, 0));
        expect(await has('mailboxes')).toBe('0/1');
      });

      it('an owner without a limit gives as he likes', async () => {
        await done(root.setOfAccount('reseller', { mailboxes: -1, mailbox_aliases: -1 }));
        await done(give(500, -1));
        expect(await b.has(boss, 'mailboxes', 'mailbox_aliases')).toBe('0/500 0/-1');
        expect(await has('mailboxes', 'mailbox_aliases')).toBe('0/-1 0/-1');
      });
    });
  });

  // They hold for everybody, super administrators too.
  describe('DomainLimitsTestCase', () => {
    beforeEach(async () => {
      await start(b);
      hands = root;
      await b.limit({
        enable_admin_limits: false,
        enable_domain_limits: true,
        deflt_domain_domain_aliases_limit: 2,
        deflt_domain_domain_admins_limit: 2,
        deflt_domain_mailboxes_limit: 3,
        deflt_domain_mailbox_aliases_limit: 4,
      });
    });

    it('test_set_limits', async () => {
      const names = ['mailboxes', 'mailbox_aliases', 'domain_aliases', 'domain_admins'];
      expect(await b.domainHas('test.com', ...names)).toBe('2/3 3/4 0/2 1/2');
      const values = { mailboxes: 3, mailbox_aliases: 2, domain_aliases: 5, domain_admins: 1 };
      await done(hands.setOfDomain('test.com', values));
      expect(await b.domainHas('test.com', ...names)).toBe('2/3 3/2 0/5 1/1');
      // Only what differs from the default is kept as a row.
      expect((await b.sql('select name from limits_domainobjectlimit order by name')).map(({ name }) => name)).toEqual([
        'domain_admins',
        'domain_aliases',
        'mailbox_aliases',
      ]);
    });

    it('test_domain_aliases_limit', async () => {
      await done(hands.domainAlias('alias1.tld', 'test.com'));
      await done(hands.domainAlias('alias2.tld', 'test.com'));
      await full(hands.domainAlias('alias3.tld', 'test.com'), 'Domain aliases');
      await done(hands.removeDomainAlias('alias2.tld'));
      await done(hands.domainAlias('alias3.tld', 'test.com'));
    });

    it('test_domain_admins_limit', async () => {
      const add = (username: string) => hands.account(username, { role: 'DomainAdmins', domains: ['test2.com'] });
      await done(add('admin1@test.com'));
      await full(add('admin2@test2.com'), 'Domain admins');
      expect(await b.domainHas('test2.com', 'domain_admins')).toBe('2/2');
    });

    it('test_mailboxes_limit', async () => {
      await done(hands.account('leon@test2.com'));
      await full(hands.account('lea@test2.com'), 'Mailboxes');
      await done(hands.account('lea@test.com'));
      await full(hands.changeAccount('lea@test.com', { username: 'lea@test2.com' }), 'Mailboxes');
      await done(hands.setOfDomain('test2.com', { mailboxes: -1 }));
      await done(hands.changeAccount('lea@test.com', { username: 'lea@test2.com' }));
      expect(await b.domainHas('test2.com', 'mailboxes')).toBe('4/-1');
    });

    it('test_mailbox_aliases_limit', async () => {
      // Three are there, and those that the system keeps do not count.
      await done(hands.alias('alias1@test.com'));
      await full(hands.alias('alias2@test.com'), 'Mailbox aliases');
      await done(hands.alias('alias2@test2.com'));
      await full(hands.changeAlias('alias2@test2.com', 'alias2@test.com'), 'Mailbox aliases');
      await done(hands.changeAlias('alias1@test.com', 'alias3@test.com'));
    });
  });
}
