import {
  type Actor,
  type AuditCondition,
  type AuditReach,
  auditReach,
  auditReaches,
  type Contributed,
  type Contribution,
} from '@posthorn/sdk';
import { callExtension } from '../forms/extension-call.js';
import type { Kernel } from '../kernel.js';

/** Milliseconds that an extension may take to say how far somebody reaches. */
const REACH_MS = 2_000;

const NOTHING: AuditCondition = { sql: '1 = 0', params: [] };

/** Everybody sees what happened to his own account and what belongs to it. */
export const ownReach: readonly Contribution[] = [
  auditReach({
    kind: 'account',
    condition: async ({ id }) => (id === null ? undefined : { sql: 'object_id = ?', params: [id] }),
  }),
  ...['access', 'token', 'parameters'].map((kind) =>
    auditReach({
      kind,
      condition: async ({ id }) => (id === null ? undefined : { sql: 'place = ?', params: [`account:${id}`] }),
    }),
  ),
];

/**
 * Which records somebody may see: undefined is all of them, for super administrators. For everybody else the owners of
 * the kinds say it; what nobody answers for, or fails to, is not shown.
 */
export async function auditScope(kernel: Kernel, actor: Actor): Promise<AuditCondition | undefined> {
  if (actor.isSuperuser) return undefined;
  const reaches = kernel.generation.slots.items(auditReaches.id) as readonly Contributed<AuditReach>[];
  const parts = await Promise.all(
    reaches.map(async ({ from, item }): Promise<AuditCondition | undefined> => {
      const context = kernel.generation.context(from);
      try {
        const condition = await callExtension(from, `audit-reach:${item.kind}`, REACH_MS, () =>
          item.condition(actor, context),
        );
        if (condition === undefined) return undefined;
        return { sql: `(kind = ? and (${condition.sql}))`, params: [item.kind, ...condition.params] };
      } catch (error) {
        kernel.log.error({ extension: from, at: `audit-reach:${item.kind}`, err: error }, 'its records are not shown');
        return undefined;
      }
    }),
  );
  const held = parts.filter((part) => part !== undefined);
  if (held.length === 0) return NOTHING;
  return { sql: held.map(({ sql }) => sql).join(' or '), params: held.flatMap(({ params }) => params) };
}
