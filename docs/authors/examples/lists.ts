import { domainActions, domainColumns, domainFilters, REGIONS } from '@posthorn/admin/contract';
import { type ExtensionContext, listColumn, listFilter, messages, rowAction, view, widget } from '@posthorn/sdk';

const t = messages('acme-reports');
declare function reportsOf(context: ExtensionContext, ids: readonly number[]): Promise<ReadonlyMap<number, number>>;

export const column = listColumn(domainColumns, {
  id: 'reports',
  label: t('Reports'),
  permission: 'acme-reports.view',
  load: async (rows, { context }) => {
    const ids = rows.map(({ pk }) => pk);
    const counts = await reportsOf(context, ids);
    return rows.map(({ pk }) => counts.get(pk));
  },
});

export const actions = [
  rowAction(domainActions, {
    id: 'show',
    label: t('Reports'),
    icon: 'report',
    permission: 'acme-reports.view',
    href: ({ name }) => `/acme-reports/${encodeURIComponent(name)}/`,
  }),
  rowAction(domainActions, {
    id: 'forget',
    label: t('Forget reports'),
    icon: 'trash',
    permission: 'acme-reports.change',
    href: ({ pk }) => `/acme-reports/${pk}/forget/`,
    confirm: ({ name }) => t('Forget all reports about {{name}}?', { name }),
  }),
];

export const filter = listFilter(domainFilters, {
  id: 'state',
  label: t('Reports'),
  permission: 'acme-reports.view',
  choices: async () => [{ value: 'failing', label: t('With failures') }],
  narrow: (_value, { column }) => ({
    sql: `${column} in (select r.domain_id from acme_reports_report r where r.failures > ?)`,
    params: [0],
  }),
});

export const beside = widget({
  id: 'latest',
  region: REGIONS.domain,
  title: t('Latest report'),
  permission: 'acme-reports.view',
  load: async ({ params }) => view('latest', t('Latest report'), { domain: params['name'] }),
});
