import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { allOf, asBoolean, asNumber, asText, contains, idIn } from '../services/sql.js';
import { mapShown, numberedPage, PAGE_SIZE, type Shown, sorting } from './list-query.js';

export const DOMAIN_ALIAS_SORTS = ['name', '-name', 'target', '-target'] as const;

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
}

/** Domain aliases by number of the page: one statement, and what the scope needs. */
export async function domainAliasList(
  context: ExtensionContext,
  actor: Actor,
  wish: DomainAliasWish,
): Promise<Shown<DomainAliasRow>> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_domaliases');
  const scope = await policy.scope(actor);
  const where = allOf([
    ...(scope.isAll ? [] : [idIn(context.data.dialect, 'da.target_id', scope.domains)]),
    ...(wish.search === '' ? [] : [contains('da.name', wish.search)]),
  ]);
  const { key, isDown } = sorting(wish.sort);
  const shown = await numberedPage(wish.page, (offset) =>
    context.data.execute(
      `select da.id, da.name, da.enabled, d.name as target,
         (select count(*) from admin_domainalias da where ${where.sql}) as total
       from admin_domainalias da inner join admin_domain d on d.id = da.target_id where ${where.sql}
       order by ${key === 'target' ? 'd.name' : 'da.name'} ${isDown ? 'desc' : 'asc'}, da.id
       limit ${PAGE_SIZE} offset ${offset}`,
      [...where.params, ...where.params],
    ),
  );
  return mapShown(shown, (row) => ({
    pk: asNumber(row.id),
    name: asText(row.name),
    target: asText(row.target),
    enabled: asBoolean(row.enabled),
  }));
}
