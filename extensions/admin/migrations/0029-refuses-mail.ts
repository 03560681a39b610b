import { migration } from '@posthorn/sdk';

/** Closes a mailbox for new mail, whatever its account may do. */
export const refusesMail = migration({
  name: 'admin/0029-refuses-mail',
  after: ['admin/0001-initial'],
  up: (ddl) => ddl.addColumn('admin_mailbox', 'refuses_mail', { type: 'boolean', default: false }),
  down: (ddl) => ddl.dropColumn('admin_mailbox', 'refuses_mail'),
});
