import { auditedTable, messages } from '@posthorn/sdk';

const t = messages('relaydomains');

export const relayAudit = auditedTable({
  table: 'relaydomains_recipientaccess',
  kind: 'recipient-access',
  title: t('Verified recipients'),
  label: ({ pattern }) => String(pattern ?? ''),
  place: ({ transport_id: id }) => (id === null || id === undefined ? undefined : `transport:${id}`),
  secrets: [],
  goesWith: { transport_transport: 'transport_id' },
});
