import {
  type Contribution,
  field,
  importPages,
  landingPage,
  listExport,
  lists,
  menuEntry,
  messages,
  page,
  regions,
  view,
} from '@posthorn/sdk';
import { DOMAIN_TYPES } from '../contract/domain.js';
import type { DomainRef } from '../contract/hooks.js';
import { domainActions, domainColumns, domainFilters, REGIONS } from '../contract/lists.js';
import { MEGABYTE } from '../contract/quota.js';
import { domainAliases, domains } from '../contract/services.js';
import type { DomainView } from '../contract/views.js';
import { administratorOf, missingIn } from '../services/role-addresses.js';
import { bulkSelection } from './bulk.js';
import { domainAdministrators } from './domain-administrators.js';
import { domainBulk, domainBulkPages } from './domain-bulk.js';
import { DOMAIN_SORTS, type DomainListRow, domainList, everyDomain } from './domain-list.js';
import { moment, number, type Reader, size } from './format.js';
import { historyOf } from './history.js';
import { pageFields, searchField } from './list-query.js';
import { withParts } from './other-parts.js';
import { roleLabel } from './role-labels.js';

const t = messages('admin');

export const domainHref = (name: string, rest = ''): string => `/admin/domains/${encodeURIComponent(name)}/${rest}`;

/** What a storage bar needs; without limit there is nothing to compare with. */
export const storage = (usedBytes: number, quota: number, { locale }: Reader) => {
  const used = usedBytes / MEGABYTE;
  return { used, quota, usedText: size(used, locale), quotaText: quota === 0 ? '' : size(quota, locale) };
};

const rowOf = (row: DomainListRow, reader: Reader) => ({
  ...row,
  href: domainHref(row.name),
  storage: storage(row.usedBytes, row.quota, reader),
  accountsText: number(row.accounts, reader.locale),
  aliasesText: number(row.aliases, reader.locale),
});

const refOf = ({ pk, name }: DomainListRow): DomainRef => ({ pk, name });

const filter = {
  q: searchField(),
  enabled: field.choice({ label: t('Status'), choices: ['', 'yes', 'no'] }).default(''),
  type: field.choice({ label: t('Type'), choices: ['', ...DOMAIN_TYPES] }).default(''),
};
const enabledOf = (enabled: '' | 'yes' | 'no') => (enabled === '' ? undefined : enabled === 'yes');

const EXPORT = '/admin/domains/export/';

const list = page({
  path: '/admin/domains/',
  permission: 'admin.view_domains',
  query: {
    ...filter,
    sort: field.choice({ label: t('Sort'), choices: DOMAIN_SORTS }).default('name'),
    ...pageFields(),
  },
  async load(request) {
    const { q, enabled, type, ...place } = request.query;
    const isEnabled = enabledOf(enabled);
    const { context, actor } = request;
    const { choices, chosen: others } = await context.get(lists).filters(domainFilters, request);
    const shown = await domainList(context, actor, { search: q, enabled: isEnabled, type, others, ...place });
    const parts = await context
      .get(lists)
      .parts({ columns: domainColumns, actions: domainActions }, shown.rows.map(refOf), request);
    return view('domains', t('Domains'), {
      ...shown,
      rows: withParts(
        shown.rows.map((row) => rowOf(row, request)),
        parts,
      ),
      columns: parts.columns,
      choices,
      widgets: await context.get(regions).load(REGIONS.domains, request),
      totalText: number(shown.total, request.locale),
      url: request.url,
      exportPath: EXPORT,
      filters: { q, enabled, type },
      sort: place.sort,
      isNarrowed: others !== '',
      selection: bulkSelection(domainBulk, request, { q, enabled, type, others }, shown),
      can: {
        add: request.actor.can('admin.add_domain'),
        edit: request.actor.can('admin.change_domain'),
        remove: request.actor.can('admin.delete_domain'),
      },
    });
  },
});

const files = listExport({
  path: EXPORT,
  permission: 'admin.view_domains',
  name: 'domains',
  query: filter,
  async load(request) {
    const { context, actor, query } = request;
    const { chosen: others } = await context.get(lists).filters(domainFilters, request);
    return {
      columns: [
        { key: 'name', label: t('Name') },
        { key: 'type', label: t('Type') },
        { key: 'enabled', label: t('Enabled') },
        { key: 'accounts', label: t('Accounts') },
        { key: 'aliases', label: t('Aliases') },
        { key: 'quota', label: t('Quota (MB)') },
        { key: 'used_bytes', label: t('Used (bytes)') },
      ],
      chunks: await everyDomain(context, actor, {
        search: query.q,
        enabled: enabledOf(query.enabled),
        type: query.type,
        others,
      }),
      cells: ({ usedBytes, ...row }) => ({ ...row, used_bytes: usedBytes }),
      others: { columns: domainColumns, ref: refOf },
    };
  },
});

const upload = importPages({
  path: '/admin/domains/import/',
  permission: 'admin.add_domain',
  title: t('Import domains'),
  back: '/admin/domains/',
  kinds: ['domain', 'domainalias'],
  hasPasswords: false,
});

const summaryOf = (domain: DomainView, reader: Reader) => ({
  ...domain,
  storage: storage((domain.used_quota ?? 0) * MEGABYTE, domain.quota, reader),
  defaultText: domain.default_mailbox_quota === 0 ? '' : size(domain.default_mailbox_quota, reader.locale),
  accountsText: number(domain.mailbox_count, reader.locale),
  aliasesText: number(domain.mbalias_count, reader.locale),
  creationText: moment(domain.creation, reader),
  changedText: moment(domain.last_modification, reader),
});

/** As many domain aliases as a summary shows. */
const FEW = 20;

const detail = page({
  path: '/admin/domains/:name/',
  permission: 'admin.view_domain',
  async load(request) {
    const { context, actor, params } = request;
    const domain = await context.get(domains).show(actor, params.name);
    const aliasNames: string[] = [];
    const seesAliases = actor.can('admin.view_domaliases');
    if (seesAliases) {
      for await (const one of context.get(domainAliases).list(actor, { domain: domain.pk, limit: FEW })) {
        aliasNames.push(one.name);
      }
    }
    return view('domain', domain.name, {
      domain: { ...summaryOf(domain, request), pk: domain.pk },
      base: domainHref(domain.name),
      widgets: await context.get(regions).load(REGIONS.domain, request),
      aliasNames,
      missing: actor.can('admin.add_alias')
        ? (await missingIn(context, domain.pk)).map((local) => `${local}@${domain.name}`)
        : [],
      suggestion: (await administratorOf(context, domain.pk)) ?? '',
      administrators: (await domainAdministrators(context, actor, domain.pk)).map((one) => ({
        ...one,
        role: roleLabel(context, one.role),
      })),
      history: historyOf(actor, 'domain', domain.pk),
      can: {
        edit: actor.can('admin.change_domain'),
        remove: actor.can('admin.delete_domain'),
        accounts: actor.can('admin.view_mailboxes'),
        domainAliases: seesAliases,
        addDomainAlias: actor.can('admin.add_domainalias'),
        administrators: actor.can('admin.add_domain'),
      },
    });
  },
});

export const domainPages: readonly Contribution[] = [
  menuEntry(
    {
      area: 'main',
      label: t('Domains'),
      href: '/admin/domains/',
      icon: 'world',
      permission: 'admin.view_domains',
      group: t('Mail'),
    },
    { order: 10 },
  ),
  landingPage({ label: t('Domains'), href: '/admin/domains/', permission: 'admin.view_domains' }, { order: 10 }),
  list,
  ...files,
  ...upload,
  ...domainBulkPages,
  detail,
];
