import { migration } from '@posthorn/sdk';

/** Accounts of one role in the order of their names: lists show them so. */
export const roleOrder = migration({
  name: 'core/0085-role-order',
  after: ['core/0001-initial'],
  up: (ddl) => ddl.createIndex('core_user', ['role', 'username']),
  down: (ddl) => ddl.dropIndex('core_user', ['role', 'username']),
});
