import type { Actor, ExtensionContext } from '@posthorn/sdk';

/** Whose an alias is that this actor makes. Super administrators own nothing: they reach it anyway. */
export const ownerOf = (actor: Actor): number | null => (actor.isSuperuser ? null : actor.id);

/** Aliases and domain aliases of one account become another's, or nobody's. Inside a `write`. */
export async function handOverAliases(context: ExtensionContext, from: number, to: number | null): Promise<void> {
  await context.data.derived(async () => {
    for (const table of ['admin_alias', 'admin_domainalias']) {
      await context.data.execute(`update ${table} set owner_id = ? where owner_id = ?`, [to, from]);
    }
  });
}
