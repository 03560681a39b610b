import { ACCOUNT_KIND, access, accounts, type ExtensionContext, roles } from '@posthorn/sdk';
import { DOMAIN_KIND, SIMPLE_USERS } from '../contract/names.js';

/**
 * What a change of role means for access rows. Who made an account reaches what it administers; that must end when the
 * account rises to its maker's rank or above. Whoever becomes a simple user administers nothing any more, also not after
 * a later promotion.
 */
export async function settleRoleChange(context: ExtensionContext, accountId: number, role: string): Promise<void> {
  const rows = context.get(access);
  if (role === SIMPLE_USERS) {
    for (const id of await rows.reachable(accountId, DOMAIN_KIND)) await rows.revoke(accountId, DOMAIN_KIND, id);
    return;
  }
  const ranks = new Map(context.items(roles).map(({ item }) => [item.name, item.rank]));
  const rank = ranks.get(role) ?? Number.POSITIVE_INFINITY;
  for (const { accountId: makerId } of await rows.holders(ACCOUNT_KIND, accountId)) {
    const maker = await context.get(accounts).findById(makerId);
    if (maker === null || maker.is_superuser || (ranks.get(maker.role) ?? 0) > rank) continue;
    await rows.revoke(makerId, ACCOUNT_KIND, accountId);
  }
}
