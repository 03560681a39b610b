import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { asNumber, idIn } from './sql.js';

const TABLES = ['admin_alias', 'admin_domainalias'] as const;

/** An alias or a domain alias with the account that owns it. */
export interface OwnedAlias {
  readonly table: string;
  readonly id: number;
  readonly owner: number;
}

/** Whose an alias is that this actor makes. Super administrators own nothing: they reach it anyway. */
export const ownerOf = (actor: Actor): number | null => (actor.isSuperuser ? null : actor.id);

/** Aliases and domain aliases of accounts become another's, or nobody's. Inside a `write`. */
export async function handOverAliases(
  { data }: ExtensionContext,
  from: readonly number[],
  to: number | null,
): Promise<void> {
  const theirs = idIn(data.dialect, 'owner_id', from);
  await data.derived(async () => {
    for (const table of TABLES) {
      await data.execute(`update ${table} set owner_id = ? where ${theirs.sql}`, [to, ...theirs.params]);
    }
  });
}

export async function aliasesOwnedBy(
  { data }: ExtensionContext,
  accounts: readonly number[],
): Promise<readonly OwnedAlias[]> {
  const among = idIn(data.dialect, 'owner_id', accounts);
  const found: OwnedAlias[] = [];
  for (const table of TABLES) {
    const rows = await data.execute(`select id, owner_id from ${table} where ${among.sql}`, among.params);
    found.push(...rows.map((row) => ({ table, id: asNumber(row.id), owner: asNumber(row.owner_id) })));
  }
  return found;
}

/** Those of them that are still their heir's, or nobody's. Inside a `write`. */
export async function giveBackAliases(
  { data }: ExtensionContext,
  owned: readonly OwnedAlias[],
  heirs: ReadonlyMap<number, number>,
): Promise<void> {
  await data.derived(async () => {
    for (const [owner, own] of Map.groupBy(owned, (one) => one.owner)) {
      for (const table of TABLES) {
        const ids = own.filter((one) => one.table === table).map(({ id }) => id);
        const among = idIn(data.dialect, 'id', ids);
        await data.execute(
          `update ${table} set owner_id = ? where (owner_id is null or owner_id = ?) and ${among.sql}`,
          [owner, heirs.get(owner) ?? null, ...among.params],
        );
      }
    }
  });
}
