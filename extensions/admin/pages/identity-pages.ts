import {
  type Contribution,
  field,
  importPages,
  landingPage,
  listExport,
  lists,
  menuEntry,
  messages,
  type PageRequest,
  page,
  regions,
  roles,
  view,
} from '@posthorn/sdk';
import { accountActions, accountColumns, accountFilters, type IdentityRef, REGIONS } from '../contract/lists.js';
import { bulkSelection } from './bulk.js';
import { storage } from './domain-pages.js';
import { moment, number, type Reader } from './format.js';
import { identityBulk, identityBulkPages } from './identity-bulk.js';
import { everyIdentity, IDENTITY_KINDS, IDENTITY_SORTS, type IdentityRow, identityList } from './identity-list.js';
import { pageFields, searchField } from './list-query.js';
import { withParts } from './other-parts.js';
import { resolveHref } from './resolve-href.js';
import { roleLabel } from './role-labels.js';

const t = messages('admin');

export const LIST = '/admin/identities/';

const EXPORT = `${LIST}export/` as const;

const filter = {
  q: searchField(),
  kind: field.choice({ label: t('Kind'), choices: IDENTITY_KINDS }).default(''),
  role: field.string({ label: t('Role'), max: 30 }).default(''),
  domain: field.string({ label: t('Domain'), max: 255 }).default(''),
};

const list = page({
  path: LIST,
  permission: 'admin.view_mailboxes',
  query: {
    ...filter,
    sort: field.choice({ label: t('Sort'), choices: IDENTITY_SORTS }).default('name'),
    ...pageFields(),
  },
  async load(request) {
    const { context, actor, query, locale } = request;
    const { q, kind, role, domain, ...place } = query;
    const { choices, chosen: others } = await context.get(lists).filters(accountFilters, request);
    const shown = await identityList(context, actor, { search: q, kind, role, domain, others, ...place });
    const parts = await context
      .get(lists)
      .parts({ columns: accountColumns, actions: accountActions }, shown.rows.map(refOf), request);
    const now = context.now().toISOString();
    return view('identities', t('Identities'), {
      ...shown,
      rows: withParts(
        shown.rows.map((row) => rowOf(row, request, now)),
        parts,
      ),
      columns: parts.columns,
      choices,
      widgets: await context.get(regions).load(REGIONS.identities, request),
      totalText: number(shown.total, locale),
      url: request.url,
      exportPath: EXPORT,
      filters: { q, kind, role, domain },
      roles: context.items(roles).map(({ item }) => ({ value: item.name, label: item.label })),
      sort: place.sort,
      isNarrowed: others !== '',
      selection: bulkSelection(identityBulk, request, { q, kind, role, domain, others }, shown),
      can: {
        addAccount: actor.can('core.add_user'),
        addAlias: actor.can('admin.add_alias'),
        resolve: actor.can('admin.view_aliases'),
      },
    });
  },
});

const files = listExport({
  path: EXPORT,
  permission: 'admin.view_mailboxes',
  name: 'identities',
  query: filter,
  async load(request) {
    const { context, actor } = request;
    const { q: search, ...query } = request.query;
    const { chosen: others } = await context.get(lists).filters(accountFilters, request);
    return {
      columns: [
        { key: 'kind', label: t('Kind') },
        { key: 'name', label: t('Name') },
        { key: 'text', label: t('About') },
        { key: 'role', label: t('Role') },
        { key: 'enabled', label: t('Enabled') },
        { key: 'recipients', label: t('Recipients') },
        { key: 'expire_at', label: t('Expires') },
        { key: 'quota', label: t('Quota (MB)') },
        { key: 'used_bytes', label: t('Used (bytes)') },
      ],
      chunks: everyIdentity(context, actor, { search, ...query, others }),
      cells: ({ expireAt, usedBytes, ...row }) =>
        row.kind === 'account'
          ? { ...row, recipients: null, used_bytes: row.quota === null ? null : usedBytes }
          : { ...row, role: null, expire_at: expireAt },
      others: { columns: accountColumns, ref: refOf },
    };
  },
});

const upload = importPages({
  path: `${LIST}import/`,
  permission: 'core.add_user',
  title: t('Import identities'),
  back: LIST,
  kinds: ['account', 'alias'],
  hasPasswords: true,
});

const refOf = ({ kind, pk, name }: IdentityRow): IdentityRef => ({ kind, pk, name });

function rowOf(row: IdentityRow, request: PageRequest, now: string) {
  const isAccount = row.kind === 'account';
  const href = isAccount ? `/admin/accounts/${row.pk}/` : `/admin/aliases/${row.pk}/edit/`;
  const { actor, context } = request;
  return {
    ...row,
    href,
    roleText: row.role === '' ? '' : roleLabel(context, row.role),
    isExpired: row.expireAt !== null && row.expireAt <= now,
    storage: row.quota === null ? undefined : storage(row.usedBytes, row.quota, request satisfies Reader),
    canEdit: actor.can(isAccount ? 'core.change_user' : 'admin.change_alias'),
    canDelete: actor.can(isAccount ? 'core.delete_user' : 'admin.delete_alias') && !(isAccount && row.pk === actor.id),
    editHref: isAccount ? `${href}edit/` : href,
    resolveHref: row.name.includes('@') && actor.can('admin.view_aliases') ? resolveHref(row.name) : '',
    deleteHref: isAccount ? `${href}delete/` : `/admin/aliases/${row.pk}/delete/`,
    expireText: row.expireAt === null ? '' : moment(row.expireAt, request),
  };
}

export const identityPages: readonly Contribution[] = [
  menuEntry(
    {
      area: 'main',
      label: t('Identities'),
      href: LIST,
      icon: 'users',
      permission: 'admin.view_mailboxes',
      group: t('Mail'),
    },
    { order: 20 },
  ),
  landingPage({ label: t('Identities'), href: LIST, permission: 'admin.view_mailboxes' }, { order: 20 }),
  list,
  ...files,
  ...upload,
  ...identityBulkPages,
];
