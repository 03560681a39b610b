import { migration } from '@posthorn/sdk';

/** Tokens of the API. Moments are milliseconds, compared often. */
export const tokenTable = migration({
  name: 'core/0020-tokens',
  after: ['core/0001-initial'],
  up: (ddl) =>
    ddl.createTable('core_token', {
      columns: {
        id: { type: 'id' },
        user_id: { type: 'integer', references: { table: 'core_user', onDelete: 'cascade' } },
        // SHA-256 of the whole token: a stolen table opens nothing.
        token_hash: { type: 'string(43)', unique: true },
        // Its beginning, so that people find the one they hold.
        prefix: { type: 'string(12)' },
        label: { type: 'string(100)', default: '' },
        // What it is confined to, as JSON; null is everything its owner may do.
        scopes: { type: 'text', nullable: true },
        created_at: { type: 'bigint' },
        expires_at: { type: 'bigint', nullable: true },
        used_at: { type: 'bigint', nullable: true },
      },
      indexes: [['user_id']],
    }),
  down: (ddl) => ddl.dropTable('core_token'),
});
