/**
 * How much an account may have and how much it has, in one statement for any number of names. What an account owns counts
 * for it: domains and accounts by the kernel's access rows, aliases by their owner. An account without a limit of its own
 * shares its owner's, at any depth: what it makes counts there, and that owner's limit is the one it meets.
 */

import { DOMAIN_ADMINS, DOMAIN_KIND, SIMPLE_USERS } from '@posthorn/admin/contract';
import { ACCOUNT_KIND, type Data, type ExtensionContext, type Row } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { type AccountLimitName, type DomainLimitName, RESOURCES } from '../contract/resources.js';
import { asNumber, asText, marks } from './rows.js';

/** A limit of one account in the chain from `root` up to the first that has one. */
export interface Level {
  readonly root: number;
  readonly name: AccountLimitName;
  readonly id: number;
  readonly username: string;
  /** 0 is `root` itself. */
  readonly depth: number;
  readonly max: number;
  /** What counts for this account. */
  readonly used: number;
}

/** A limit of one domain. */
export interface DomainLevel {
  readonly id: number;
  readonly name: DomainLimitName;
  readonly max: number;
  readonly used: number;
}

/** More generations than anybody has; a circle must not turn for ever. */
const DEEPEST = 20;

const owned = (kind: string): string =>
  `core_access a on a.user_id = m.id and a.kind = '${kind}' and a.is_owner = true`;
const ownedAccounts = owned(ACCOUNT_KIND);
const ownedDomains = owned(DOMAIN_KIND);

/** What the members of one level own. */
const COUNTS: Readonly<Record<AccountLimitName, string>> = {
  domains: `select count(*) from members m inner join ${ownedDomains}`,
  domain_aliases: 'select count(*) from members m inner join admin_domainalias x on x.owner_id = m.id',
  mailboxes: `select count(*) from members m inner join ${ownedAccounts} inner join admin_mailbox x on x.user_id = a.object_id`,
  mailbox_aliases:
    'select count(*) from members m inner join admin_alias x on x.owner_id = m.id and x.internal = false',
  domain_admins: `select count(*) from members m inner join ${ownedAccounts}
    inner join core_user x on x.id = a.object_id and x.role = '${DOMAIN_ADMINS}'`,
  quota: `select coalesce(sum(x.quota), 0) from members m inner join ${ownedDomains}
    inner join admin_domain x on x.id = a.object_id`,
};

const OWNER = `select 1 from core_access x inner join core_user y on y.id = x.user_id and y.is_superuser = false
  where x.kind = '${ACCOUNT_KIND}' and x.object_id = u.id and x.is_owner = true and x.user_id <> u.id`;
/** Its row; else nothing for those who belong to somebody, and the default for the others. */
const MAX = `coalesce(l.max_value, case when exists (${OWNER}) then 0 else k.dflt end)`;
const LIMIT = 'left join limits_userobjectlimit l on l.user_id = u.id and l.name = k.name';

type Which = 'walls' | 'all';

