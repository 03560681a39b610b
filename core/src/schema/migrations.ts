import { type Migration, migration } from '@posthorn/sdk';
import { auditTables } from './audit.js';
import { backfillColumns } from './backfill.js';
import { exclusiveJobs } from './exclusive-jobs.js';
import { idempotencyTable } from './idempotency.js';
import { importTables } from './imports.js';
import { jobReports } from './job-reports.js';
import { jobToken } from './job-token.js';
import { letterTable } from './letters.js';
import { lockTable } from './lock.js';
import { logoTable } from './logo.js';
import { outboxTable } from './outbox.js';
import { roleOrder } from './role-order.js';
import { sdkOverrideTable } from './sdk-override.js';
import { sessionTables } from './sessions.js';
import { tokenTable } from './tokens.js';
import { watchTables } from './watch.js';

/** The kernel's own tables. `core_user` keeps the reference's columns, because mail servers read it. */
const initial = migration({
  name: 'core/0001-initial',
  up: (ddl) => [
    ...ddl.createTable('core_user', {
      columns: {
        id: { type: 'id' },
        password: { type: 'string(512)' },
        last_login: { type: 'timestamp', nullable: true },
        is_superuser: { type: 'boolean', default: false },
        username: { type: 'string(254)', unique: true },
        first_name: { type: 'string(100)', default: '' },
        last_name: { type: 'string(100)', default: '' },
        email: { type: 'string(254)', default: '' },
        is_staff: { type: 'boolean', default: false },
        is_active: { type: 'boolean', default: true },
        date_joined: { type: 'timestamp', default: 'now' },
        is_local: { type: 'boolean', default: true },
        master_user: { type: 'boolean', default: false },
        language: { type: 'string(10)', default: 'en' },
        phone_number: { type: 'string(128)', nullable: true },
        secondary_email: { type: 'string(254)', nullable: true },
        role: { type: 'string(30)', default: '' },
      },
      indexes: [['email', 'is_active'], ['role']],
    }),
    ...ddl.createTable('core_access', {
      columns: {
        id: { type: 'id' },
        user_id: { type: 'integer', references: { table: 'core_user', onDelete: 'cascade' } },
        kind: { type: 'string(60)' },
        object_id: { type: 'integer' },
        is_owner: { type: 'boolean', default: false },
      },
      unique: [['user_id', 'kind', 'object_id']],
      indexes: [['kind', 'object_id']],
    }),
    ...ddl.createTable('core_grant', {
      columns: {
        id: { type: 'id' },
        role: { type: 'string(30)' },
        permission: { type: 'string(100)' },
        extension: { type: 'string(40)' },
      },
      unique: [['role', 'permission']],
    }),
    ...ddl.createTable('core_extension', {
      columns: {
        id: { type: 'string(40)', primary: true },
        package: { type: 'string(214)' },
        version: { type: 'string(60)', default: '' },
        desired: { type: 'string(10)', default: 'disabled' },
        first_enabled_at: { type: 'timestamp', nullable: true },
        changed_by: { type: 'string(254)', default: '' },
        changed_at: { type: 'timestamp', default: 'now' },
      },
    }),
    ...ddl.createTable('core_revision', {
      columns: {
        id: { type: 'integer', primary: true },
        revision: { type: 'integer', default: 1 },
        assembly: { type: 'integer', default: 1 },
      },
    }),
    'insert into core_revision (id, revision, assembly) values (1, 1, 1)',
    ...ddl.createTable('core_process', {
      columns: {
        id: { type: 'string(36)', primary: true },
        role: { type: 'string(10)' },
        host: { type: 'string(255)' },
        pid: { type: 'integer' },
        started_at: { type: 'timestamp', default: 'now' },
        seen_at: { type: 'timestamp', default: 'now' },
        revision: { type: 'integer', default: 0 },
        assembly: { type: 'integer', default: 0 },
        versions: { type: 'text' },
        problems: { type: 'text' },
      },
    }),
    ...ddl.createTable('core_parameter', {
      columns: {
        id: { type: 'id' },
        extension: { type: 'string(40)' },
        level: { type: 'string(10)' },
        subject: { type: 'integer', default: 0 },
        version: { type: 'integer', default: 1 },
        value: { type: 'text' },
      },
      unique: [['extension', 'level', 'subject']],
    }),
    ...ddl.createTable('core_job', {
      columns: {
        id: { type: 'id' },
        queue: { type: 'string(30)', default: 'default' },
        extension: { type: 'string(40)' },
        name: { type: 'string(100)' },
        payload: { type: 'text' },
        state: { type: 'string(10)', default: 'ready' },
        priority: { type: 'integer', default: 0 },
        run_at: { type: 'bigint' },
        attempts: { type: 'integer', default: 0 },
        locked_by: { type: 'string(36)', nullable: true },
        locked_until: { type: 'bigint', nullable: true },
        unique_key: { type: 'string(190)', nullable: true, unique: true },
        done: { type: 'integer', default: 0 },
        total: { type: 'integer', nullable: true },
        error: { type: 'text', nullable: true },
        created_at: { type: 'timestamp', default: 'now' },
        finished_at: { type: 'timestamp', nullable: true },
      },
    }),
    // In the order a claim reads, so that a long queue is not sorted for every claim.
    'create index if not exists core_job_claim on core_job (queue, state, priority desc, run_at, id)',
  ],
  down: (ddl) =>
    [
      'core_job',
      'core_parameter',
      'core_process',
      'core_revision',
      'core_extension',
      'core_grant',
      'core_access',
      'core_user',
    ].flatMap((table) => ddl.dropTable(table)),
});

export const kernelMigrations: readonly Migration[] = [
  initial,
  sessionTables,
  jobReports,
  logoTable,
  outboxTable,
  watchTables,
  tokenTable,
  lockTable,
  exclusiveJobs,
  sdkOverrideTable,
  backfillColumns,
  auditTables,
  letterTable,
  importTables,
  roleOrder,
  idempotencyTable,
  jobToken,
];
