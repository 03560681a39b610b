import { ACCOUNT_KIND, access, accounts, type ExtensionContext } from '@posthorn/sdk';
import { ACCOUNT_LIMITS, type AccountLimitName, RESOURCES } from '../contract/resources.js';
import type { LimitedAccount } from './allocation.js';

export interface LimitedFacts extends LimitedAccount {
  readonly role: string;
  readonly ownerName: string | null;
  /** What its role may make; nothing for super administrators, who have no limits. */
  readonly names: readonly AccountLimitName[];
}

/** What decisions about an account's limits need to know of it; undefined where it is gone. */
export async function limitedFacts(context: ExtensionContext, id: number): Promise<LimitedFacts | undefined> {
  const kernel = context.get(accounts);
  const account = await kernel.findById(id);
  if (account === null) return undefined;
  const holders = await context.get(access).holders(ACCOUNT_KIND, id);
  const holder = holders.find(({ isOwner, accountId }) => isOwner && accountId !== id);
  const owner = holder === undefined ? null : await kernel.findById(holder.accountId);
  const isOwned = owner !== null && !owner.is_superuser;
  const actor = await kernel.actor(account, 'system');
  return {
    id,
    username: account.username,
    role: account.role,
    owner: isOwned ? owner.id : null,
    ownerName: isOwned ? owner.username : null,
    names: actor.isSuperuser ? [] : ACCOUNT_LIMITS.filter((name) => actor.can(RESOURCES[name].permission)),
  };
}