interface Query {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/**
 * `walls`: only levels that limit something, at most one for each account and name. `all`: the accounts themselves as
 * well, whatever they may have. Nearer levels come first.
 */
export async function tally(
  context: ExtensionContext,
  accounts: readonly number[],
  names: readonly AccountLimitName[],
  which: Which,
): Promise<readonly Level[]> {
  if (accounts.length === 0 || names.length === 0) return [];
  const { sql, params } = await accountQuery(context, accounts, names, which);
  return (await context.data.execute(sql, params)).map(levelOf).sort((one, other) => one.depth - other.depth);
}

export async function tallyOfDomains(
  context: ExtensionContext,
  domains: readonly number[],
  names: readonly DomainLimitName[],
): Promise<readonly DomainLevel[]> {
  if (domains.length === 0 || names.length === 0) return [];
  const { sql, params } = await domainQuery(context, domains, names);
  return (await context.data.execute(sql, params)).map(domainLevelOf);
}

/** What an account and a domain meet, in one statement. */
export async function tallyOfBoth(
  context: ExtensionContext,
  account: { readonly id: number; readonly names: readonly AccountLimitName[] },
  domain: { readonly id: number; readonly names: readonly DomainLimitName[] },
): Promise<{ readonly accounts: readonly Level[]; readonly domains: readonly DomainLevel[] }> {
  const ofAccount = await accountQuery(context, [account.id], account.names, 'walls');
  const ofDomain = await domainQuery(context, [domain.id], domain.names);
  const rows = await context.data.execute(`${ofAccount.sql} union all ${ofDomain.sql}`, [
    ...ofAccount.params,
    ...ofDomain.params,
  ]);
  const isOfDomain = (row: Row): boolean => asNumber(row.depth) === OF_DOMAIN;
  return {
    accounts: rows.filter((row) => !isOfDomain(row)).map(levelOf),
    domains: rows.filter(isOfDomain).map(domainLevelOf),
  };
}

async function accountQuery(
  context: ExtensionContext,
  accounts: readonly number[],
  names: readonly AccountLimitName[],
  which: Which,
): Promise<Query> {
  const defaults = await context.parameters(limitsParameters);
  // Numbers and names of ours alone, so they stand in the text: databases cannot guess the type of a placeholder here.
  const kinds = names.map(
    (name) =>
      `select '${name}' as name, ${RESOURCES[name].unlimited} as unlimited, ${defaults[`deflt_user_${name}_limit`]} as dflt`,
  );
  const shown = which === 'walls' ? 'c.most <> c.unlimited' : '(c.most <> c.unlimited or c.depth = 0)';
  const counts = names.map(
    (name) => `when '${name}' then (${COUNTS[name]} where m.root = c.root and m.name = c.name and m.at = c.id)`,
  );
  return {
    sql: `with recursive kinds as (${kinds.join(' union all ')}),
    chain(root, name, unlimited, id, depth, most) as (
      select u.id, k.name, k.unlimited, u.id, 0, ${MAX}
      from core_user u cross join kinds k ${LIMIT} where u.id in (${marks(accounts)})
      union all
      select c.root, c.name, c.unlimited, u.id, c.depth + 1, ${MAX}
      from chain c inner join kinds k on k.name = c.name
      inner join core_access o on o.kind = '${ACCOUNT_KIND}' and o.object_id = c.id and o.is_owner = true and o.user_id <> c.id
      inner join core_user u on u.id = o.user_id and u.is_superuser = false
      ${LIMIT}
      where c.most = c.unlimited and c.depth < ${DEEPEST}
    ),
    members(root, name, unlimited, at, id) as (
      select c.root, c.name, c.unlimited, c.id, c.id from chain c where ${shown}
      union
      select m.root, m.name, m.unlimited, m.at, u.id from members m
      inner join ${ownedAccounts}
      inner join core_user u on u.id = a.object_id and u.role <> '${SIMPLE_USERS}'
      left join limits_userobjectlimit l on l.user_id = u.id and l.name = m.name
      where coalesce(l.max_value, 0) = m.unlimited
    )
    select c.root, c.name, c.id, u.username as holder, c.depth, c.most, case c.name ${counts.join(' ')} end as used
    from chain c inner join core_user u on u.id = c.id where ${shown}`,
    params: accounts,
  };
}

const DOMAIN_COUNTS: Readonly<Record<DomainLimitName, string>> = {
  domain_aliases: 'select count(*) from admin_domainalias x where x.target_id = d.id',
  mailboxes: 'select count(*) from admin_mailbox x where x.domain_id = d.id',
  mailbox_aliases: 'select count(*) from admin_alias x where x.domain_id = d.id and x.internal = false',
  domain_admins: `select count(*) from core_access a inner join core_user x on x.id = a.user_id and x.is_superuser = false
    where a.kind = '${DOMAIN_KIND}' and a.object_id = d.id`,
};

/** Stands where accounts have their depth. */
const OF_DOMAIN = -1;

async function domainQuery(
  context: ExtensionContext,
  domains: readonly number[],
  names: readonly DomainLimitName[],
): Promise<Query> {
  const defaults = await context.parameters(limitsParameters);
  const each = names.map(
    (name) => `select d.id as root, '${name}' as name, d.id, d.name as holder, ${OF_DOMAIN} as depth,
      coalesce(l.max_value, ${defaults[`deflt_domain_${name}_limit`]}) as most, (${DOMAIN_COUNTS[name]}) as used
      from admin_domain d left join limits_domainobjectlimit l on l.domain_id = d.id and l.name = '${name}'
      where d.id in (${marks(domains)})`,
  );
  return { sql: each.join(' union all '), params: names.flatMap(() => domains) };
}

const levelOf = (row: Row): Level => ({
  root: asNumber(row.root),
  name: asText(row.name) as AccountLimitName,
  id: asNumber(row.id),
  username: asText(row.holder),
  depth: asNumber(row.depth),
  max: asNumber(row.most),
  used: asNumber(row.used),
});

const domainLevelOf = (row: Row): DomainLevel => ({
  id: asNumber(row.id),
  name: asText(row.name) as DomainLimitName,
  max: asNumber(row.most),
  used: asNumber(row.used),
});

/**
 * Keeps others from changing what is about to be counted, until the transaction ends: the account with everybody above
 * it, and the domain. In one statement, always in the order of their numbers. SQLite has one writer anyway.
 */
export async function lockForCounting(
  data: Data,
  account: number | undefined,
  domain: number | undefined,
): Promise<void> {
  if (data.dialect === 'sqlite' || (account === undefined && domain === undefined)) return;
  // New rows that lead to a locked one do not wait for it.
  const lock = data.dialect === 'postgresql' ? 'for no key update' : 'for update';
  if (account === undefined) {
    await data.execute(`select id from admin_domain where id = ? ${lock}`, [domain]);
    return;
  }
  const place = domain === undefined ? '' : ' inner join admin_domain d on d.id = ?';
  const tables = data.dialect === 'postgresql' ? ` of u${domain === undefined ? '' : ', d'}` : '';
  await data.execute(
    `with recursive above(id) as (
      select id from core_user where id = ?
      union
      select o.user_id from above inner join core_access o
      on o.kind = '${ACCOUNT_KIND}' and o.object_id = above.id and o.is_owner = true
    )
    select u.id from above inner join core_user u on u.id = above.id${place} order by u.id ${lock}${tables}`,
    [account, ...(domain === undefined ? [] : [domain])],
  );
}
