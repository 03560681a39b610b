import { ACCOUNT_KIND, type ExtensionContext } from '@posthorn/sdk';
import { asBoolean, asNumber, idIn } from '../services/sql.js';

/** Somebody with a row for the thing that the link before is about; the first link is about the object. */
export interface Link {
  readonly accountId: number;
  readonly isOwner: boolean;
}

/**
 * The shortest way by which an account reaches an object: from who holds the object up to the account, owner by owner.
 * One statement for each step, however many hold the object. Undefined exactly where `Access.reachable` does not have
 * the object.
 */
export async function ownershipPath(
  { data }: ExtensionContext,
  accountId: number,
  kind: string,
  objectId: number,
): Promise<readonly Link[] | undefined> {
  const holdersOf = async (of: string, ids: readonly number[]) => {
    const among = idIn(data.dialect, 'object_id', ids);
    const rows = await data.execute(
      `select object_id, user_id, is_owner from core_access where kind = ? and ${among.sql} order by user_id`,
      [of, ...among.params],
    );
    return rows.map((row) => ({
      objectId: asNumber(row.object_id),
      link: { accountId: asNumber(row.user_id), isOwner: asBoolean(row.is_owner) },
    }));
  };
  /** By the account that each has come to. */
  let ways = new Map<number, readonly Link[]>();
  for (const { link } of await holdersOf(kind, [objectId])) ways.set(link.accountId, [link]);
  const seen = new Set<number>();
  while (ways.size > 0) {
    const found = ways.get(accountId);
    if (found !== undefined) return found;
    for (const id of ways.keys()) seen.add(id);
    const longer = new Map<number, readonly Link[]>();
    for (const { objectId: owned, link } of await holdersOf(ACCOUNT_KIND, [...ways.keys()])) {
      if (link.isOwner && !seen.has(link.accountId) && !longer.has(link.accountId))
        longer.set(link.accountId, [...(ways.get(owned) ?? []), link]);
    }
    ways = longer;
  }
  return undefined;
}
