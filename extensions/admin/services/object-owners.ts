import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { idIn } from './sql.js';

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
    for (const table of ['admin_alias', 'admin_domainalias']) {
      await data.execute(`update ${table} set owner_id = ? where ${theirs.sql}`, [to, ...theirs.params]);
    }
  });
}
