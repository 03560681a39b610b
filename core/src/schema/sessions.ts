import { migration } from '@posthorn/sdk';

/** Who is signed in, how often sign-in failed, and what the log pages show. Moments are milliseconds, compared often. */
export const sessionTables = migration({
  name: 'core/0002-sessions',
  after: ['core/0001-initial'],
  up: (ddl) => [
    ...ddl.createTable('core_session', {
      columns: {
        id: { type: 'id' },
        // SHA-256 of what the browser holds: a stolen table signs nobody in.
        token_hash: { type: 'string(43)', unique: true },
        user_id: { type: 'integer', references: { table: 'core_user', onDelete: 'cascade' } },
        // When it was opened; another role opens it anew.
        role: { type: 'string(30)' },
        created_at: { type: 'bigint' },
        seen_at: { type: 'bigint' },
        expires_at: { type: 'bigint' },
        // When the password was last given in it.
        proved_at: { type: 'bigint' },
        is_remembered: { type: 'boolean', default: false },
        ip: { type: 'string(45)', default: '' },
        user_agent: { type: 'string(255)', default: '' },
        form_secret: { type: 'string(43)' },
        notices: { type: 'text' },
      },
      indexes: [['user_id'], ['expires_at']],
    }),
    ...ddl.createTable('core_throttle', {
      columns: {
        id: { type: 'string(80)', primary: true },
        points: { type: 'integer', default: 0 },
        expires_at: { type: 'bigint' },
      },
      indexes: [['expires_at']],
    }),
    ...ddl.createTable('core_secret', {
      columns: {
        id: { type: 'string(40)', primary: true },
        value: { type: 'string(100)' },
      },
    }),
    ...ddl.createTable('core_log', {
      columns: {
        id: { type: 'id' },
        created: { type: 'timestamp', default: 'now' },
        level: { type: 'string(10)' },
        logger: { type: 'string(60)' },
        message: { type: 'text' },
      },
      indexes: [['created'], ['logger', 'created']],
    }),
  ],
  down: (ddl) => ['core_log', 'core_secret', 'core_throttle', 'core_session'].flatMap((table) => ddl.dropTable(table)),
});
