import { migration } from '@posthorn/sdk';

/** Calls of the API that are done once, and their answers. Moments are milliseconds, compared often. */
export const idempotencyTable = migration({
  name: 'core/0090-idempotency',
  after: ['core/0020-tokens'],
  up: (ddl) =>
    ddl.createTable('core_idempotency', {
      columns: {
        // SHA-256 of the account and its key.
        id: { type: 'string(43)', primary: true },
        request_hash: { type: 'string(43)' },
        // Null while it is at work.
        status: { type: 'integer', nullable: true },
        body: { type: 'text', nullable: true },
        created_at: { type: 'bigint' },
      },
      indexes: [['created_at']],
    }),
  down: (ddl) => ddl.dropTable('core_idempotency'),
});
