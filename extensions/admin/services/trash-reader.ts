/** Which deletions somebody reaches, and how one is shown. */
import { type Actor, access, type ExtensionContext, type Row } from '@posthorn/sdk';
import { adminParameters } from '../contract/parameters.js';
import { TRASH_KINDS, type TrashFilter, type TrashKind, type TrashView } from '../contract/trash.js';
import type { PermissionName } from '../policy/permissions.js';
import { Policy } from '../policy/policy.js';
import { TRASH_KIND } from '../trash/bin.js';
import { contains } from './search.js';
import { allOf, asMoment, asNumber, asText, type Fragment, fragment, idIn, textIn } from './sql.js';

export const DAY_MS = 86_400_000;
/** Of `admin_trash t`. */
export const TRASH_COLUMNS =
  't.id, t.kind, t.name, t.object_id, t.domain_id, t.role, t.mailboxes, t.aliases, t.deleted_at, t.deleted_by';

/** Who may delete a thing may bring it back. */
const PERMISSIONS: Readonly<Record<TrashKind, PermissionName>> = {
  domain: 'admin.delete_domain',
  'domain-alias': 'admin.delete_domainalias',
  account: 'core.delete_user',
  mailbox: 'core.change_user',
  alias: 'admin.delete_alias',
};

/** Refuses whoever may delete nothing. */
function kindsOf(context: ExtensionContext, actor: Actor): readonly TrashKind[] {
  const kinds = TRASH_KINDS.filter((kind) => actor.can(PERMISSIONS[kind]));
  if (kinds.length === 0) new Policy(context).require(actor, PERMISSIONS.alias);
  return kinds;
}

/** What the actor deleted, what he reached when it was deleted, and what lies in a domain of his. */
async function reachable(context: ExtensionContext, actor: Actor): Promise<Fragment> {
  const kinds = textIn('t.kind', kindsOf(context, actor));
  const scope = await new Policy(context).scope(actor);
  if (scope.isAll || actor.id === null) return kinds;
  const { dialect } = context.data;
  const kept = idIn(dialect, 't.id', await context.get(access).reachable(actor.id, TRASH_KIND));
  const inside = idIn(dialect, 't.domain_id', scope.domains);
  const ranks = textIn('t.role', ['', ...scope.lowerRoles]);
  return allOf([
    kinds,
    ranks,
    {
      sql: `t.deleted_by_id = ? or ${kept.sql} or (t.kind <> 'domain' and ${inside.sql})`,
      params: [actor.id, ...kept.params, ...inside.params],
    },
  ]);
}

/** Entries `t` that the actor reaches and the filter means. */
export const trashMatching = async (
  context: ExtensionContext,
  actor: Actor,
  { kind, search }: Pick<TrashFilter, 'kind' | 'search'> = {},
): Promise<Fragment> =>
  allOf([
    await reachable(context, actor),
    ...(kind === undefined ? [] : [fragment('t.kind = ?', kind)]),
    ...(search === undefined ? [] : [contains(context.data.dialect, ['t.name'], search)]),
  ]);

/** For how many days deletions are kept; 0: not at all. */
export const trashDays = async (context: ExtensionContext): Promise<number> =>
  (await context.parameters(adminParameters)).trash_days;

/** A row of `TRASH_COLUMNS` as people see it. */
export function trashView(row: Row, days: number): TrashView {
  const deleted = asMoment(row.deleted_at);
  const purge = new Date(Date.parse(deleted) + days * DAY_MS);
  return Object.freeze({
    pk: asNumber(row.id),
    kind: row.kind as TrashKind,
    name: asText(row.name),
    mailboxes: asNumber(row.mailboxes),
    aliases: asNumber(row.aliases),
    deleted_at: deleted,
    deleted_by: asText(row.deleted_by),
    purge_at: purge.toISOString().replace(/\.\d{3}Z$/, 'Z'),
  });
}
