import type { Actor, ExtensionContext, Row } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { accountsInScope } from '../services/account-scope.js';
import { contains } from '../services/search.js';
import { allOf, asNumber, asText } from '../services/sql.js';
import { everyRow, type ListQuery, mapShown, numberedPage, type Shown, sorting } from './list-query.js';

export const QUOTA_SORTS = ['-usage', 'usage', 'name', '-name', '-used', 'used'] as const;

export interface QuotaRow {
  /** Of the account. */
  readonly pk: number;
  readonly address: string;
  /** Megabytes, 0 means without limit. */
  readonly quota: number;
  readonly usedBytes: number;
  readonly messages: number;
}

export interface QuotaWish {
  readonly search: string;
  readonly sort: (typeof QUOTA_SORTS)[number];
  readonly page: number;
}

/** Expressions by the name in the address. Mailboxes without limit are never full. */
const ORDER: Readonly<Record<string, string>> = {
  name: 'u.username',
  used: 'coalesce(q.bytes, 0)',
  usage: 'case when m.quota > 0 then coalesce(q.bytes, 0) * 1.0 / m.quota else 0 end',
};

const USED = `inner join admin_domain d on d.id = m.domain_id
  left join admin_quota q on q.username = m.address || '@' || d.name`;

async function listQuery(context: ExtensionContext, actor: Actor, search: string, key: string): Promise<ListQuery> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_mailboxes');
  const { dialect } = context.data;
  const reached = await accountsInScope(dialect, await policy.scope(actor));
  const where = allOf(search === '' ? [] : [contains(dialect, ['u.username'], search)]);
  const from = `from core_user u ${reached.sql} inner join admin_mailbox m on m.user_id = u.id`;
  const params = [...reached.params, ...where.params];
  return {
    rows: () => ({
      sql: `select u.id as id, ${ORDER[key] ?? ORDER.name} as place ${from} ${key === 'name' ? '' : USED}
        where ${where.sql}`,
      params,
    }),
    by: ['place', 'id'],
    count: { sql: `select count(*) ${from} where ${where.sql}`, params },
    columns: 'page.id, m.address, d.name, m.quota, q.bytes, q.messages',
    joined: `inner join admin_mailbox m on m.user_id = page.id ${USED}`,
  };
}

const rowOf = (row: Row): QuotaRow => ({
  pk: asNumber(row.id),
  address: `${asText(row.address)}@${asText(row.name)}`,
  quota: asNumber(row.quota),
  usedBytes: asNumber(row.bytes),
  messages: asNumber(row.messages),
});

/**
 * Mailboxes by what they use. What is used stands in a table of its own that mail servers write at every delivery, so no
 * index has it in order: sorted by use, every mailbox in reach is read.
 */
export async function quotaList(context: ExtensionContext, actor: Actor, wish: QuotaWish): Promise<Shown<QuotaRow>> {
  const { key, isDown } = sorting(wish.sort);
  const list = await listQuery(context, actor, wish.search, key);
  return mapShown(await numberedPage(context.data, list, { ...wish, isDown }), rowOf);
}

/** All of them by name, in chunks. */
export async function everyQuota(
  context: ExtensionContext,
  actor: Actor,
  search: string,
): Promise<AsyncIterable<readonly QuotaRow[]>> {
  return everyRow(context.data, await listQuery(context, actor, search, 'name'), rowOf);
}
