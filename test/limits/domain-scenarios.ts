import { trash } from '@posthorn/admin/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { HASH, refusal } from '../admin/fixture.js';
import { alias, type LimitBench, mailbox, start } from './fixture.js';

const REACHED = 'E_LIMITS_REACHED';

/** What the reference promises about limits of domains. They hold for everybody, super administrators too. */
export function domainScenarios(given: () => LimitBench): void {
  let b: LimitBench;
  beforeEach(async () => {
    b = given();
    await start(b);
    await b.limit({
      enable_admin_limits: false,
      enable_domain_limits: true,
      deflt_domain_domain_aliases_limit: 2,
      deflt_domain_domain_admins_limit: 2,
      deflt_domain_mailboxes_limit: 3,
      deflt_domain_mailbox_aliases_limit: 4,
    });
  });

  describe('DomainLimitsTestCase', () => {
    it('test_set_limits', async () => {
      const set = (values: object) => b.limits.setOfDomain(b.system, 'test.com', values);
      const { limits } = await set({ mailboxes: 3, mailbox_aliases: 2, domain_aliases: 5, domain_admins: 1 });
      expect(limits.map(({ name, max }) => `${name} ${max}`)).toEqual([
        'domain_aliases 5',
        'mailboxes 3',
        'mailbox_aliases 2',
        'domain_admins 1',
      ]);
      expect((await b.sql('select name from limits_domainobjectlimit order by name')).map(({ name }) => name)).toEqual([
        'domain_admins',
        'domain_aliases',
        'mailbox_aliases',
      ]);
      expect(await refusal(set({ quota: 3 }))).toBe('E_INVALID quota');
      expect(await refusal(set({ mailboxes: -2 }))).toBe('E_INVALID mailboxes');
    });

    it('test_domain_aliases_limit', async () => {
      const add = (name: string) => b.domainAliases.create(b.system, { name, target: 'test.com' });
      await add('alias1.tld');
      await add('alias2.tld');
      await expect(add('alias3.tld')).rejects.toMatchObject({ status: 403, message: 'Domain aliases: limit reached' });
      await b.domainAliases.remove(b.system, 'alias2.tld');
      await add('alias3.tld');
      // By moving there, too.
      await b.domainAliases.create(b.system, { name: 'alias4.tld', target: 'test2.com' });
      expect(await refusal(b.domainAliases.update(b.system, 'alias4.tld', { target: 'test.com' }))).toBe(REACHED);
    });

    it('test_domain_admins_limit', async () => {
      const add = (username: string) =>
        b.mailboxes.create(b.system, { username, role: 'DomainAdmins', passwordHash: HASH, domains: ['test2.com'] });
      await add('admin1@test.com');
      await expect(add('admin2@test2.com')).rejects.toMatchObject({ message: 'Domain admins: limit reached' });
      expect(await b.domainHas('test2.com', 'domain_admins')).toBe('2/2');
    });

    it('test_mailboxes_limit', async () => {
      const add = (username: string) => mailbox(b, b.system, username);
      await add('leon@test2.com');
      expect(await refusal(add('lea@test2.com'))).toBe(REACHED);
      await add('lea@test.com');
      expect(await refusal(b.mailboxes.update(b.system, 'lea@test.com', { username: 'lea@test2.com' }))).toBe(REACHED);
      await b.limits.setOfDomain(b.system, 'test2.com', { mailboxes: -1 });
      await b.mailboxes.update(b.system, 'lea@test.com', { username: 'lea@test2.com' });
      expect(await b.domainHas('test2.com', 'mailboxes')).toBe('4/-1');
    });

    it('test_mailbox_aliases_limit', async () => {
      // Three are there, and those that the system keeps do not count.
      await alias(b, b.system, 'alias1@test.com');
      expect(await refusal(alias(b, b.system, 'alias2@test.com'))).toBe(REACHED);
      expect(await refusal(mailbox(b, b.system, 'lea@test.com', { aliases: ['l@test.com'] }))).toBe(REACHED);
      await alias(b, b.system, 'alias2@test2.com');
      expect(await refusal(b.aliases.update(b.system, 'alias2@test2.com', { address: 'alias2@test.com' }))).toBe(
        REACHED,
      );
      await b.aliases.update(b.system, 'alias1@test.com', { address: 'alias3@test.com' });
    });
  });

  it('come back with their domain, and so does its plan', async () => {
    await b.plans.create(b.system, { name: 'Basic', limits: { mailboxes: 7 } });
    await b.plans.give(b.system, 'Basic', { domain: 'test.com' });
    const { pk } = await b.domains.show(b.system, 'test.com');
    await b.domains.remove(b.system, pk);
    const bin = b.context.get(trash);
    await bin.restore(b.system, (await bin.latest(b.system, 'domain', pk))?.pk ?? 0);
    expect(await b.domainHas('test.com', 'mailboxes')).toBe('2/7');
    expect((await b.limits.ofDomain(b.system, 'test.com')).plan).toBe('Basic');
  });

  it('both kinds hold beside each other', async () => {
    await b.limit({ enable_admin_limits: true });
    await b.limits.setOfDomain(b.system, 'test2.com', { mailbox_aliases: 1 });
    const admin = await b.actor('admin@test2.com');
    await alias(b, admin, 'a@test2.com');
    expect(await refusal(alias(b, admin, 'b@test2.com'))).toBe(REACHED);
    await b.limits.setOfDomain(b.system, 'test2.com', { mailbox_aliases: -1 });
    await alias(b, admin, 'b@test2.com');
    expect(await refusal(alias(b, admin, 'c@test2.com'))).toBe(REACHED);
    await alias(b, b.system, 'c@test2.com');
  });
}
