import { trash } from '@posthorn/admin/contract';
import { beforeEach, expect, it } from 'vitest';
import { refusal } from '../admin/fixture.js';
import { alias, type LimitBench, mailbox, start } from './fixture.js';

const REACHED = 'E_LIMITS_REACHED';

/** What the services promise of limits of domains beyond the reference. */
export function domainScenarios(given: () => LimitBench): void {
  let b: LimitBench;
  beforeEach(async () => {
    b = given();
    await start(b);
    await b.limit({ enable_admin_limits: false, enable_domain_limits: true });
  });

  it('are shown in their order; only their own names and whole numbers are taken', async () => {
    const set = (values: object) => b.limits.setOfDomain(b.system, 'test.com', values);
    const { limits } = await set({ mailboxes: 3, mailbox_aliases: 2, domain_aliases: 5, domain_admins: 1 });
    expect(limits.map(({ name, max }) => `${name} ${max}`)).toEqual([
      'domain_aliases 5',
      'mailboxes 3',
      'mailbox_aliases 2',
      'domain_admins 1',
    ]);
    expect(await refusal(set({ quota: 3 }))).toBe('E_INVALID quota');
    expect(await refusal(set({ mailboxes: -2 }))).toBe('E_INVALID mailboxes');
  });

  it('another name that moves to a domain counts there', async () => {
    await b.limits.setOfDomain(b.system, 'test.com', { domain_aliases: 0 });
    await b.limits.setOfDomain(b.system, 'test2.com', { domain_aliases: 1 });
    await b.domainAliases.create(b.system, { name: 'alias.tld', target: 'test2.com' });
    expect(await refusal(b.domainAliases.update(b.system, 'alias.tld', { target: 'test.com' }))).toBe(REACHED);
  });

  it('aliases that come with an account count', async () => {
    await b.limits.setOfDomain(b.system, 'test.com', { mailboxes: -1, mailbox_aliases: 4 });
    const made = (name: string, ...aliases: readonly string[]) => mailbox(b, b.system, name, { aliases });
    expect(await refusal(made('lea@test.com', 'l@test.com', 'e@test.com'))).toBe(REACHED);
    expect(await refusal(made('lea@test.com', 'l@test.com'))).toBe('accepted');
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
    await b.limit({ enable_admin_limits: true, deflt_domain_mailbox_aliases_limit: 4 });
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
