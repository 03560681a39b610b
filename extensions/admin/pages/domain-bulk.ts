import { field, messages } from '@posthorn/sdk';
import { domains } from '../contract/services.js';
import { BULK_MAX, type BulkList, bulkPage } from './bulk.js';
import { domainList } from './domain-list.js';
import { searchField } from './list-query.js';

const t = messages('admin');

/** Many domains at once. */
export const domainBulk: BulkList = {
  path: '/admin/domains/',
  permission: 'admin.view_domains',
  title: t('Domains'),
  filter: {
    q: searchField(),
    enabled: field.choice({ label: t('Status'), choices: ['', 'yes', 'no'] }).default(''),
  },
  id: /^[1-9]\d{0,9}$/,
  permissions: (what) => [what === 'delete' ? 'admin.delete_domain' : 'admin.change_domain'],
  question: (count) => t({ one: 'Delete one domain?', other: 'Delete {{count}} domains?' }, { count }),
  warning: t('They go with all their mailboxes and aliases. This cannot be undone.'),
  async matching({ context, actor }, { q = '', enabled = '' }) {
    const isEnabled = enabled === '' ? undefined : enabled === 'yes';
    const wish = { search: q, enabled: isEnabled, sort: 'name', page: 1, size: BULK_MAX } as const;
    const { rows, total } = await domainList(context, actor, wish);
    return { rows: rows.map(({ pk, name }) => ({ id: String(pk), name })), total };
  },
  async find({ context, actor }, id) {
    return { id, name: (await context.get(domains).show(actor, Number(id))).name };
  },
  async run({ context, actor }, what, id, keepdir) {
    if (what === 'delete') await context.get(domains).remove(actor, Number(id), { keepdir });
    else await context.get(domains).update(actor, Number(id), { enabled: what === 'enable' });
  },
};

export const domainBulkPage = bulkPage(domainBulk);
