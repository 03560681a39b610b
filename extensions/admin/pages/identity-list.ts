import type { Actor, Data, Dialect, ExtensionContext, Row } from '@posthorn/sdk';
import { accountFilters } from '../contract/lists.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { accountsInScope } from '../services/account-scope.js';
import { aliasText } from '../services/keys.js';
import { type Found, folded, searched } from '../services/search.js';
import {
  allOf,
  asBoolean,
  asMomentOrNull,
  asNumber,
  asNumberOrNull,
  asText,
  type Fragment,
  fragment,
  idIn,
} from '../services/sql.js';
import {
  countAll,
  everyRow,
  type ListQuery,
  mapShown,
  numberedPage,
  type Reading,
  type Shown,
  sorting,
} from './list-query.js';
import { narrowedBy } from './other-parts.js';

export const IDENTITY_KINDS = ['', 'account', 'alias'] as const;
export const IDENTITY_SORTS = ['name', '-name'] as const;

export interface IdentityRow {
  readonly kind: 'account' | 'alias';
  readonly pk: number;
  /** Username or address. */
  readonly name: string;
  /** First and last name, or the description. */
  readonly text: string;
  readonly role: string;
  readonly enabled: boolean;
  readonly recipients: number;
  /** Of an alias. */
  readonly expireAt: string | null;
  /** Megabytes; null without a mailbox. */
  readonly quota: number | null;
  readonly usedBytes: number;
}

export interface IdentityFilter {
  readonly search: string;
  readonly kind: (typeof IDENTITY_KINDS)[number];
  /** Only accounts have one. */
  readonly role: string;
  /** A domain's name. */
  readonly domain: string;
  /** What is chosen in the filters of others. */
  readonly others?: string;
}

export interface IdentityWish extends IdentityFilter {
  readonly sort: (typeof IDENTITY_SORTS)[number];
  readonly page: number;
  readonly after?: string;
  /** Rows of a page. */
  readonly size?: number;
}

/** The accounts (`u`) or the aliases (`a`) that a filter means. */
export interface Branch {
  readonly kind: IdentityRow['kind'];
  readonly id: string;
  readonly name: string;
  /** From and where. */
  readonly from: Fragment;
  /** A select with one row for each of them. */
  readonly each: Fragment;
}

/** What the filter means of what the actor may see; undefined where no account or no alias can. */
export async function identitiesMatching(
  context: ExtensionContext,
  actor: Actor,
  wish: IdentityFilter,
): Promise<{ readonly accounts: Branch | undefined; readonly aliases: Branch | undefined }> {
  const policy = new Policy(context);
  policy.require(actor, wish.kind === 'alias' ? 'admin.view_aliases' : 'admin.view_mailboxes');
  const scope = await policy.scope(actor);
  const by = (kind: IdentityRow['kind'], column: string) =>
    narrowedBy(context, actor, { slot: accountFilters, chosen: wish.others ?? '', kind, column });
  const hasAliases = actor.can('admin.view_aliases') && wish.kind !== 'account' && wish.role === '';
  return {
    accounts:
      wish.kind === 'alias' ? undefined : await accountBranch(context.data, scope, wish, await by('account', 'u.id')),
    aliases: hasAliases ? await aliasBranch(context.data, scope, wish, await by('alias', 'a.id')) : undefined,
  };
}

/** Accounts and aliases as one list; undefined where neither can match. */
async function listQuery(
  context: ExtensionContext,
  actor: Actor,
  wish: IdentityFilter,
): Promise<ListQuery | undefined> {
  const { dialect } = context.data;
  const { accounts, aliases } = await identitiesMatching(context, actor, wish);
  const branches = [accounts, aliases].filter((branch) => branch !== undefined);
  if (branches.length === 0) return undefined;
  return {
    rows: (reading) => {
      const parts = branches.map((branch) => rowsOf(dialect, branch, reading));
      return { sql: parts.map(({ sql }) => sql).join(' union all '), params: parts.flatMap(({ params }) => params) };
    },
    by: { name: 'text', kind: 'text', id: 'id' },
    each: {
      sql: branches.map(({ each }) => each.sql).join(' union all '),
      params: branches.flatMap(({ each }) => each.params),
    },
    columns: DETAILS,
    joined: JOINED,
  };
}

/** Accounts and aliases as one list. Both have an index in its order, and neither is read to its end. */
export async function identityList(
  context: ExtensionContext,
  actor: Actor,
  wish: IdentityWish,
): Promise<Shown<IdentityRow>> {
  const list = await listQuery(context, actor, wish);
  if (list === undefined) return { rows: [], total: 0, isMore: false, pageNumber: 1, pages: 1, after: '' };
  const shown = await numberedPage(context.data, list, { ...wish, isDown: sorting(wish.sort).isDown });
  return mapShown(shown, rowOf);
}

/** How many there are, however many: for what is about all of them. */
export async function countIdentities(context: ExtensionContext, actor: Actor, wish: IdentityFilter): Promise<number> {
  const list = await listQuery(context, actor, wish);
  return list === undefined ? 0 : countAll(context.data, list);
}

