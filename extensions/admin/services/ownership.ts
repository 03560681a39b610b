import { ACCOUNT_KIND, access, accounts, type ExtensionContext, roles, SUPER_ADMINS } from '@posthorn/sdk';
import { SIMPLE_USERS } from '../contract/names.js';
import { handOverAliases } from './object-owners.js';

/**
 * What a change of role means for access rows. Somebody owns only accounts of lower rank, because who owns an account
 * reaches what it administers: one that rises to its owner's rank goes to the next owner above, and so does one whose
 * owner sinks to its rank. Whoever becomes a simple user administers nothing any more, also not after a later promotion;
 * what he owned goes to his owner. Where nobody is left, super administrators reach it without a row.
 */
export async function settleRoleChange(context: ExtensionContext, accountId: number, role: string): Promise<void> {
  const rows = context.get(access);
  const ranks = new Ranks(context);
  const rank = ranks.ofRole(role);
  for (const { accountId: holder, isOwner } of await rows.holders(ACCOUNT_KIND, accountId)) {
    if ((await ranks.ofAccount(holder)) > rank) continue;
    await handOver(context, ranks, { from: holder, kind: ACCOUNT_KIND, objectId: accountId, isOwner, above: rank });
  }
  for (const { kind, objectId, isOwner } of await rows.held(accountId)) {
    const above = kind === ACCOUNT_KIND ? await ranks.ofAccount(objectId) : 0;
    if (role !== SIMPLE_USERS && above < rank) continue;
    await handOver(context, ranks, { from: accountId, kind, objectId, isOwner, above });
  }
  if (role !== SIMPLE_USERS) return;
  const heir = (await rows.holders(ACCOUNT_KIND, accountId)).find((one) => one.isOwner)?.accountId;
  await handOverAliases(context, [accountId], heir ?? null);
}

interface Row {
  readonly from: number;
  readonly kind: string;
  readonly objectId: number;
  readonly isOwner: boolean;
  /** Whom it goes to must rank above this. */
  readonly above: number;
}

/** Takes the row away; what was owned goes to the next owner above who ranks high enough. */
async function handOver(context: ExtensionContext, ranks: Ranks, { from, kind, objectId, isOwner, above }: Row) {
  const rows = context.get(access);
  await rows.revoke(from, kind, objectId);
  const seen = new Set<number>();
  for (let at: number | undefined = isOwner ? from : undefined; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const owner: number | undefined = (await rows.holders(ACCOUNT_KIND, at)).find((one) => one.isOwner)?.accountId;
    if (owner !== undefined && (await ranks.ofAccount(owner)) > above) {
      await rows.grant(owner, kind, objectId, { owner: true });
      return;
    }
    at = owner;
  }
}

class Ranks {
  readonly #byRole: ReadonlyMap<string, number>;

  constructor(private readonly context: ExtensionContext) {
    this.#byRole = new Map(context.items(roles).map(({ item }) => [item.name, item.rank]));
  }

  /** A role that nobody contributes any more ranks below every other. */
  ofRole(role: string): number {
    return role === SUPER_ADMINS ? Number.POSITIVE_INFINITY : (this.#byRole.get(role) ?? 0);
  }

  async ofAccount(id: number): Promise<number> {
    const account = await this.context.get(accounts).findById(id);
    return account === null ? 0 : this.ofRole(account.role);
  }
}
