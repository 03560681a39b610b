import type { Dialect } from '@posthorn/sdk';
import { SIMPLE_USERS } from '../contract/names.js';
import type { Scope } from '../policy/scope.js';
import { type Fragment, fragment, idIn, textIn } from './sql.js';

/**
 * A join that leaves the accounts `u` that the actor may see: `Policy.canManageAccount` in SQL, for every list. A joined
 * table of ids, because the databases make a list of it first and then look up those accounts, however many others
 * there are.
 */
export async function accountsInScope(dialect: Dialect, scope: Scope): Promise<Fragment> {
  if (scope.isAll && !scope.isConfined) return fragment('');
  const role = textIn('u.role', scope.lowerRoles);
  if (scope.isAll) {
    return {
      sql: `inner join (select u.id from core_user u where ${role.sql}) reached on reached.id = u.id`,
      params: role.params,
    };
  }
  const domains = idIn(dialect, 'm.domain_id', scope.domains);
  const made = idIn(dialect, 'u.id', await scope.accounts());
  return {
    sql: `inner join (
      select u.id from core_user u where u.id = ?
      union
      select u.id from admin_mailbox m inner join core_user u on u.id = m.user_id where ${domains.sql} and ${role.sql}
      union
      select u.id from core_user u left join admin_mailbox m on m.user_id = u.id
        where ${made.sql} and ${role.sql} and (m.id is null or u.role <> ?)
    ) reached on reached.id = u.id`,
    params: [scope.accountId ?? 0, ...domains.params, ...role.params, ...made.params, ...role.params, SIMPLE_USERS],
  };
}
