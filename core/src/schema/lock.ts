import { migration } from '@posthorn/sdk';

/** Locks that processes of one installation take by name; see `cluster/locks.ts`. */
export const lockTable = migration({
  name: 'core/0030-lock',
  after: ['core/0001-initial'],
  up: (ddl) =>
    ddl.createTable('core_lock', {
      columns: {
        name: { type: 'string(100)', primary: true },
        owner: { type: 'string(36)', default: '' },
        // Milliseconds by the database's clock.
        held_until: { type: 'bigint', default: 0 },
        // Raised by whoever takes the lock: a holder with an older number has lost it.
        fence: { type: 'bigint', default: 0 },
      },
    }),
  down: (ddl) => ddl.dropTable('core_lock'),
});
