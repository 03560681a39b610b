/** Who may give resources to whom. */
import { DOMAIN_KIND } from '@posthorn/admin/contract';
import { ACCOUNT_KIND, type Actor, access, type ExtensionContext } from '@posthorn/sdk';
import { problem } from '../problems.js';
import type { LimitedFacts } from './limited-accounts.js';

export const CHANGE = 'limits.change_limits';

/** Before anything is looked up: who may not give at all learns nothing. */
export function requireChange(actor: Actor): void {
  if (!actor.can(CHANGE)) throw problem('E_LIMITS_FORBIDDEN', { permission: CHANGE });
}

/** Refuses where these limits are not the actor's to give. */
export async function requireGiver(context: ExtensionContext, actor: Actor, account: LimitedFacts): Promise<void> {
  requireChange(actor);
  if (account.id === actor.id) throw problem('E_LIMITS_OWN');
  if (account.names.length === 0) throw problem('E_LIMITS_ROLE', { name: account.username, role: account.role });
  // An account in one's own domain may be somebody else's, who gives the resources.
  if (!(await isAbove(context, actor, account.id))) throw problem('E_LIMITS_NOT_YOURS', { name: account.username });
}

export async function isAbove(context: ExtensionContext, actor: Actor, account: number): Promise<boolean> {
  if (actor.isSuperuser) return true;
  const { confined } = actor;
  // A token that may do less, but everywhere.
  if (confined?.isSuperuser === true && confined.within(DOMAIN_KIND) === undefined) return true;
  return actor.id !== null && (await context.get(access).reachable(actor.id, ACCOUNT_KIND)).has(account);
}
