import type { Actor, Dialect, ExtensionContext, Row } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { accountsInScope } from '../services/account-scope.js';
import {
  allOf,
  asBoolean,
  asMomentOrNull,
  asNumber,
  asNumberOrNull,
  asText,
  contains,
  type Fragment,
  fragment,
  idIn,
} from '../services/sql.js';
import { mapShown, numberedPage, PAGE_SIZE, type Shown, sorting } from './list-query.js';

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
}

export interface IdentityWish extends IdentityFilter {
  readonly sort: (typeof IDENTITY_SORTS)[number];
  readonly page: number;
  /** Rows of a page. */
  readonly size?: number;
}

interface Branch {
  /** From and where, with the accounts as `u` or the aliases as `a`. */
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** What the filter means of what the actor may see; undefined where no account or no alias can. */
export async function identitiesMatching(
  context: ExtensionContext,
  actor: Actor,
  wish: IdentityFilter,
): Promise<{ readonly accounts: Branch | undefined; readonly aliases: Branch | undefined }> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_mailboxes');
  const scope = await policy.scope(actor);
  const { dialect } = context.data;
  const hasAliases = actor.can('admin.view_aliases') && wish.kind !== 'account' && wish.role === '';
  return {
    accounts: wish.kind === 'alias' ? undefined : await accountBranch(dialect, scope, wish),
    aliases: hasAliases ? aliasBranch(dialect, scope, wish) : undefined,
  };
}

/**
 * Accounts and aliases as one list, in one statement. Each branch is ordered by its own index before the two are merged, so that neither is read to its end.
 */
export async function identityList(
  context: ExtensionContext,
  actor: Actor,
  wish: IdentityWish,
): Promise<Shown<IdentityRow>> {
  const size = wish.size ?? PAGE_SIZE;
  const { accounts, aliases } = await identitiesMatching(context, actor, wish);
  const branches = [accounts, aliases].filter((branch) => branch !== undefined);
  if (branches.length === 0) return { rows: [], total: 0, pageNumber: 1, pages: 1 };
  const params = branches.flatMap((branch) => branch.params);
  const total = branches.map(({ sql }) => `(select count(*) ${sql})`).join(' + ');
  const direction = sorting(wish.sort).isDown ? 'desc' : 'asc';
  const parts = [
    ...(accounts === undefined
      ? []
      : [`select 'account' as kind, u.id as id, u.username as name ${accounts.sql} order by u.username ${direction}`]),
    ...(aliases === undefined
      ? []
      : [`select 'alias' as kind, a.id as id, a.address as name ${aliases.sql} order by a.address ${direction}`]),
  ];
  const shown = await numberedPage(
    wish.page,
    (offset) => {
      const limited = parts.map((part, i) => `select * from (${part} limit ${offset + size}) part${i}`);
      const order = `name ${direction}, kind ${direction}, id ${direction}`;
      return context.data.execute(
        `select page.kind, page.id, page.name, ${total} as total, ${DETAILS} from (
         select kind, id, name from (${limited.join(' union all ')}) merged
         order by ${order} limit ${size} offset ${offset}
       ) page ${JOINED} order by page.name ${direction}, page.kind ${direction}, page.id ${direction}`,
        [...params, ...params],
      );
    },
    size,
  );
  return mapShown(shown, rowOf);
}

/** What the names of the page stand for. */
const DETAILS = `u.first_name, u.last_name, u.role, u.is_active, m.quota, q.bytes, a.description, a.enabled, a.expire_at,
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

async function accountBranch(dialect: Dialect, scope: Scope, wish: IdentityFilter): Promise<Branch> {
  const reached = await accountsInScope(dialect, scope);
  const found = [
    contains('u.username', wish.search),
    contains('lower(u.first_name)', wish.search),
    contains('lower(u.last_name)', wish.search),
  ];
  const where = allOf([
    ...(wish.search === ''
      ? []
      : [{ sql: found.map(({ sql }) => sql).join(' or '), params: found.flatMap(({ params }) => params) }]),
    ...(wish.role === '' ? [] : [fragment('u.role = ?', wish.role)]),
    ...domainCondition('m.domain_id', wish.domain),
  ]);
  const mailbox = wish.domain === '' ? '' : 'inner join admin_mailbox m on m.user_id = u.id';
  return {
    sql: `from core_user u ${reached.sql} ${mailbox} where ${where.sql}`,
    params: [...reached.params, ...where.params],
  };
}

function aliasBranch(dialect: Dialect, scope: Scope, wish: IdentityFilter): Branch {
  const where = allOf([
    fragment('a.internal = false'),
    ...(scope.isAll ? [] : [idIn(dialect, 'a.domain_id', scope.domains)]),
    ...(wish.search === '' ? [] : [contains('a.address', wish.search)]),
    ...domainCondition('a.domain_id', wish.domain),
  ]);
  return { sql: `from admin_alias a where ${where.sql}`, params: where.params };
}

const domainCondition = (column: string, name: string): readonly Fragment[] =>
  name === ''
    ? []
    : [
        fragment(
          `${column} in (select d.id from admin_domain d where d.name = ?)`,
          name.normalize('NFC').toLowerCase(),
        ),
      ];