/** All of them by name, in chunks. */
export async function* everyIdentity(
  context: ExtensionContext,
  actor: Actor,
  wish: IdentityFilter,
): AsyncGenerator<readonly IdentityRow[]> {
  const list = await listQuery(context, actor, wish);
  if (list !== undefined) yield* everyRow(context.data, list, rowOf);
}

/** One of the two kinds of rows. SQLite merges them as it reads; the servers would sort all of both, unless cut first. */
function rowsOf(dialect: Dialect, branch: Branch, { direction, reach, behind }: Reading): Fragment {
  const { kind, id, name } = branch;
  const start =
    behind === undefined ? fragment('') : fragment(` and ${name} ${direction === 'asc' ? '>=' : '<='} ?`, behind[0]);
  const sql = `select '${kind}' as kind, ${id} as id, ${name} as name ${branch.from.sql}${start.sql}`;
  const params = [...branch.from.params, ...start.params];
  if (dialect === 'sqlite') return { sql, params };
  return { sql: `select * from (${sql} order by ${name} ${direction} limit ${reach}) ${kind}s`, params };
}

/** What the names of the page stand for. */
const DETAILS = `page.kind, page.id, page.name, u.first_name, u.last_name, u.role, u.is_active, m.quota, q.bytes, a.description, a.enabled, a.expire_at,
  (select count(*) from admin_aliasrecipient r where r.alias_id = a.id) as recipients`;
const JOINED = `left join core_user u on page.kind = 'account' and u.id = page.id
  left join admin_mailbox m on m.user_id = u.id left join admin_domain d on d.id = m.domain_id
  left join admin_quota q on q.username = m.address || '@' || d.name
  left join admin_alias a on page.kind = 'alias' and a.id = page.id`;

function rowOf(row: Row): IdentityRow {
  const isAccount = asText(row.kind) === 'account';
  return {
    kind: isAccount ? 'account' : 'alias',
    pk: asNumber(row.id),
    name: asText(row.name),
    text: isAccount ? `${asText(row.first_name)} ${asText(row.last_name)}`.trim() : asText(row.description),
    role: asText(row.role),
    enabled: asBoolean(isAccount ? row.is_active : row.enabled),
    recipients: asNumber(row.recipients),
    expireAt: asMomentOrNull(row.expire_at),
    quota: asNumberOrNull(row.quota),
    usedBytes: asNumber(row.bytes),
  };
}

async function accountBranch(
  data: Data,
  scope: Scope,
  wish: IdentityFilter,
  others: readonly Fragment[],
): Promise<Branch> {
  const { dialect } = data;
  const reached = await accountsInScope(dialect, scope);
  const named = ['u.username', 'u.first_name', 'u.last_name'].map((column) => folded(dialect, column));
  const found =
    wish.search === ''
      ? undefined
      : await searched(data, { table: 'admin_search_user', id: 'u.id' }, named, wish.search);
  const rest = [
    ...(wish.role === '' ? [] : [fragment('u.role = ?', wish.role)]),
    ...domainCondition('m.domain_id', wish.domain),
    ...others,
  ];
  const where = allOf([...(found === undefined ? [] : [found.where]), ...rest]);
  const mailbox = wish.domain === '' ? '' : 'inner join admin_mailbox m on m.user_id = u.id';
  const from = {
    sql: `from core_user u ${reached.sql} ${mailbox} where ${where.sql}`,
    params: [...reached.params, ...where.params],
  };
  const each = eachOf(from, scope.isAll && rest.length === 0 ? found : undefined);
  return { kind: 'account', id: 'u.id', name: 'u.username', from, each };
}

async function aliasBranch(
  data: Data,
  scope: Scope,
  wish: IdentityFilter,
  others: readonly Fragment[],
): Promise<Branch> {
  const found =
    wish.search === ''
      ? undefined
      : await searched(
          data,
          { table: 'admin_search_alias', id: 'a.id' },
          [folded(data.dialect, 'a.address')],
          aliasText(wish.search),
        );
  const rest = [
    ...(scope.isAll ? [] : [idIn(data.dialect, 'a.domain_id', scope.domains)]),
    ...domainCondition('a.domain_id', wish.domain),
    ...others,
  ];
  const where = allOf([fragment('a.internal = false'), ...(found === undefined ? [] : [found.where]), ...rest]);
  const from = { sql: `from admin_alias a where ${where.sql}`, params: where.params };
  const each = eachOf(from, rest.length === 0 ? found : undefined);
  return { kind: 'alias', id: 'a.id', name: 'a.address', from, each };
}

/** `found` where nothing but the search narrows the rows. */
const eachOf = (from: Fragment, found: Found | undefined): Fragment =>
  found?.hits ?? { ...from, sql: `select 1 ${from.sql}` };

const domainCondition = (column: string, name: string): readonly Fragment[] =>
  name === ''
    ? []
    : [
        fragment(
          `${column} in (select d.id from admin_domain d where d.name = ?)`,
          name.normalize('NFC').toLowerCase(),
        ),
      ];
