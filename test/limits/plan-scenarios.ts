import type { Actor } from '@posthorn/sdk';
import { beforeEach, expect, it } from 'vitest';
import { HASH, refusal } from '../admin/fixture.js';
import { type LimitBench, startReseller } from './fixture.js';

/** Named sets of limits, and what follows from changing one. */
export function planScenarios(given: () => LimitBench): void {
  let b: LimitBench;
  let reseller: Actor;
  beforeEach(async () => {
    b = given();
    reseller = await startReseller(b);
    await b.domains.create(reseller, { name: 'd.tld', quota: 500, default_mailbox_quota: 1 });
    const person = { role: 'DomainAdmins', passwordHash: HASH, mailbox: null } as const;
    await b.mailboxes.create(reseller, { ...person, username: 'boss@d.tld', domains: ['d.tld'] });
  });
  const plan = (limits: object, name = 'Basic') => b.plans.create(b.system, { name, limits });
  const give = (actor: Actor, account: string, name: string | null = 'Basic') => b.plans.give(actor, name, { account });

  it('are made, shown, renamed and deleted by super administrators', async () => {
    const made = await plan({ mailboxes: 10, quota: 500 });
    expect(made).toEqual({
      pk: made.pk,
      name: 'Basic',
      limits: { mailboxes: 10, quota: 500 },
      accounts: 0,
      domains: 0,
    });
    expect(Object.isFrozen(made)).toBe(true);
    expect(await refusal(plan({}))).toBe('E_LIMITS_PLAN_TAKEN name');
    expect(await refusal(plan({}, ' '))).toBe('E_LIMITS_PLAN_NAME name');
    expect(await refusal(plan({ mailboxes: -2 }, 'Other'))).toBe('E_INVALID mailboxes');
    expect(await refusal(b.plans.create(reseller, { name: 'Mine', limits: {} }))).toBe('E_LIMITS_FORBIDDEN');
    await b.plans.update(b.system, 'Basic', { name: 'Small' });
    expect((await b.plans.list(reseller)).map(({ name }) => name)).toEqual(['Small']);
    await b.plans.remove(b.system, 'Small');
    expect(await refusal(b.plans.show(b.system, 'Small'))).toBe('E_LIMITS_PLAN_NOT_FOUND');
  });

  it('are given out of the pool, and only where it has enough', async () => {
    await plan({ mailboxes: 1, mailbox_aliases: 2, domains: 7 });
    await give(reseller, 'boss@d.tld');
    expect(await b.has('boss@d.tld', 'mailboxes', 'mailbox_aliases')).toBe('0/1 0/2');
    expect(await b.has('reseller', 'mailboxes', 'mailbox_aliases', 'domains')).toBe('0/1 0/0 1/2');
    expect((await b.limits.ofAccount(b.system, 'boss@d.tld')).plan).toBe('Basic');
    await plan({ mailboxes: 3 }, 'Big');
    expect(await refusal(give(reseller, 'boss@d.tld', 'Big'))).toBe('E_LIMITS_SHORTAGE mailboxes');
    expect((await b.limits.ofAccount(b.system, 'boss@d.tld')).plan).toBe('Basic');
    expect(await refusal(give(reseller, 'reseller'))).toBe('E_LIMITS_OWN');
  });

  it('change what those have who have them, by as much, for all or for none', async () => {
    await plan({ mailboxes: 1 });
    await b.plans.create(b.system, { name: 'Resellers', limits: { mailboxes: 10 } });
    await give(b.system, 'reseller', 'Resellers');
    await give(reseller, 'boss@d.tld');
    await give(b.system, 'admin@test.com');
    await b.plans.give(b.system, 'Basic', { domain: 'd.tld' });
    expect(await b.has('reseller', 'mailboxes')).toBe('0/9');
    await b.plans.update(b.system, 'Basic', { limits: { mailboxes: 4 } });
    expect(await b.has('reseller', 'mailboxes')).toBe('0/6');
    expect(await b.has('boss@d.tld', 'mailboxes')).toBe('0/4');
    expect(await b.has('admin@test.com', 'mailboxes')).toBe('0/4');
    expect(await b.domainHas('d.tld', 'mailboxes')).toBe('0/4');
    // Four are given on: the reseller has ten in all, and fourteen afterwards.
    await b.plans.update(b.system, 'Resellers', { limits: { mailboxes: 14 } });
    expect(await b.has('reseller', 'mailboxes')).toBe('0/10');
    await expect(b.plans.update(b.system, 'Basic', { limits: { mailboxes: 20 } })).rejects.toMatchObject({
      code: 'E_LIMITS_PLAN_MEMBER',
      status: 424,
      message: 'The plan cannot be changed so: Not enough resources (boss@d.tld)',
    });
    // Below what was given on, also where the difference would read as no limit.
    for (const mailboxes of [3, 2]) {
      expect(await refusal(b.plans.update(b.system, 'Resellers', { limits: { mailboxes } }))).toBe(
        'E_LIMITS_PLAN_MEMBER',
      );
    }
    expect(await b.has('admin@test.com', 'mailboxes')).toBe('0/4');
    expect(await b.plans.show(b.system, 'Basic')).toMatchObject({ limits: { mailboxes: 4 }, accounts: 2, domains: 1 });
  });

  it('end with limits that are set by hand, and leave what they gave', async () => {
    await plan({ mailboxes: 2 });
    await give(b.system, 'admin@test.com');
    // The same as the default, and pinned all the same.
    expect(await b.sql("select max_value from limits_userobjectlimit where name = 'mailboxes'")).toEqual([
      { max_value: 2 },
    ]);
    await b.limits.setOfAccount(b.system, 'admin@test.com', { mailboxes: 3 });
    expect((await b.limits.ofAccount(b.system, 'admin@test.com')).plan).toBe(null);
    await b.plans.update(b.system, 'Basic', { limits: { mailboxes: 9 } });
    expect(await b.has('admin@test.com', 'mailboxes')).toBe('0/3');
    await give(b.system, 'admin@test.com');
    await give(b.system, 'admin@test.com', null);
    expect(await b.has('admin@test.com', 'mailboxes')).toBe('0/9');
  });
}
