import { migration } from '@posthorn/sdk';

/** Who changed what, in an order that cannot be altered unseen, and who signed in. Moments are milliseconds, compared often. */
export const auditTables = migration({
  name: 'core/0070-audit',
  after: ['core/0002-sessions'],
  up: (ddl) => [
    ...ddl.createTable('core_audit', {
      columns: {
        id: { type: 'id' },
        // By the database's clock.
        at: { type: 'bigint' },
        // No reference: the record outlives the account.
        actor_id: { type: 'integer', nullable: true },
        actor: { type: 'string(254)' },
        behind: { type: 'string(254)', default: '' },
        door: { type: 'string(10)' },
        address: { type: 'string(45)', default: '' },
        request: { type: 'string(100)', default: '' },
        // The command, route or job.
        via: { type: 'string(140)', default: '' },
        extension: { type: 'string(40)' },
        kind: { type: 'string(60)' },
        object_id: { type: 'bigint', nullable: true },
        label: { type: 'string(254)', default: '' },
        // What the object lies in, as `kind:number`.
        place: { type: 'string(100)', default: '' },
        action: { type: 'string(10)' },
        row_count: { type: 'integer', default: 1 },
        // JSON.
        changes: { type: 'text' },
        // Its number in the chain, the hash of the one before and its own; given when it is sealed.
        seq: { type: 'bigint', nullable: true, unique: true },
        previous: { type: 'string(64)', nullable: true },
        hash: { type: 'string(64)', nullable: true },
      },
      indexes: [['kind', 'object_id', 'id'], ['place', 'id'], ['actor', 'id'], ['at']],
    }),
    ...ddl.createTable('core_audit_head', {
      columns: {
        id: { type: 'integer', primary: true },
        // Both ends of the chain, sealed with a key of the instance.
        ends: { type: 'text' },
      },
    }),
    "insert into core_audit_head (id, ends) values (1, '')",
    // Of sign-ins. No reference: the account may go.
    ...ddl.addColumn('core_log', 'outcome', { type: 'string(10)', default: '' }),
    ...ddl.addColumn('core_log', 'account_id', { type: 'integer', nullable: true }),
    ...ddl.addColumn('core_log', 'username', { type: 'string(254)', default: '' }),
    ...ddl.addColumn('core_log', 'address', { type: 'string(45)', default: '' }),
    ...ddl.addColumn('core_log', 'reason', { type: 'string(20)', default: '' }),
  ],
  down: (ddl) => [
    ...['core_audit_head', 'core_audit'].flatMap((table) => ddl.dropTable(table)),
    ...['reason', 'address', 'username', 'account_id', 'outcome'].flatMap((column) =>
      ddl.dropColumn('core_log', column),
    ),
  ],
});
