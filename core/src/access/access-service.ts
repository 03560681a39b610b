import { ACCOUNT_KIND, type Access, type Data } from '@posthorn/sdk';
import { marks } from '../jobs/sql-expressions.js';

/** Accounts owned by each of these at any depth, itself included: reseller → administrator → … */
const owned = (accounts: readonly number[]): string => `with recursive mine(root, id) as (
  select id, id from core_user where id in (${accounts.map(() => '?').join(', ')})
  union
  select mine.root, a.object_id from core_access a inner join mine on a.user_id = mine.id
  where a.kind = '${ACCOUNT_KIND}' and a.is_owner
)`;

export class AccessService implements Access {
  constructor(private readonly data: Data) {}

  async grant(accountId: number, kind: string, objectId: number, o: { readonly owner?: boolean } = {}): Promise<void> {
    const isOwner = o.owner === true;
    await this.data.write(async (em) => {
      await em.flush(); // the account or the object may still wait to be inserted
      const [row] = await this.data.execute<{ is_owner: unknown }>(
        'select is_owner from core_access where user_id = ? and kind = ? and object_id = ?',
        [accountId, kind, objectId],
      );
      if (row === undefined) {
        await this.data.execute('insert into core_access (user_id, kind, object_id, is_owner) values (?, ?, ?, ?)', [
          accountId,
          kind,
          objectId,
          isOwner,
        ]);
      } else if (isOwner && !row.is_owner) {
        await this.data.execute(
          'update core_access set is_owner = ? where user_id = ? and kind = ? and object_id = ?',
          [true, accountId, kind, objectId],
        );
      }
    });
  }

  async revoke(accountId: number, kind: string, objectId: number): Promise<void> {
    await this.data.execute('delete from core_access where user_id = ? and kind = ? and object_id = ?', [
      accountId,
      kind,
      objectId,
    ]);
  }

  async forget(kind: string, objectId: number): Promise<void> {
    await this.data.execute('delete from core_access where kind = ? and object_id = ?', [kind, objectId]);
  }

  async reachable(accountId: number, kind: string): Promise<ReadonlySet<number>> {
    return (await this.reachableByEach([accountId], kind)).get(accountId) ?? new Set();
  }

  async reachableByEach(
    accountIds: readonly number[],
    kind: string,
  ): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
    const found = new Map<number, Set<number>>();
    if (accountIds.length === 0) return found;
    const rows = await this.data.execute<{ root: number; id: number }>(
      `${owned(accountIds)} select distinct mine.root, a.object_id as id
       from core_access a inner join mine on a.user_id = mine.id where a.kind = ?`,
      [...accountIds, kind],
    );
    for (const row of rows) {
      const ids = found.get(Number(row.root)) ?? new Set();
      found.set(Number(row.root), ids.add(Number(row.id)));
    }
    return found;
  }

  async held(
    accountId: number,
  ): Promise<readonly { readonly kind: string; readonly objectId: number; readonly isOwner: boolean }[]> {
    const rows = await this.data.execute<{ kind: string; object_id: number; is_owner: unknown }>(
      'select kind, object_id, is_owner from core_access where user_id = ? order by kind, object_id',
      [accountId],
    );
    return rows.map((row) => ({ kind: row.kind, objectId: Number(row.object_id), isOwner: Boolean(row.is_owner) }));
  }

  async heirs(accountIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (accountIds.length === 0) return new Map();
    const rows = await this.data.execute<{ user_id: number; object_id: number }>(
      `select user_id, object_id from core_access where kind = '${ACCOUNT_KIND}' and is_owner = true
       and object_id in (${marks(accountIds)}) and user_id <> object_id order by user_id desc`,
      accountIds,
    );
    // Of several owners the first, as everywhere.
    const owners = new Map(rows.map((row) => [Number(row.object_id), Number(row.user_id)]));
    const leaving = new Set(accountIds);
    return new Map(
      accountIds.flatMap((id) => {
        let heir = owners.get(id);
        for (const seen = new Set([id]); heir !== undefined && leaving.has(heir); heir = owners.get(heir)) {
          if (seen.has(heir)) return [];
          seen.add(heir);
        }
        return heir === undefined ? [] : [[id, heir] as const];
      }),
    );
  }

  async holders(
    kind: string,
    objectId: number,
  ): Promise<readonly { readonly accountId: number; readonly isOwner: boolean }[]> {
    const rows = await this.data.execute<{ user_id: number; is_owner: unknown }>(
      'select user_id, is_owner from core_access where kind = ? and object_id = ? order by user_id',
      [kind, objectId],
    );
    return rows.map((row) => ({ accountId: Number(row.user_id), isOwner: Boolean(row.is_owner) }));
  }
}
