import { migration } from '@posthorn/sdk';

/** A row goes with the transport that it follows. */
export const initial = migration({
  name: 'relaydomains/0001-initial',
  after: ['transport/0001-initial'],
  up: (ddl) =>
    ddl.createTable('relaydomains_recipientaccess', {
      columns: {
        id: { type: 'id' },
        pattern: { type: 'string(254)', unique: true },
        action: { type: 'string(40)' },
        transport_id: {
          type: 'integer',
          nullable: true,
          references: { table: 'transport_transport', onDelete: 'cascade' },
        },
      },
    }),
  down: (ddl) => ddl.dropTable('relaydomains_recipientaccess'),
});
