import type { Actor } from '@posthorn/sdk';
import { beforeEach, expect, it } from 'vitest';
import { HASH, refusal } from '../admin/fixture.js';
import { alias, type LimitBench, mailbox, start, startReseller } from './fixture.js';

const MANY = 50;

/** How often each outcome came. */
async function outcomes(work: readonly Promise<unknown>[]): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const one of await Promise.all(work.map(refusal))) found[one] = (found[one] ?? 0) + 1;
  return found;
}

/** Many at the same moment, and what asking costs. */
export function concurrencyScenarios(given: () => LimitBench): void {
  let b: LimitBench;
  beforeEach(() => {
    b = given();
  });
  const each = (work: (n: number) => Promise<unknown>) => outcomes(Array.from({ length: MANY }, (_, n) => work(n)));
  const ONE = { accepted: 1, E_LIMITS_REACHED: MANY - 1 };

  it('of fifty creations at one below the limit, one succeeds', async () => {
    await start(b);
    const admin = await b.actor('admin@test2.com');
    await mailbox(b, admin, 'first@test2.com');
    await alias(b, admin, 'first-alias@test2.com');
    expect(await each((n) => mailbox(b, admin, `m${n}@test2.com`))).toEqual(ONE);
    expect(await each((n) => alias(b, admin, `a${n}@test2.com`))).toEqual(ONE);
    expect(await b.has('admin@test2.com', 'mailboxes', 'mailbox_aliases')).toBe('2/2 2/2');
  });

  it('also where the domain is what is limited, and where the last of a quota is asked for', async () => {
    const reseller = await startReseller(b);
    const domain = (actor: Actor, name: string) =>
      b.domains.create(actor, { name, quota: 600, default_mailbox_quota: 10 });
    await b.limits.setOfAccount(b.system, 'reseller', { domains: 100 });
    expect(await each((n) => domain(reseller, `d${n}.tld`))).toEqual({
      accepted: 1,
      'E_LIMITS_REACHED quota': MANY - 1,
    });
    await b.limit({ enable_domain_limits: true, deflt_domain_mailbox_aliases_limit: 1 });
    expect(await each((n) => alias(b, b.system, `a${n}@test2.com`))).toEqual(ONE);
  });

  it('of what is given out and what is made at the same moment, no more comes about than there is', async () => {
    const reseller = await startReseller(b);
    await b.domains.create(reseller, { name: 'd.tld', quota: 500, default_mailbox_quota: 1 });
    for (const n of [0, 1]) {
      const input = { username: `admin${n}@d.tld`, role: 'DomainAdmins', passwordHash: HASH, mailbox: null };
      await b.mailboxes.create(reseller, input);
    }
    const found = await outcomes([
      ...[0, 1].map((n) => b.limits.setOfAccount(reseller, `admin${n}@d.tld`, { mailboxes: 1 })),
      ...[0, 1, 2].map((n) => mailbox(b, reseller, `m${n}@d.tld`)),
    ]);
    expect(found.accepted).toBe(2);
    const { limits } = await b.limits.ofAccount(b.system, 'reseller');
    const own = limits.find(({ name }) => name === 'mailboxes');
    expect(own?.used).toBe(own?.max);
  });

  it('asking costs two statements at most, whatever limits there are, and nothing more in the same transaction', async () => {
    const reseller = await startReseller(b);
    await b.limits.setOfAccount(b.system, 'reseller', { mailboxes: 20, mailbox_aliases: 20, domains: 20 });
    const domain = (name: string) => b.domains.create(reseller, { name, quota: 20, default_mailbox_quota: 1 });
    await domain('d.tld');
    const off = { enable_admin_limits: false, enable_domain_limits: false };
    const domains = {
      enable_domain_limits: true,
      deflt_domain_mailboxes_limit: 20,
      deflt_domain_mailbox_aliases_limit: 20,
    };
    let name = 0;
    /** How many statements more than where nothing is limited. */
    const asked = async (on: object, work: (name: string) => Promise<unknown>): Promise<number> => {
      const counted: number[] = [];
      for (const set of [off, { ...off, ...on }]) {
        await b.limit(set);
        name += 1;
        counted.push((await b.count(() => work(`x${name}`))).length);
      }
      return (counted[1] ?? 0) - (counted[0] ?? 0);
    };
    const most = b.context.data.dialect === 'sqlite' ? 1 : 2;
    const admins = { enable_admin_limits: true };
    expect(await asked(admins, (n) => domain(`${n}.tld`))).toBe(most);
    for (const on of [admins, domains, { ...admins, ...domains }]) {
      expect(await asked(on, (n) => mailbox(b, reseller, `${n}@d.tld`))).toBe(most);
      expect(await asked(on, (n) => alias(b, reseller, `alias-${n}@d.tld`))).toBe(most);
    }
    const several = (n: string) =>
      b.context.data.write(async () => {
        for (const more of [1, 2, 3, 4]) await alias(b, reseller, `${n}-${more}@d.tld`);
      });
    expect(await asked({ ...admins, ...domains }, several)).toBe(most);
  });
}
