import { type Actor, type ExtensionContext, type Role, roles, type TokenScope, tokenScopes } from '@posthorn/sdk';
import type { Grants } from '../grants.js';
import type { TokenScopes } from './token-scopes.js';

/**
 * The actor with no more rights than the scopes leave. A scope whose extension is gone leaves nothing, and nothing is
 * added: what the owner may not do, nobody may with his token.
 */
export async function confine(
  context: ExtensionContext,
  grants: Pick<Grants, 'of'>,
  actor: Actor,
  { actions, objects }: Pick<TokenScopes, 'actions' | 'objects'>,
): Promise<Actor> {
  if (actions === undefined && objects === undefined) return actor;
  const left = actions === undefined ? undefined : permissionsOf(context, actions);
  const can = (permission: string): boolean => actor.can(permission) && (left === undefined || left.has(permission));
  const within = new Map(Object.entries(objects ?? {}).map(([kind, ids]) => [kind, new Set(ids)]));
  const harmless = new Set<string>();
  for (const { item } of context.items<Role>(roles)) {
    if (item.name === actor.role) continue;
    const held = [...(await grants.of(item.name))];
    // Whoever has a right at all may have it for objects that are out of range.
    if (within.size > 0 ? held.length === 0 : held.every(can)) harmless.add(item.name);
  }
  return Object.freeze({
    ...actor,
    isSuperuser: false,
    can,
    confined: Object.freeze({
      isSuperuser: actor.isSuperuser,
      roles: harmless,
      within: (kind: string) => within.get(kind),
    }),
  });
}

function permissionsOf(context: ExtensionContext, actions: readonly string[]): ReadonlySet<string> {
  const named = new Map(context.items<TokenScope>(tokenScopes).map(({ item }) => [item.name, item.permissions]));
  return new Set(actions.flatMap((action) => (action.includes('.') ? [action] : (named.get(action) ?? []))));
}
