import { listFilter, messages } from '@posthorn/sdk';
import { accountFilters } from '../contract/lists.js';
import { adminParameters } from '../contract/parameters.js';
import { inactiveCondition, inactiveSince } from '../services/inactive-accounts.js';

const t = messages('admin');

const CHOICES = [90, 180, 365, 730];
const days = (count: number) => t({ one: '{{count}} day', other: '{{count}} days' }, { count });

/** Accounts by how long nobody has signed in to them. */
export const inactiveFilter = listFilter(accountFilters, {
  id: 'inactive',
  label: t('Inactive for'),
  permission: 'admin.view_mailboxes',
  async choices({ context }) {
    const p = await context.parameters(adminParameters);
    if (!p.enable_inactive_accounts) return [];
    return [...new Set([p.inactive_account_threshold, ...CHOICES])]
      .toSorted((a, b) => a - b)
      .map((count) => ({ value: String(count), label: days(count) }));
  },
  narrow(value, { kind, column, context }) {
    const count = Number(value);
    if (kind !== 'account' || !Number.isSafeInteger(count) || count < 1) return undefined;
    const inactive = inactiveCondition(inactiveSince(context.now(), count));
    return { sql: `${column} in (select u.id from core_user u where ${inactive.sql})`, params: inactive.params };
  },
});
