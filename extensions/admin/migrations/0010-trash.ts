import { migration } from '@posthorn/sdk';

/** What was deleted and may come back, and where the mail of deleted mailboxes lies. */
export const trashTables = migration({
  name: 'admin/0010-trash',
  after: ['admin/0001-initial'],
  up: (ddl) => [
    ...ddl.createTable('admin_trash', {
      columns: {
        id: { type: 'id' },
        kind: { type: 'string(20)' },
        name: { type: 'string(254)' },
        object_id: { type: 'integer' },
        // Says who reaches it: no foreign keys, since what they name may go as well.
        domain_id: { type: 'integer', nullable: true },
        role: { type: 'string(30)', default: '' },
        mailboxes: { type: 'integer', default: 0 },
        aliases: { type: 'integer', default: 0 },
        deleted_at: { type: 'timestamp', default: 'now' },
        deleted_by: { type: 'string(254)', default: '' },
        deleted_by_id: { type: 'integer', nullable: true },
        content: { type: 'text', default: '' },
      },
      indexes: [['deleted_at'], ['name']],
    }),
    ...ddl.createTable('admin_trashdirectory', {
      columns: {
        id: { type: 'id' },
        trash_id: { type: 'integer', references: { table: 'admin_trash', onDelete: 'cascade' } },
        address: { type: 'string(254)' },
        aside: { type: 'boolean', default: false },
      },
      unique: [['trash_id', 'address']],
      indexes: [['address']],
    }),
    // Where the directory goes; null for an operation whose mailbox says so.
    ...ddl.addColumn('admin_mailboxoperation', 'target', { type: 'text', nullable: true }),
  ],
  down: (ddl) => [
    ...ddl.dropColumn('admin_mailboxoperation', 'target'),
    ...ddl.dropTable('admin_trashdirectory'),
    ...ddl.dropTable('admin_trash'),
  ],
});
