import { migration } from '@posthorn/sdk';

/** Who made an alias or a domain alias. Of domains and accounts the kernel's access rows say it. */
export const owners = migration({
  name: 'admin/0030-owners',
  after: ['admin/0001-initial'],
  up: (ddl) =>
    ['admin_alias', 'admin_domainalias'].flatMap((table) =>
      ddl.addColumn(table, 'owner_id', {
        type: 'integer',
        nullable: true,
        references: { table: 'core_user', onDelete: 'set null' },
      }),
    ),
  down: (ddl) => ['admin_domainalias', 'admin_alias'].flatMap((table) => ddl.dropColumn(table, 'owner_id')),
});
