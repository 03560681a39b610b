import { field, messages } from '@posthorn/sdk';
import { DOMAIN_TYPES, type DomainType } from '../contract/domain.js';
import { domains } from '../contract/services.js';
import { asNumber, asText } from '../services/sql.js';
import { bulkPages } from './bulk.js';
import { BULK_MAX, type BulkFilter, type BulkList } from './bulk-list.js';
import { countDomains, domainList, domainsMatching } from './domain-list.js';
import { searchField } from './list-query.js';
import { othersField } from './other-parts.js';

const t = messages('admin');

const wishOf = ({ q = '', enabled = '', type = '', others = '' }: BulkFilter) => ({
  others,
  search: q,
  enabled: enabled === '' ? undefined : enabled === 'yes',
  type: type as DomainType | '',
});

/** Many domains at once. */
export const domainBulk: BulkList = {
  name: 'domains',
  path: '/admin/domains/',
  permission: 'admin.view_domains',
  title: t('Domains'),
  filter: {
    q: searchField(),
    enabled: field.choice({ label: t('Status'), choices: ['', 'yes', 'no'] }).default(''),
    type: field.choice({ label: t('Type'), choices: ['', ...DOMAIN_TYPES] }).default(''),
    others: othersField(),
  },
  id: /^[1-9]\d{0,9}$/,
  permissions: (what) => (what === 'quota' ? [] : [what === 'delete' ? 'admin.delete_domain' : 'admin.change_domain']),
  question: (what, count) =>
    what === 'enable'
      ? t({ one: 'Enable one domain?', other: 'Enable {{count}} domains?' }, { count })
      : what === 'disable'
        ? t({ one: 'Disable one domain?', other: 'Disable {{count}} domains?' }, { count })
        : t({ one: 'Delete one domain?', other: 'Delete {{count}} domains?' }, { count }),
  warning: t('They go with all their mailboxes and aliases.'),
  async matching({ context, actor }, filter) {
    const wish = { ...wishOf(filter), sort: 'name', page: 1, size: BULK_MAX } as const;
    const { rows, total: shown, isMore } = await domainList(context, actor, wish);
    const total = isMore ? await countDomains(context, actor, wish) : shown;
    return { rows: rows.map(({ pk, name }) => ({ id: String(pk), name })), total };
  },
  async newest({ context }) {
    const [row] = await context.data.execute('select max(id) as id from admin_domain');
    return String(asNumber(row?.id));
  },
  async walk({ context, actor }, filter, { after, until, size }) {
    const where = await domainsMatching(context, actor, wishOf(filter));
    const rows = await context.data.execute(
      `select d.id, d.name from admin_domain d where ${where.sql} and d.id > ? and d.id <= ? order by d.id limit ${size}`,
      [...where.params, Number(after), Number(until)],
    );
    return rows.map((row) => ({ id: String(asNumber(row.id)), name: asText(row.name) }));
  },
  // A deletion takes whole trees of rows along.
  batch: (what) => (what === 'delete' ? 5 : 20),
  async find({ context, actor }, id) {
    return { id, name: (await context.get(domains).show(actor, Number(id))).name };
  },
  async run({ context, actor }, what, rows, { keepdir }) {
    for (const { id } of rows) {
      if (what === 'delete') await context.get(domains).remove(actor, Number(id), { keepdir });
      else await context.get(domains).update(actor, Number(id), { enabled: what === 'enable' });
    }
    return rows.map(() => undefined);
  },
};

export const domainBulkPages = bulkPages(domainBulk);
