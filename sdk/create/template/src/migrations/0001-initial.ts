import { migration } from '@posthorn/sdk';

/** A released step never changes; what comes later is a step of its own. */
export const initial = migration({
  name: 'acme-notes/0001-initial',
  after: ['admin/0001-initial'],
  up: (ddl) =>
    ddl.createTable('acme_notes_note', {
      columns: {
        domain_id: { type: 'integer', primary: true, references: { table: 'admin_domain', onDelete: 'cascade' } },
        note: { type: 'string(254)' },
        // Milliseconds since 1970.
        changed_at: { type: 'bigint' },
      },
    }),
  down: (ddl) => ddl.dropTable('acme_notes_note'),
});
