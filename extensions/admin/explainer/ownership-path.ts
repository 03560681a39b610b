import { ACCOUNT_KIND, type Access } from '@posthorn/sdk';

/** Somebody with a row for the thing that the link before is about; the first link is about the object. */
export interface Link {
  readonly accountId: number;
  readonly isOwner: boolean;
}

/**
 * The shortest way by which an account reaches an object: from who holds the object up to the account, owner by owner.
 * Undefined exactly where `Access.reachable` does not have the object.
 */
export async function ownershipPath(
  rows: Access,
  accountId: number,
  kind: string,
  objectId: number,
): Promise<readonly Link[] | undefined> {
  const seen = new Set<number>();
  let ways: readonly (readonly Link[])[] = (await rows.holders(kind, objectId)).map((holder) => [holder]);
  while (ways.length > 0) {
    const longer: (readonly Link[])[] = [];
    for (const way of ways) {
      const last = way.at(-1) as Link;
      if (last.accountId === accountId) return way;
      if (seen.has(last.accountId)) continue;
      seen.add(last.accountId);
      const owners = (await rows.holders(ACCOUNT_KIND, last.accountId)).filter(({ isOwner }) => isOwner);
      longer.push(...owners.map((owner) => [...way, owner]));
    }
    ways = longer;
  }
  return undefined;
}
