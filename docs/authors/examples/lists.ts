import { domainActions, domainColumns, domainFilters, REGIONS } from '@posthorn/admin/contract';
import {
  action,
  defineExtension,
  type ExtensionContext,
  listColumn,
  listFilter,
  messages,
  migration,
  page,
  redirect,
  rowAction,
  view,
  widget,
} from '@posthorn/sdk';

const t = messages('acme-reports');

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

async function reportsOf({ data }: ExtensionContext, ids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const rows = await data.execute(
    `select domain_id, count(*) as n from acme_reports_report where domain_id in (${ids.map(() => '?').join(', ')})
     group by domain_id`,
    ids,
  );
  return new Map(rows.map((row) => [Number(row['domain_id']), Number(row['n'])]));
}

const places = [
  page({
    path: '/acme-reports/:name/',
    permission: 'acme-reports.view',
    load: async ({ params }) => view('page', t('Reports'), { line: params.name }),
  }),
  action({
    path: '/acme-reports/:id/forget/',
    permission: 'acme-reports.change',
    run: async ({ params, context }) => {
      await context.data.execute('delete from acme_reports_report where domain_id = ?', [Number(params.id)]);
      return redirect('/admin/domains/');
    },
  }),
];

const initial = migration({
  name: 'acme-reports/0001-initial',
  after: ['admin/0001-initial'],
  up: (ddl) =>
    ddl.createTable('acme_reports_report', {
      columns: {
        id: { type: 'id' },
        domain_id: { type: 'integer', references: { table: 'admin_domain', onDelete: 'cascade' } },
        failures: { type: 'integer', default: 0 },
      },
    }),
  down: (ddl) => ddl.dropTable('acme_reports_report'),
});

export default defineExtension({
  id: 'acme-reports',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Reports'),
  requires: { admin: '^0.1.0' },
  permissions: {
    'acme-reports.view': { label: t('See reports'), roles: ['DomainAdmins'] },
    'acme-reports.change': { label: t('Forget reports'), roles: [] },
  },
  migrations: [initial],
  views: new URL('./views/', import.meta.url),
  contributes: [column, ...actions, filter, beside, ...places],
});
