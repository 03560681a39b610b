import type { Actor, Dialect, ExtensionContext, Row } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { accountsInScope } from '../services/account-scope.js';
import { folded, searched } from '../services/search.js';
import { allOf, asNumber, asText, type Fragment, fragment } from '../services/sql.js';
import { everyRow, type ListQuery, mapShown, numberedPage, type Reading, type Shown, sorting } from './list-query.js';

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
  readonly after?: string;
}

/** Columns of `admin_mailboxuse` by the name in the address. */
const KEPT: Readonly<Record<string, string>> = { used: 'bytes', usage: 'share' };

async function listQuery(context: ExtensionContext, actor: Actor, search: string, key: string): Promise<ListQuery> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_mailboxes');
  const { data } = context;
  const reached = await accountsInScope(data.dialect, await policy.scope(actor));
  const found =
    search === ''
      ? []
      : [
          (
            await searched(
              data,
              { table: 'admin_search_user', id: 'u.id' },
              [folded(data.dialect, 'u.username')],
              search,
            )
          ).where,
        ];
  const where = allOf(found);
  const account = `inner join core_user u on u.id = m.user_id ${reached.sql}`;
  const params = [...reached.params, ...where.params];
  const kept = KEPT[key];
  return {
    rows: (reading) =>
      kept === undefined
        ? {
            sql: `select m.id as id, u.username as place from core_user u ${reached.sql}
              inner join admin_mailbox m on m.user_id = u.id where ${where.sql}`,
            params,
          }
        : byUse(data.dialect, { kept, account, where: where.sql, params }, reading),
    by: { place: kept === undefined ? 'text' : 'number', id: 'id' },
    each: { sql: `select 1 from admin_mailbox m ${account} where ${where.sql}`, params },
    columns: 'm.user_id as account, m.address, d.name, m.quota, q.bytes, q.messages',
    joined: `inner join admin_mailbox m on m.id = page.id inner join admin_domain d on d.id = m.domain_id
      left join admin_quota q on q.username = m.address || '@' || d.name`,
  };
}

interface ByUse {
  readonly kept: string;
  /** Joins the account of a mailbox `m`, in reach. */
  readonly account: string;
  readonly where: string;
  readonly params: readonly unknown[];
}

/**
 * Mailboxes in the order that was kept last, and those made since as ones that use nothing. Like the kinds of identities:
 * SQLite merges the two as it reads, the servers would sort both whole, unless cut first.
 */
function byUse(dialect: Dialect, of: ByUse, { direction, reach, behind }: Reading): Fragment {
  const { kept, account, where, params } = of;
  const part = (select: string, place: string, id: string, condition: string): Fragment => {
    const sign = direction === 'asc' ? '>' : '<';
    const start =
      behind === undefined
        ? fragment('')
        : fragment(` and ${place} ${sign}= ? and (${place}, ${id}) ${sign} (?, ?)`, behind[0], ...behind);
    const sql = `select m.id as id, ${place} as place from ${select} ${account} where ${condition} and ${where}${start.sql}`;
    const cut = `select * from (${sql} order by ${place === '0' ? '' : `${place} ${direction}, `}${id} ${direction} limit ${reach}) part`;
    return { sql: dialect === 'sqlite' ? sql : cut, params: [...params, ...start.params] };
  };
  const old = part(
    'admin_mailboxuse k inner join admin_mailbox m on m.id = k.mailbox_id',
    `k.${kept}`,
    'k.mailbox_id',
    '1 = 1',
  );
  const newest = '(select coalesce(max(mailbox_id), 0) from admin_mailboxuse)';
  const made = part('admin_mailbox m', '0', 'm.id', `m.id > ${newest}`);
  return { sql: `${old.sql} union all ${made.sql}`, params: [...old.params, ...made.params] };
}

const rowOf = (row: Row): QuotaRow => ({
  pk: asNumber(row.account),
  address: `${asText(row.address)}@${asText(row.name)}`,
  quota: asNumber(row.quota),
  usedBytes: asNumber(row.bytes),
  messages: asNumber(row.messages),
});

/** Mailboxes by what they use: what they show is of this moment, their order is as old as the last job. */
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
