/**
 * How far one actor reaches. The kernel's access rows say which domains somebody owns or administers, and which accounts
 * a reseller made; everything inside a domain follows from the domain, so that a million mailboxes need no rows.
 */
import { ACCOUNT_KIND, type Actor, access, type ExtensionContext, roles, SUPER_ADMINS } from '@posthorn/sdk';
import { DOMAIN_KIND, SIMPLE_USERS } from '../contract/names.js';

/** What has to be known of an account to judge it. */
export interface AccountFacts {
  readonly id: number;
  readonly role: string;
  /** The domain of its mailbox. */
  readonly domainId: number | null;
}

export interface Scope {
  /** Super administrators, the system and the operator at the command line. */
  readonly isAll: boolean;
  /** Null for nobody, and for the owner of a token with scopes: that does not reach the account that it belongs to. */
  readonly accountId: number | null;
  /** A token leaves less than its owner's rights: accounts are in reach by their rank alone, everything or not. */
  readonly isConfined: boolean;
  readonly domains: ReadonlySet<number>;
  /** Roles that the actor may manage, by rank. */
  readonly lowerRoles: readonly string[];
  /** Accounts that the actor made; asked for only where a domain does not decide. */
  accounts(): Promise<ReadonlySet<number>>;
}

const NONE: ReadonlySet<number> = new Set();
const EVERYTHING: Omit<Scope, 'lowerRoles' | 'accountId' | 'isConfined'> = {
  isAll: true,
  domains: NONE,
  accounts: async () => NONE,
};

/** Roles of lower rank than the actor's own, every one for a superuser. Roles nobody contributes are nobody's to manage. */
export function lowerRoles(context: ExtensionContext, actor: Actor): readonly string[] {
  const known = context.items(roles).map(({ item }) => item);
  if (actor.isSuperuser) return [...new Set([...known.map((r) => r.name), SUPER_ADMINS])];
  const own = known.find((r) => r.name === actor.role)?.rank ?? 0;
  return known.filter((r) => r.rank < own && r.name !== SUPER_ADMINS).map((r) => r.name);
}

export async function scopeOf(context: ExtensionContext, actor: Actor): Promise<Scope> {
  const lower = lowerRoles(context, actor);
  const { id, confined } = actor;
  if (actor.isSuperuser) return { ...EVERYTHING, accountId: id, isConfined: false, lowerRoles: lower };
  const isConfined = confined !== undefined;
  const within = confined?.within(DOMAIN_KIND);
  if (confined?.isSuperuser === true) {
    if (within === undefined) return { ...EVERYTHING, accountId: null, isConfined, lowerRoles: lower };
    return { ...EVERYTHING, isAll: false, accountId: null, isConfined, lowerRoles: lower, domains: within };
  }
  // A demoted administrator may still have rows; they count again only when the role does.
  const reaches = id !== null && actor.role !== SIMPLE_USERS;
  const rows = context.get(access);
  let made: Promise<ReadonlySet<number>> | undefined;
  const domains = reaches ? await rows.reachable(id, DOMAIN_KIND) : NONE;
  // What lies in no domain is out of a range of domains.
  const reachesMade = reaches && within === undefined;
  return {
    isAll: false,
    accountId: isConfined ? null : id,
    isConfined,
    domains: within === undefined ? domains : new Set([...domains].filter((one) => within.has(one))),
    lowerRoles: lower,
    accounts: () => (made ??= reachesMade ? rows.reachable(id, ACCOUNT_KIND) : Promise.resolve(NONE)),
  };
}
