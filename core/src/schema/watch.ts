import { migration } from '@posthorn/sdk';

/** What processes tell about themselves, and what is left out because it does harm. */
export const watchTables = migration({
  name: 'core/0006-watch',
  after: ['core/0005-outbox'],
  up: (ddl) => [
    // What the process has seen so far, as JSON.
    ...ddl.addColumn('core_process', 'figures', { type: 'text', nullable: true }),
    ...ddl.createTable('core_quarantine', {
      columns: {
        id: { type: 'id' },
        extension: { type: 'string(40)' },
        // `extension`: all of it is left off. `listener`: only what listens to the hook `place` is left out.
        scope: { type: 'string(10)' },
        place: { type: 'string(140)' },
        reason: { type: 'text' },
        created_at: { type: 'timestamp', default: 'now' },
      },
      unique: [['extension', 'scope', 'place']],
    }),
  ],
  down: (ddl) => [...ddl.dropTable('core_quarantine'), ...ddl.dropColumn('core_process', 'figures')],
});
