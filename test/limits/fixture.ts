import admin from '@posthorn/admin';
import limitsExtension from '@posthorn/limits';
import { type Limits, limits, type Plans, plans } from '@posthorn/limits/contract';
import type { Actor } from '@posthorn/sdk';
import { addReseller, type Bench, bench, empty, HASH, populate } from '../admin/fixture.js';

export interface LimitBench extends Bench {
  readonly limits: Limits;
  readonly plans: Plans;
  /** Sets parameters of `limits`. */
  limit(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** `used/max` of one limit of an account, in the order of names. */
  has(username: string, ...names: readonly string[]): Promise<string>;
  domainHas(name: string, ...names: readonly string[]): Promise<string>;
}

export async function limitBench(o: Parameters<typeof bench>[0] = {}): Promise<LimitBench> {
  const b = await bench({ ...o, with: [limitsExtension, ...(o.with ?? [])] });
  const service = b.host.context('limits').get(limits);
  const shown = (views: readonly { name: string; used: number; max: number }[], names: readonly string[]): string =>
    names
      .map((name) => views.find((view) => view.name === name))
      .map((view) => `${view?.used}/${view?.max}`)
      .join(' ');
  return {
    ...b,
    limits: service,
    plans: b.host.context('limits').get(plans),
    async limit(values) {
      const [form] = limitsExtension.parameters ?? [];
      if (form !== undefined) await b.host.kernel.parameters.write(form as never, values);
    },
    has: async (username, ...names) => shown((await service.ofAccount(b.system, username)).limits, names),
    domainHas: async (name, ...names) => shown((await service.ofDomain(b.system, name)).limits, names),
  };
}

const NAMES = ['domains', 'domain_aliases', 'mailboxes', 'mailbox_aliases', 'domain_admins'];

/** The reference's people, with defaults of `count` for everything that counts. */
export async function start(b: LimitBench, count = 2): Promise<void> {
  await empty(b);
  await b.sql('delete from limits_plan');
  await b.limit(Object.fromEntries(NAMES.map((name) => [`deflt_user_${name}_limit`, count])));
  await populate(b);
}

/** A reseller who may give domains a quota out of a pool of this many megabytes. */
export async function startReseller(b: LimitBench, quota = 1000): Promise<Actor> {
  await start(b);
  await b.limit({ deflt_user_quota_limit: quota });
  return addReseller(b);
}

export const mailbox = (b: LimitBench, actor: Actor, username: string, more: object = {}) =>
  b.mailboxes.create(actor, { username, passwordHash: HASH, ...more });

export const alias = (b: LimitBench, actor: Actor, address: string) =>
  b.aliases.create(actor, { address, recipients: ['user@external.com'] });

export { admin };
