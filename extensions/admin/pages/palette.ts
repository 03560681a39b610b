import { type Contribution, messages, type PageRequest, type PaletteEntry, paletteSource } from '@posthorn/sdk';
import { domainQuery } from '../contract/hooks.js';
import type { DomainQuery } from '../contract/inputs.js';
import { Policy } from '../policy/policy.js';
import { accountsInScope } from '../services/account-scope.js';
import { contains } from '../services/search.js';
import { allOf, asNumber, asText, fragment, idIn, startsWith } from '../services/sql.js';
import { domainHref } from './domain-pages.js';

const t = messages('admin');

/** As many as the palette shows of one source. */
const FEW = 8;

/** Domains in reach whose names begin with what was typed: one statement, and what the scope needs. */
async function findDomains(query: string, request: PageRequest): Promise<readonly PaletteEntry[]> {
  const { context, actor } = request;
  if (!actor.can('admin.view_domains') || !actor.can('admin.view_domain')) return [];
  const scope = await new Policy(context).scope(actor);
  // Whoever narrows the list narrows this one as well.
  const narrowed: DomainQuery = context.isUsed(domainQuery) ? await context.call(domainQuery, { actor }, {}) : {};
  const where = allOf([
    startsWith(context.data.dialect, 'd.name', query),
    ...(scope.isAll ? [] : [idIn(context.data.dialect, 'd.id', scope.domains)]),
    ...(narrowed.ids === undefined ? [] : [idIn(context.data.dialect, 'd.id', narrowed.ids)]),
    ...(narrowed.search === undefined ? [] : [contains(context.data.dialect, ['d.name'], narrowed.search)]),
    ...(narrowed.enabled === undefined ? [] : [fragment('d.enabled = ?', narrowed.enabled)]),
    ...(narrowed.type === undefined ? [] : [fragment('d.type = ?', narrowed.type)]),
  ]);
  const rows = await context.data.execute(
    `select d.name from admin_domain d where ${where.sql} order by d.name limit ${FEW}`,
    where.params,
  );
  const text = request.t(t('Domain'));
  return rows.map((row) => ({ label: asText(row.name), text, href: domainHref(asText(row.name)) }));
}

/** Accounts in reach whose usernames begin with what was typed: one statement, and what the scope needs. */
async function findAccounts(query: string, request: PageRequest): Promise<readonly PaletteEntry[]> {
  const { context, actor } = request;
  if (!actor.can('admin.view_mailboxes')) return [];
  const scope = await new Policy(context).scope(actor);
  const reached = await accountsInScope(context.data.dialect, scope);
  const where = startsWith(context.data.dialect, 'u.username', query);
  const rows = await context.data.execute(
    `select u.id, u.username from core_user u ${reached.sql} where ${where.sql} order by u.username limit ${FEW}`,
    [...reached.params, ...where.params],
  );
  const text = request.t(t('Account'));
  return rows.map((row) => ({ label: asText(row.username), text, href: `/admin/accounts/${asNumber(row.id)}/` }));
}

export const paletteSources: readonly Contribution[] = [
  paletteSource({ id: 'domains', search: findDomains }),
  paletteSource({ id: 'accounts', search: findAccounts }, { order: 10 }),
];
