import {
  type Actor,
  type AuditCondition,
  auditedTable,
  auditReach,
  type Contribution,
  type ExtensionContext,
  messages,
  type Row,
  unauditedTable,
} from '@posthorn/sdk';
import { lowerRoles, scopeOf } from '../policy/scope.js';
import { idIn, textIn } from '../services/sql.js';

const t = messages('admin');

const unseen = ['creation', 'last_modification'];
// Who acted stands in the record itself.
const unseenOfAliases = [...unseen, 'owner_id'];
const inDomain = (row: Row): string | undefined =>
  row.domain_id === null || row.domain_id === undefined ? undefined : `domain:${row.domain_id}`;

const tables: readonly Contribution[] = [
  auditedTable({
    table: 'admin_domain',
    kind: 'domain',
    title: t('Domain'),
    unseen,
    secrets: [],
    place: (row) => (row.id === undefined ? undefined : `domain:${row.id}`),
    href: ({ label }) => `/admin/domains/${encodeURIComponent(label)}/`,
  }),
  auditedTable({
    table: 'admin_domainalias',
    kind: 'domain-alias',
    title: t('Domain alias'),
    unseen: unseenOfAliases,
    secrets: [],
    place: (row) => `domain:${row.target_id}`,
    goesWith: { admin_domain: 'target_id' },
  }),
  auditedTable({
    table: 'admin_mailbox',
    kind: 'mailbox',
    title: t('Mailbox'),
    unseen,
    secrets: [],
    place: inDomain,
    goesWith: { admin_domain: 'domain_id', core_user: 'user_id' },
  }),
  auditedTable({
    table: 'admin_alias',
    kind: 'alias',
    title: t('Alias'),
    unseen: unseenOfAliases,
    secrets: [],
    place: inDomain,
    goesWith: { admin_domain: 'domain_id' },
  }),
  auditedTable({
    table: 'admin_aliasrecipient',
    kind: 'recipient',
    title: t('Recipient'),
    secrets: [],
    place: (row) => `alias:${row.alias_id}`,
    goesWith: { admin_alias: 'alias_id', admin_mailbox: 'r_mailbox_id' },
  }),
  auditedTable({
    table: 'admin_senderaddress',
    kind: 'sender-address',
    title: t('Sender address'),
    secrets: [],
    place: (row) => `mailbox:${row.mailbox_id}`,
    goesWith: { admin_mailbox: 'mailbox_id' },
  }),
  auditedTable({
    table: 'admin_trash',
    kind: 'trash',
    title: t('Trash'),
    unseen: ['mailboxes', 'aliases', 'deleted_at'],
    secrets: ['content'],
    place: inDomain,
  }),
  // What the mail servers count, what waits for a program, what DNS says.
  ...[
    'admin_quota',
    'admin_mailboxoperation',
    'admin_mxrecord',
    'admin_dnsblresult',
    'admin_quotawarning',
    'admin_mailboxuse',
    'admin_trashdirectory',
  ].map(unauditedTable),
];

/** What lies in a thing of a domain that the actor reaches. */
async function inside(
  [actor, context]: readonly [Actor, ExtensionContext],
  o: { readonly kind: string; readonly table: string; readonly column: string },
): Promise<AuditCondition | undefined> {
  const { domains } = await scopeOf(context, actor);
  if (domains.size === 0) return undefined;
  const among = idIn(context.data.dialect, `x.${o.column}`, domains);
  return { sql: `place in (select '${o.kind}:' || x.id from ${o.table} x where ${among.sql})`, params: among.params };
}

const reachOf = (kind: string, o: Parameters<typeof inside>[1]): Contribution =>
  auditReach({ kind, condition: (...of) => inside(of, o) });

/** As far as each actor reaches: by the domain, and for accounts by the domain of their mailbox and the rank. */
const reaches: readonly Contribution[] = [
  ...['domain', 'domain-alias', 'mailbox', 'alias'].map((kind) =>
    reachOf(kind, { kind: 'domain', table: 'admin_domain', column: 'id' }),
  ),
  reachOf('recipient', { kind: 'alias', table: 'admin_alias', column: 'domain_id' }),
  reachOf('sender-address', { kind: 'mailbox', table: 'admin_mailbox', column: 'domain_id' }),
  auditReach({
    kind: 'account',
    async condition(actor, context) {
      const { domains } = await scopeOf(context, actor);
      const among = idIn(context.data.dialect, 'm.domain_id', domains);
      const lower = textIn('u.role', lowerRoles(context, actor));
      return {
        sql: `object_id in (select m.user_id from admin_mailbox m inner join core_user u on u.id = m.user_id
          where ${among.sql} and ${lower.sql})`,
        params: [...among.params, ...lower.params],
      };
    },
  }),
];

export const adminAudit: readonly Contribution[] = [...tables, ...reaches];
