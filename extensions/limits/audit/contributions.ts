import { auditedTable, type Contribution, messages, unauditedTable } from '@posthorn/sdk';

const t = messages('limits');

const own = (table: string, column: string, of: string, title: ReturnType<typeof t>): Contribution =>
  auditedTable({
    table,
    kind: table.replace('limits_', '').replace(/limit$/, '-limit'),
    title,
    secrets: [],
    place: (row) => (row[column] === undefined ? undefined : `${of}:${row[column]}`),
  });

export const limitsAudit: readonly Contribution[] = [
  own('limits_userobjectlimit', 'user_id', 'account', t('Limit of an account')),
  own('limits_domainobjectlimit', 'domain_id', 'domain', t('Limit of a domain')),
  own('limits_userplan', 'user_id', 'account', t('Plan of an account')),
  own('limits_domainplan', 'domain_id', 'domain', t('Plan of a domain')),
  auditedTable({ table: 'limits_plan', kind: 'plan', title: t('Plan'), secrets: [], place: () => undefined }),
  own('limits_planlimit', 'plan_id', 'plan', t('Limit of a plan')),
  unauditedTable('limits_sample'),
];
