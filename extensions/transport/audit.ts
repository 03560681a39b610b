import { auditedTable, messages } from '@posthorn/sdk';

const t = messages('transport');

/** The next hop says where mail goes; the settings may hold secrets. */
export const transportAudit = auditedTable({
  table: 'transport_transport',
  kind: 'transport',
  title: t('Transport'),
  label: ({ pattern }) => String(pattern ?? ''),
  place: ({ domain_id: id }) => (id === null || id === undefined ? undefined : `domain:${id}`),
  secrets: ['_settings'],
  goesWith: { admin_domain: 'domain_id' },
  href: ({ id }) => `/transport/${id}/edit/`,
});
