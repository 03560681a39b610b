import type { Actor, ExtensionContext, Row } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { contains } from '../services/search.js';
import { allOf, asBoolean, asNumber, asText, idIn } from '../services/sql.js';
import { everyRow, type ListQuery, mapShown, numberedPage, type Shown, sorting } from './list-query.js';

export const DOMAIN_ALIAS_SORTS = ['name', '-name', 'target', '-target'] as const;

/** Expressions by the name in the address. */
const ORDER: Readonly<Record<string, string>> = { name: 'da.name', target: 'd.name' };

export interface DomainAliasRow {
  readonly pk: number;
  readonly name: string;
  readonly target: string;
  readonly enabled: boolean;
}

export interface DomainAliasWish {
  readonly search: string;
  readonly sort: (typeof DOMAIN_ALIAS_SORTS)[number];
  readonly page: number;
  readonly after?: string;
}

async function listQuery(context: ExtensionContext, actor: Actor, search: string, key: string): Promise<ListQuery> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_domaliases');
  const scope = await policy.scope(actor);
  const where = allOf([
    ...(scope.isAll ? [] : [idIn(context.data.dialect, 'da.target_id', scope.domains)]),
    ...(search === '' ? [] : [contains(context.data.dialect, ['da.name'], search)]),
  ]);
  return {
    rows: () => ({
      sql: `select da.id as id, ${ORDER[key] ?? ORDER.name} as place
        from admin_domainalias da inner join admin_domain d on d.id = da.target_id where ${where.sql}`,
      params: where.params,
    }),
    by: { place: 'text', id: 'id' },
    each: { sql: `select 1 from admin_domainalias da where ${where.sql}`, params: where.params },
    columns: 'da.id, da.name, da.enabled, d.name as target',
    joined: 'inner join admin_domainalias da on da.id = page.id inner join admin_domain d on d.id = da.target_id',
  };
}

const rowOf = (row: Row): DomainAliasRow => ({
  pk: asNumber(row.id),
  name: asText(row.name),
  target: asText(row.target),
  enabled: asBoolean(row.enabled),
});

/** Domain aliases by number of the page. */
export async function domainAliasList(
  context: ExtensionContext,
  actor: Actor,
  wish: DomainAliasWish,
): Promise<Shown<DomainAliasRow>> {
  const { key, isDown } = sorting(wish.sort);
  const list = await listQuery(context, actor, wish.search, key);
  return mapShown(await numberedPage(context.data, list, { ...wish, isDown }), rowOf);
}

/** All of them by name, in chunks. */
export async function everyDomainAlias(
  context: ExtensionContext,
  actor: Actor,
  search: string,
): Promise<AsyncIterable<readonly DomainAliasRow[]>> {
  return everyRow(context.data, await listQuery(context, actor, search, 'name'), rowOf);
}
