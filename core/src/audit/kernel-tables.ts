import { auditedTables, type Contribution, contribute, messages, type Row, unauditedTable } from '@posthorn/sdk';
import type { Field, OwnTable } from './audited-tables.js';

const t = messages('host');

const isSealed = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { sealed?: unknown }).sealed === 'string';

/** One field for each parameter instead of the JSON of all; sealed ones are secrets. */
function parameterFields(row: Row): ReadonlyMap<string, Field> {
  const stored = JSON.parse(String(row.value ?? '{}')) as Record<string, unknown>;
  return new Map(Object.entries(stored).map(([name, value]) => [name, { value, isMasked: isSealed(value) }]));
}

const account = 'account';
const tables: readonly OwnTable[] = [
  {
    table: 'core_user',
    kind: account,
    title: t('Account'),
    label: (row) => String(row.username ?? ''),
    secrets: ['password'],
    unseen: ['last_login', 'date_joined'],
  },
  {
    table: 'core_access',
    kind: 'access',
    title: t('Access'),
    label: (row) => `${row.kind} ${row.object_id}`,
    place: (row) => `${account}:${row.user_id}`,
    goesWith: { core_user: 'user_id' },
    secrets: [],
  },
  {
    table: 'core_token',
    kind: 'token',
    title: t('Token'),
    label: (row) => `${row.prefix ?? ''}… ${row.label ?? ''}`.trim(),
    place: (row) => `${account}:${row.user_id}`,
    goesWith: { core_user: 'user_id' },
    secrets: ['token_hash'],
    unseen: ['used_at', 'created_at'],
  },
  {
    table: 'core_grant',
    kind: 'grant',
    title: t('Permission'),
    label: (row) => `${row.role} ${row.permission}`,
    secrets: [],
  },
  {
    table: 'core_parameter',
    kind: 'parameters',
    title: t('Parameters'),
    label: (row) => String(row.extension ?? ''),
    place: (row) => (row.level === 'user' ? `${account}:${row.subject}` : undefined),
    fields: parameterFields,
  },
  {
    table: 'core_extension',
    kind: 'extension',
    title: t('Extension'),
    // Its key is a name.
    id: '',
    label: (row) => String(row.id ?? ''),
    secrets: [],
    unseen: ['id', 'changed_by', 'changed_at', 'first_enabled_at'],
  },
  {
    table: 'core_logo',
    kind: 'logo',
    title: t('Logo'),
    id: '',
    label: (row) => String(row.variant ?? ''),
    secrets: [],
    unseen: ['content', 'created_at'],
  },
  {
    table: 'core_letter_text',
    kind: 'letter-text',
    title: t('Text of a letter'),
    label: (row) => `${row.template ?? ''} ${row.language ?? ''}`.trim(),
    secrets: [],
  },
  { table: 'core_quarantine', kind: 'quarantine', title: t('Quarantine'), label: (row) => String(row.extension ?? '') },
];

/** What the kernel's programs write down for themselves. Sign-ins have a record of their own. */
const LEFT_OUT = [
  'core_audit',
  'core_audit_head',
  'core_session',
  'core_throttle',
  'core_secret',
  'core_log',
  'core_lock',
  'core_outbox',
  'core_process',
  'core_job',
  'core_job_report',
  'core_revision',
  'core_migration',
  'core_import',
  'core_import_batch',
  'core_idempotency',
];

export const kernelAuditTables: readonly Contribution[] = [
  ...tables.map((table) => contribute(auditedTables, table)),
  ...LEFT_OUT.map(unauditedTable),
];
