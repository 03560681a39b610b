import { migration } from '@posthorn/sdk';

/** The highest threshold that was told of each mailbox and each domain that is above one. */
export const quotaWarningTable = migration({
  name: 'admin/0020-quota-warnings',
  after: ['admin/0001-initial'],
  up: (ddl) =>
    ddl.createTable('admin_quotawarning', {
      columns: {
        id: { type: 'id' },
        // One of the two.
        mailbox_id: {
          type: 'integer',
          nullable: true,
          unique: true,
          references: { table: 'admin_mailbox', onDelete: 'cascade' },
        },
        domain_id: {
          type: 'integer',
          nullable: true,
          unique: true,
          references: { table: 'admin_domain', onDelete: 'cascade' },
        },
        // Percent of the quota.
        threshold: { type: 'integer' },
        warned_at: { type: 'timestamp', default: 'now' },
      },
    }),
  down: (ddl) => ddl.dropTable('admin_quotawarning'),
});
