import { type Contribution, field, menuEntry, messages, page, view } from '@posthorn/sdk';
import { storage } from './domain-pages.js';
import { number } from './format.js';
import { pageField, searchField } from './list-query.js';
import { QUOTA_SORTS, quotaList } from './quota-list.js';

const t = messages('admin');

const list = page({
  path: '/admin/quotas/',
  permission: 'admin.view_mailboxes',
  query: {
    q: searchField(),
    sort: field.choice({ label: t('Sort'), choices: QUOTA_SORTS }).default('-usage'),
    page: pageField(),
  },
  async load(request) {
    const { q, sort, page } = request.query;
    const { context, actor, url, locale } = request;
    const shown = await quotaList(context, actor, { search: q, sort, page });
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
      filters: { q },
      sort,
    });
  },
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
];
