import { migration } from '@posthorn/sdk';

/** Imports of several transactions: what is needed to take back those that were not finished. */
export const importTables = migration({
  name: 'core/0075-imports',
  after: ['core/0070-audit', 'core/0005-outbox'],
  up: (ddl) => [
    ...ddl.createTable('core_import', {
      columns: {
        // A name under which events and records of changes are held back.
        id: { type: 'string(36)', primary: true },
        // `open` until all rows are made; then `done`, and only what is held is left to be let go.
        state: { type: 'string(10)', default: 'open' },
      },
    }),
    ...ddl.createTable('core_import_batch', {
      columns: {
        id: { type: 'id' },
        import_id: { type: 'string(36)', references: { table: 'core_import', onDelete: 'cascade' } },
        // A changeset of SQLite in Base64.
        changes: { type: 'text' },
      },
      indexes: [['import_id', 'id']],
    }),
    ...ddl.addColumn('core_audit', 'held', { type: 'string(36)', nullable: true }),
    ...ddl.createIndex('core_audit', ['held']),
  ],
  down: (ddl) => [
    ...ddl.dropIndex('core_audit', ['held']),
    ...ddl.dropColumn('core_audit', 'held'),
    ...['core_import_batch', 'core_import'].flatMap((table) => ddl.dropTable(table)),
  ],
});
