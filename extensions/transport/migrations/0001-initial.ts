import { migration } from '@posthorn/sdk';

/**
 * The columns of `transport_transport` that Postfix reads keep their names. The row knows the domain that it belongs to,
 * and goes with it; `admin_domain.transport_id` says the same for those who read it from there, and needs no foreign key.
 */
export const initial = migration({
  name: 'transport/0001-initial',
  after: ['admin/0001-initial'],
  up: (ddl) => [
    ...ddl.createTable('transport_transport', {
      columns: {
        id: { type: 'id' },
        pattern: { type: 'string(253)', unique: true },
        service: { type: 'string(30)' },
        next_hop: { type: 'string(100)', default: '' },
        _settings: { type: 'json', default: '{}' },
        domain_id: { type: 'integer', nullable: true, references: { table: 'admin_domain', onDelete: 'cascade' } },
      },
    }),
    ...ddl.addColumn('admin_domain', 'transport_id', { type: 'integer', nullable: true }),
  ],
  down: (ddl) => [...ddl.dropColumn('admin_domain', 'transport_id'), ...ddl.dropTable('transport_transport')],
});
