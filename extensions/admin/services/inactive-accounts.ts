/** Accounts that nobody has signed in to for long, on the pages or, by Dovecot's script, to read mail. */
import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { SIMPLE_USERS } from '../contract/names.js';
import { Policy } from '../policy/policy.js';
import { accountsInScope } from './account-scope.js';
import { asMoment, asNumber, asText, type Fragment, fragment } from './sql.js';

const DAY_MS = 86_400_000;

export interface InactiveAccount {
  readonly pk: number;
  readonly username: string;
  readonly role: string;
  /** ISO 8601 */
  readonly last_login: string;
}

export const inactiveSince = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY_MS);

/**
 * Active accounts `u` whose last sign-in was before then. Those that were never used are left out: there is nothing to
 * say when they were given up. Super administrators are nobody's to clean up.
 */
export const inactiveCondition = (before: Date): Fragment =>
  fragment('u.last_login < ? and u.is_active = ? and u.is_superuser = ?', before, true, false);

/** In the order of their ids, at most `limit` after one. */
export async function inactiveAccounts(
  context: ExtensionContext,
  actor: Actor,
  o: { readonly before: Date; readonly isAnyRole: boolean; readonly after: number; readonly limit: number },
): Promise<readonly InactiveAccount[]> {
  const policy = new Policy(context);
  policy.require(actor, 'admin.view_mailboxes');
  const reached = await accountsInScope(context.data.dialect, await policy.scope(actor));
  const where = inactiveCondition(o.before);
  const role = o.isAnyRole ? fragment('1 = 1') : fragment('u.role = ?', SIMPLE_USERS);
  const rows = await context.data.execute(
    `select u.id, u.username, u.role, u.last_login from core_user u ${reached.sql}
     where u.id > ? and ${where.sql} and ${role.sql} order by u.id limit ${o.limit}`,
    [...reached.params, o.after, ...where.params, ...role.params],
  );
  return rows.map((row) => ({
    pk: asNumber(row.id),
    username: asText(row.username),
    role: asText(row.role),
    last_login: asMoment(row.last_login),
  }));
}
