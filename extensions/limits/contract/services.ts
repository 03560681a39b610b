/**
 * Services take the actor first and answer with frozen views. Accounts and domains are named by number or name, and are
 * found as far as the actor reaches.
 */
import type { Key } from '@posthorn/admin/contract';
import { type Actor, service } from '@posthorn/sdk';
import type { AccountLimitName, DomainLimitName } from './resources.js';

/** One limit and what is used of it. -1 is no limit and 0 is none; `quota` is in megabytes, 0 is no limit. */
export interface LimitView<Name extends AccountLimitName = AccountLimitName> {
  readonly name: Name;
  readonly max: number;
  /** What is there, together with what those made who share this limit. */
  readonly used: number;
  /** What really limits: `max`, or where that is no limit, the next one above the account. */
  readonly effective: number;
  /** Whose limit that is, where it is not the account's own. */
  readonly source: string | null;
  /** What counts against it. */
  readonly effective_used: number;
  /** Of `effective`: -1 where there is no limit, 100 where it is 0. */
  readonly percent: number;
}

export interface AccountResources {
  readonly pk: number;
  readonly username: string;
  readonly role: string;
  /** Who gives the resources: whom the account belongs to, null where that is nobody but super administrators. */
  readonly owner: string | null;
  readonly plan: string | null;
  /** Of what the role may make at all. */
  readonly limits: readonly LimitView[];
}

export interface DomainResources {
  readonly pk: number;
  readonly name: string;
  readonly plan: string | null;
  readonly limits: readonly LimitView<DomainLimitName>[];
}

/** What was used on one day, with the limit of that day. */
export interface ResourceSample {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly name: AccountLimitName;
  readonly used: number;
  readonly max: number;
}

export interface Limits {
  /** One's own, and those of accounts in reach. */
  ofAccount(actor: Actor, key: Key): Promise<AccountResources>;
  /**
   * Only what is present changes. Where the account belongs to somebody who has a limit himself, it is taken from there,
   * and given back there: E_LIMITS_SHORTAGE where that is not enough, and nothing changes.
   */
  setOfAccount(
    actor: Actor,
    key: Key,
    values: Readonly<Partial<Record<AccountLimitName, number>>>,
  ): Promise<AccountResources>;
  ofDomain(actor: Actor, key: Key): Promise<DomainResources>;
  setOfDomain(
    actor: Actor,
    key: Key,
    values: Readonly<Partial<Record<DomainLimitName, number>>>,
  ): Promise<DomainResources>;
  /** Whether this actor may set the limits of this account, so that nobody is offered what would be refused. */
  mayGive(actor: Actor, account: number): Promise<boolean>;
  /** The latest last. */
  historyOfAccount(actor: Actor, key: Key): Promise<readonly ResourceSample[]>;
  historyOfDomain(actor: Actor, key: Key): Promise<readonly ResourceSample[]>;
}
export const limits = service<Limits>('limits.limits@1');

export interface PlanView {
  readonly pk: number;
  readonly name: string;
  /** A name that is missing is left as it is where the plan is given. */
  readonly limits: Readonly<Partial<Record<AccountLimitName, number>>>;
  readonly accounts: number;
  readonly domains: number;
}
export interface NewPlan {
  readonly name: string;
  readonly limits: Readonly<Partial<Record<AccountLimitName, number>>>;
}
/** With `limits`, the plan afterwards has exactly these. */
export type PlanChange = Partial<NewPlan>;

/** Who gets a plan. */
export type ChosenPlan = { readonly account: Key } | { readonly domain: Key };

/** Named sets of limits. Whoever has one keeps it up with every change, until his limits are set by hand. */
export interface Plans {
  /** By name. */
  list(actor: Actor): Promise<readonly PlanView[]>;
  show(actor: Actor, key: Key): Promise<PlanView>;
  create(actor: Actor, input: NewPlan): Promise<PlanView>;
  /** Changes what those have who have the plan, by as much as the plan changes; for all or for none. */
  update(actor: Actor, key: Key, change: PlanChange): Promise<PlanView>;
  /** Those who have it keep what they have. */
  remove(actor: Actor, key: Key): Promise<void>;
  /** `null` takes the plan away and leaves the limits. */
  give(actor: Actor, plan: Key | null, to: ChosenPlan): Promise<void>;
}
export const plans = service<Plans>('limits.plans@1');
