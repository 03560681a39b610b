import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { accountsInScope } from '../services/account-scope.js';
import { allOf, asNumber, asText, contains } from '../services/sql.js';
import { mapShown, numberedPage, PAGE_SIZE, type Shown, sorting } from './list-query.js';

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

/** Mailboxes by what they use: one statement, and what the scope needs. */
export async function quotaList(context: ExtensionContext, actor: Actor, wish: QuotaWish): Promise<Shown<QuotaRow>> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_mailboxes');
  const reached = await accountsInScope(context.data.dialect, await policy.scope(actor));
  const where = allOf(wish.search === '' ? [] : [contains('u.username', wish.search)]);
  const from = `from core_user u ${reached.sql} inner join admin_mailbox m on m.user_id = u.id`;
  const params = [...reached.params, ...where.params];
  const { key, isDown } = sorting(wish.sort);
  const direction = isDown ? 'desc' : 'asc';
  const shown = await numberedPage(wish.page, (offset) =>
    context.data.execute(
      `select u.id, m.address, d.name, m.quota, q.bytes, q.messages,
         (select count(*) ${from} where ${where.sql}) as total
       ${from} inner join admin_domain d on d.id = m.domain_id
       left join admin_quota q on q.username = m.address || '@' || d.name
       where ${where.sql} order by ${ORDER[key] ?? 'u.username'} ${direction}, u.id limit ${PAGE_SIZE} offset ${offset}`,
      [...params, ...params],
    ),
  );
  return mapShown(shown, (row) => ({
    pk: asNumber(row.id),
    address: `${asText(row.address)}@${asText(row.name)}`,
    quota: asNumber(row.quota),
    usedBytes: asNumber(row.bytes),
    messages: asNumber(row.messages),
  }));
}
