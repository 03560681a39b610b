/** Resellers below resellers: a rank of another extension stands above those that `admin` knows. */
import { defineExtension, role } from '@posthorn/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HASH, refusal } from '../admin/fixture.js';
import { type LimitBench, limitBench, start } from './fixture.js';

const distributors = defineExtension({
  id: 'distributors',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Distributors',
  contributes: [role({ name: 'Distributors', label: 'Distributor', rank: 90 })],
});

let b: LimitBench;
beforeAll(async () => {
  b = await limitBench({ with: [distributors] });
  await b.sql(
    `insert into core_grant (role, permission, extension)
     select 'Distributors', permission, extension from core_grant where role = 'Resellers'`,
  );
});
afterAll(() => b?.host[Symbol.asyncDispose]());

const person = (username: string, rank: string) => ({ username, role: rank, passwordHash: HASH });

it('an unlimited reseller below an unlimited one meets the limit at the top, and is told whose it is', async () => {
  await start(b, 0);
  await b.mailboxes.create(b.system, person('top', 'Distributors'));
  await b.limits.setOfAccount(b.system, 'top', { domains: -1, mailboxes: -1, quota: 500, domain_admins: 3 });
  const top = await b.actor('top');
  await b.mailboxes.create(top, person('middle', 'Resellers'));
  await b.limits.setOfAccount(top, 'middle', { domains: -1, mailboxes: -1, domain_admins: 3 });
  const middle = await b.actor('middle');
  const domain = (name: string, quota: number) => b.domains.create(middle, { name, quota, default_mailbox_quota: 1 });
  await domain('d.tld', 400);
  await b.mailboxes.create(middle, { ...person('low@d.tld', 'DomainAdmins'), mailbox: null, domains: ['d.tld'] });
  await b.limits.setOfAccount(middle, 'low@d.tld', { mailboxes: -1 });
  const low = await b.actor('low@d.tld');
  // Without a quota of one's own, everything comes out of the one above.
  expect(await b.has('top', 'quota')).toBe('400/500');
  expect(await refusal(domain('e.tld', 101))).toBe('E_LIMITS_REACHED quota');
  expect(await refusal(domain('e.tld', 0))).toBe('E_LIMITS_UNLIMITED quota');

  await b.limits.setOfAccount(b.system, 'top', { mailboxes: 2 });
  const make = (n: number) => b.mailboxes.create(low, { username: `m${n}@d.tld`, passwordHash: HASH });
  await make(1);
  const [shown] = (await b.limits.ofAccount(low, 'low@d.tld')).limits;
  expect(shown).toMatchObject({ max: -1, effective: 2, source: 'top', effective_used: 1, percent: 50 });
  await make(2);
  expect(await refusal(make(3))).toBe('E_LIMITS_REACHED');
  // In the middle somebody gets a part of his own: what was made below moves there with him.
  await b.limits.setOfAccount(top, 'middle', { mailboxes: 2 });
  expect([await b.has('top', 'mailboxes'), await b.has('middle', 'mailboxes')]).toEqual(['0/0', '2/2']);
  // Nobody skips a rank: what is given comes from whom the account belongs to.
  expect(await refusal(b.limits.setOfAccount(top, 'low@d.tld', { mailboxes: 3 }))).toBe('E_LIMITS_SHORTAGE mailboxes');
  await b.mailboxes.remove(top, 'middle');
  expect(await b.has('top', 'mailboxes')).toBe('2/2');
  expect((await b.limits.ofAccount(b.system, 'low@d.tld')).owner).toBe('top');
});
