import { type Column, migration } from '@posthorn/sdk';

const to = (table: string): Column => ({ type: 'integer', references: { table, onDelete: 'cascade' } });
const name: Column = { type: 'string(254)' };
const max_value: Column = { type: 'integer', default: 0 };
const id: Column = { type: 'id' };

/**
 * Limits under the reference's names, as rows only where one differs from the default; plans, and who has which; and what
 * was used on which day.
 */
export const initial = migration({
  name: 'limits/0001-initial',
  after: ['admin/0030-owners'],
  up: (ddl) => [
    ...ddl.createTable('limits_userobjectlimit', {
      columns: { id, user_id: to('core_user'), name, max_value },
      unique: [['user_id', 'name']],
    }),
    ...ddl.createTable('limits_domainobjectlimit', {
      columns: { id, domain_id: to('admin_domain'), name, max_value },
      unique: [['domain_id', 'name']],
    }),
    ...ddl.createTable('limits_plan', { columns: { id, name: { type: 'string(100)', unique: true } } }),
    ...ddl.createTable('limits_planlimit', {
      columns: { id, plan_id: to('limits_plan'), name, max_value },
      unique: [['plan_id', 'name']],
    }),
    ...ddl.createTable('limits_userplan', {
      columns: { id, user_id: { ...to('core_user'), unique: true }, plan_id: to('limits_plan') },
    }),
    ...ddl.createTable('limits_domainplan', {
      columns: { id, domain_id: { ...to('admin_domain'), unique: true }, plan_id: to('limits_plan') },
    }),
    ...ddl.createTable('limits_sample', {
      columns: {
        id,
        // YYYY-MM-DD, UTC.
        day: { type: 'string(10)' },
        // One of the two.
        user_id: { ...to('core_user'), nullable: true },
        domain_id: { ...to('admin_domain'), nullable: true },
        name,
        used: { type: 'bigint' },
        max_value,
      },
      unique: [
        ['user_id', 'name', 'day'],
        ['domain_id', 'name', 'day'],
      ],
      indexes: [['day']],
    }),
  ],
  down: (ddl) =>
    [
      'limits_sample',
      'limits_domainplan',
      'limits_userplan',
      'limits_planlimit',
      'limits_plan',
      'limits_domainobjectlimit',
      'limits_userobjectlimit',
    ].flatMap((table) => ddl.dropTable(table)),
});
