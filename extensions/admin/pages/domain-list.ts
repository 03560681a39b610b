import type { Actor, ExtensionContext, Row } from '@posthorn/sdk';
import type { DomainType } from '../contract/domain.js';
import { domainQuery } from '../contract/hooks.js';
import type { DomainQuery } from '../contract/inputs.js';
import { domainFilters } from '../contract/lists.js';
import { Policy } from '../policy/policy.js';
import { contains } from '../services/search.js';
import { allOf, asBoolean, asNumber, asText, type Fragment, fragment, idIn } from '../services/sql.js';
import { countAll, everyRow, type ListQuery, mapShown, numberedPage, type Shown, sorting } from './list-query.js';
import { narrowedBy } from './other-parts.js';

export const DOMAIN_SORTS = [
  'name',
  '-name',
  'accounts',
  '-accounts',
  'aliases',
  '-aliases',
  'quota',
  '-quota',
] as const;

/** Expressions by the name in the address; never text that came from outside. */
const ORDER: Readonly<Record<string, string>> = {
  name: 'd.name',
  accounts: '(select count(*) from admin_mailbox m where m.domain_id = d.id)',
  aliases: '(select count(*) from admin_alias a where a.domain_id = d.id and a.internal = false)',
  quota: 'd.quota',
};

export interface DomainListRow {
  readonly pk: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly type: string;
  readonly accounts: number;
  readonly aliases: number;
  /** Megabytes, 0 means without limit. */
  readonly quota: number;
  readonly usedBytes: number;
}

export interface DomainListWish {
  readonly search: string;
  readonly enabled: boolean | undefined;
  /** Empty for all. */
  readonly type?: DomainType | '';
  /** What is chosen in the filters of others. */
  readonly others?: string;
  readonly sort: (typeof DOMAIN_SORTS)[number];
  readonly page: number;
  readonly after?: string;
  /** Rows of a page. */
  readonly size?: number;
}

/** Domains `d` that the actor may see and the filter means. */
export async function domainsMatching(
  context: ExtensionContext,
  actor: Actor,
  wish: Pick<DomainListWish, 'search' | 'enabled' | 'type' | 'others'>,
): Promise<Fragment> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_domains');
  const scope = await policy.scope(actor);
  const { dialect } = context.data;
  const filter: DomainQuery = {
    ...(wish.search === '' ? {} : { search: wish.search }),
    ...(wish.enabled === undefined ? {} : { enabled: wish.enabled }),
    ...((wish.type ?? '') === '' ? {} : { type: wish.type as DomainType }),
  };
  const query: DomainQuery = context.isUsed(domainQuery) ? await context.call(domainQuery, { actor }, filter) : filter;
  return allOf([
    ...(scope.isAll ? [] : [idIn(dialect, 'd.id', scope.domains)]),
    ...(query.ids === undefined ? [] : [idIn(dialect, 'd.id', query.ids)]),
    ...(query.search === undefined ? [] : [contains(dialect, ['d.name'], query.search)]),
    ...(query.enabled === undefined ? [] : [fragment('d.enabled = ?', query.enabled)]),
    ...(await narrowedBy(context, actor, {
      slot: domainFilters,
      chosen: wish.others ?? '',
      kind: 'domain',
      column: 'd.id',
    })),
    ...(query.type === undefined ? [] : [fragment('d.type = ?', query.type)]),
  ]);
}

type Matching = Pick<DomainListWish, 'search' | 'enabled' | 'type' | 'others'>;

async function listQuery(context: ExtensionContext, actor: Actor, wish: Matching, key: string): Promise<ListQuery> {
  const where = await domainsMatching(context, actor, wish);
  return {
    rows: () => ({
      sql: `select d.id as id, ${ORDER[key] ?? ORDER.name} as place from admin_domain d where ${where.sql}`,
      params: where.params,
    }),
    by: { place: key === 'name' ? 'text' : 'number', id: 'id' },
    each: { sql: `select 1 from admin_domain d where ${where.sql}`, params: where.params },
    columns: `d.id, d.name, d.enabled, d.type, d.quota, ${ORDER.accounts} as accounts, ${ORDER.aliases} as aliases,
      (select sum(q.bytes) from admin_mailbox m inner join admin_quota q on q.username = m.address || '@' || d.name
        where m.domain_id = d.id) as used`,
    joined: 'inner join admin_domain d on d.id = page.id',
  };
}

const rowOf = (row: Row): DomainListRow => ({
  pk: asNumber(row.id),
  name: asText(row.name),
  enabled: asBoolean(row.enabled),
  type: asText(row.type),
  accounts: asNumber(row.accounts),
  aliases: asNumber(row.aliases),
  quota: asNumber(row.quota),
  usedBytes: asNumber(row.used),
});

/** The domains page by number: one statement, and what the scope needs. */
export async function domainList(
  context: ExtensionContext,
  actor: Actor,
  wish: DomainListWish,
): Promise<Shown<DomainListRow>> {
  const { key, isDown } = sorting(wish.sort);
  const list = await listQuery(context, actor, wish, key);
  return mapShown(await numberedPage(context.data, list, { ...wish, isDown }), rowOf);
}

/** How many there are, however many: for what is about all of them. */
export const countDomains = async (context: ExtensionContext, actor: Actor, wish: Matching): Promise<number> =>
  countAll(context.data, await listQuery(context, actor, wish, 'name'));

/** All of them by name, in chunks. */
export async function everyDomain(
  context: ExtensionContext,
  actor: Actor,
  wish: Matching,
): Promise<AsyncIterable<readonly DomainListRow[]>> {
  return everyRow(context.data, await listQuery(context, actor, wish, 'name'), rowOf);
}
