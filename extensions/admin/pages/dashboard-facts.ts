import { type Actor, type ExtensionContext, SUPER_ADMINS } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { accountsInScope } from '../services/account-scope.js';
import { lacks, ROLE_ADDRESSES, type RoleAddress } from '../services/role-addresses.js';
import { allOf, asMoment, asNumber, asText, type Fragment, fragment, idIn } from '../services/sql.js';

/** So many of each kind are listed; the lists themselves have the rest. */
const FEW = 3;
/** So many new accounts. */
const RECENT = 6;
/** From so many thousandths of its quota on, a mailbox is nearly full. */
const NEARLY_FULL = 900;

export interface Counts {
  readonly domains: number;
  readonly accounts: number;
  readonly aliases: number;
  readonly usedBytes: number;
  /** Megabytes given to mailboxes. */
  readonly allocated: number;
}

export interface Attention {
  readonly kind: 'disabled' | 'expired' | 'full' | 'unanswered';
  readonly name: string;
  readonly pk: number;
  /** Of a domain: the addresses that nothing answers for. */
  readonly lacking?: readonly RoleAddress[];
}

export interface RecentAccount {
  readonly pk: number;
  readonly username: string;
  readonly role: string;
  readonly at: string;
}

/** Conditions on domains `d` and aliases `a` for what the actor reaches. */
async function reachOf(context: ExtensionContext, actor: Actor) {
  const scope = await new Policy(context).scope(actor);
  const { dialect } = context.data;
  const among = (column: string): readonly Fragment[] => (scope.isAll ? [] : [idIn(dialect, column, scope.domains)]);
  return { scope, among };
}

export const hasDomains = async ({ data }: ExtensionContext): Promise<boolean> =>
  (await data.execute('select 1 from admin_domain limit 1')).length > 0;

/** One statement for all figures, and what the scope needs. */
export async function dashboardCounts(context: ExtensionContext, actor: Actor): Promise<Counts> {
  const { among } = await reachOf(context, actor);
  const domain = allOf(among('d.id'));
  const mailbox = allOf(among('m.domain_id'));
  const alias = allOf([fragment('a.internal = false'), ...among('a.domain_id')]);
  // Usage is kept by address; where everything is in reach, no address has to be looked up.
  const used =
    among('m.domain_id').length === 0
      ? fragment('select sum(q.bytes) from admin_quota q')
      : {
          sql: `select sum(q.bytes) from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
              inner join admin_quota q on q.username = m.address || '@' || d.name where ${mailbox.sql}`,
          params: mailbox.params,
        };
  const [row] = await context.data.execute(
    `select (select count(*) from admin_domain d where ${domain.sql}) as domains,
       (select count(*) from admin_mailbox m where ${mailbox.sql}) as accounts,
       (select sum(m.quota) from admin_mailbox m where ${mailbox.sql}) as allocated,
       (select count(*) from admin_alias a where ${alias.sql}) as aliases, (${used.sql}) as used`,
    [...domain.params, ...mailbox.params, ...mailbox.params, ...alias.params, ...used.params],
  );
  return {
    domains: asNumber(row?.domains),
    accounts: asNumber(row?.accounts),
    aliases: asNumber(row?.aliases),
    usedBytes: asNumber(row?.used),
    allocated: asNumber(row?.allocated),
  };
}

/** What somebody should look at: one statement for each kind. */
export async function attentionList(context: ExtensionContext, actor: Actor): Promise<readonly Attention[]> {
  const { among } = await reachOf(context, actor);
  const find = async (kind: Attention['kind'], select: string, conditions: readonly Fragment[], order: string) => {
    const where = allOf(conditions);
    const rows = await context.data.execute(`${select} where ${where.sql} ${order} limit ${FEW}`, where.params);
    return rows.map((row): Attention => ({ kind, name: asText(row.name), pk: asNumber(row.pk) }));
  };
  const full = `select m.user_id as pk, m.address || '@' || d.name as name from admin_mailboxuse k
    inner join admin_mailbox m on m.id = k.mailbox_id inner join admin_domain d on d.id = m.domain_id`;
  const domain = 'select d.id as pk, d.name as name from admin_domain d';
  return [
    ...(await find('disabled', domain, [...among('d.id'), fragment('d.enabled = ?', false)], 'order by d.name')),
    ...(await find(
      'full',
      full,
      [...among('m.domain_id'), fragment('k.share >= ?', NEARLY_FULL)],
      'order by k.share desc',
    )),
    ...(await find(
      'expired',
      'select a.id as pk, a.address as name from admin_alias a',
      [...among('a.domain_id'), fragment('a.internal = false and a.expire_at <= ?', context.now())],
      'order by a.address',
    )),
    ...(await unanswered(context, among('d.id'))),
  ];
}

/** Domains of which nobody reads what other servers write to. */
async function unanswered({ data }: ExtensionContext, reached: readonly Fragment[]): Promise<readonly Attention[]> {
  const lacking = ROLE_ADDRESSES.map((local) => ({ local, ...lacks(local) }));
  const params = lacking.flatMap((one) => one.params);
  const where = allOf([...reached, { sql: `(${lacking.map(({ sql }) => `(${sql})`).join(' or ')})`, params }]);
  const rows = await data.execute(
    `select d.id as pk, d.name,
       ${lacking.map(({ local, sql }) => `case when ${sql} then 1 else 0 end as ${local}`).join(', ')}
     from admin_domain d where ${where.sql} order by d.name limit ${FEW}`,
    [...params, ...where.params],
  );
  return rows.map((row) => ({
    kind: 'unanswered',
    name: asText(row.name),
    pk: asNumber(row.pk),
    lacking: ROLE_ADDRESSES.filter((local) => asNumber(row[local]) === 1),
  }));
}

/** The newest accounts in reach. */
export async function recentAccounts(context: ExtensionContext, actor: Actor): Promise<readonly RecentAccount[]> {
  const { scope } = await reachOf(context, actor);
  const reached = await accountsInScope(context.data.dialect, scope);
  const rows = await context.data.execute(
    `select u.id, u.username, u.role, u.date_joined from core_user u ${reached.sql}
     where u.role <> ? order by u.id desc limit ${RECENT}`,
    [...reached.params, scope.isAll ? '' : SUPER_ADMINS],
  );
  return rows.map((row) => ({
    pk: asNumber(row.id),
    username: asText(row.username),
    role: asText(row.role),
    at: asMoment(row.date_joined),
  }));
}
