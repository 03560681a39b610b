import { type Contribution, field, listExport, menuEntry, messages, page, view } from '@posthorn/sdk';
import { storage } from './domain-pages.js';
import { number } from './format.js';
import { pageFields, searchField } from './list-query.js';
import { everyQuota, QUOTA_SORTS, quotaList } from './quota-list.js';

const t = messages('admin');

const EXPORT = '/admin/quotas/export/';

const list = page({
  path: '/admin/quotas/',
  permission: 'admin.view_mailboxes',
  query: {
    q: searchField(),
    sort: field.choice({ label: t('Sort'), choices: QUOTA_SORTS }).default('-usage'),
    ...pageFields(),
  },
  async load(request) {
    const { q, ...place } = request.query;
    const { context, actor, url, locale } = request;
    const shown = await quotaList(context, actor, { search: q, ...place });
    return view('quotas', t('Quotas'), {
      ...shown,
      rows: shown.rows.map((row) => ({
        ...row,
        href: `/admin/accounts/${row.pk}/`,
        storage: storage(row.usedBytes, row.quota, request),
        messagesText: number(row.messages, locale),
      })),
      totalText: number(shown.total, locale),
      url,
      exportPath: EXPORT,
      filters: { q },
      sort: place.sort,
    });
  },
});

const files = listExport({
  path: EXPORT,
  permission: 'admin.view_mailboxes',
  name: 'quotas',
  query: { q: searchField() },
  load: async ({ context, actor, query }) => ({
    columns: [
      { key: 'address', label: t('Address') },
      { key: 'quota', label: t('Quota (MB)') },
      { key: 'used_bytes', label: t('Used (bytes)') },
      { key: 'messages', label: t('Messages') },
    ],
    chunks: await everyQuota(context, actor, query.q),
    cells: ({ address, quota, usedBytes, messages: count }) => ({
      address,
      quota,
      used_bytes: usedBytes,
      messages: count,
    }),
  }),
});

export const quotaPages: readonly Contribution[] = [
  menuEntry(
    {
      area: 'main',
      label: t('Quotas'),
      href: '/admin/quotas/',
      icon: 'database',
      permission: 'admin.view_mailboxes',
      group: t('Mail'),
    },
    { order: 40 },
  ),
  list,
  ...files,
];
