import { migration } from '@posthorn/sdk';

/** Events of signals, from the transaction that raises them until their listeners have ended. */
export const outboxTable = migration({
  name: 'core/0005-outbox',
  after: ['core/0001-initial'],
  up: (ddl) =>
    ddl.createTable('core_outbox', {
      columns: {
        // Also the order: an event is stored at the end of its transaction, when that holds its locks.
        id: { type: 'id' },
        event_id: { type: 'string(36)' },
        // The signal's id; `signal` is a word of MariaDB's own.
        hook: { type: 'string(190)' },
        extension: { type: 'string(40)' },
        subject: { type: 'string(190)' },
        // JSON, or sealed.
        payload: { type: 'text' },
        created_at: { type: 'timestamp', default: 'now' },
        state: { type: 'string(10)', default: 'ready' },
        attempts: { type: 'integer', default: 1 },
        owner: { type: 'string(36)', default: '' },
        // Milliseconds by the database's clock.
        leased_until: { type: 'bigint', default: 0 },
        error: { type: 'text', nullable: true },
      },
      indexes: [
        ['state', 'leased_until'],
        ['subject', 'id'],
      ],
    }),
  down: (ddl) => ddl.dropTable('core_outbox'),
});
