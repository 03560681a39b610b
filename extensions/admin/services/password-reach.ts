import { access, type ExtensionContext } from '@posthorn/sdk';
import { DOMAIN_KIND, SIMPLE_USERS } from '../contract/names.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import type { AccountRow } from './account-finder.js';

/** Whoever sets an administrator's password can sign in as him, and so must reach everything that he reaches. */
export async function requireWholeReach(
  context: ExtensionContext,
  scope: Scope,
  { id, role, username }: AccountRow,
): Promise<void> {
  if (scope.isAll || id === scope.accountId || role === SIMPLE_USERS) return;
  const theirs = await context.get(access).reachable(id, DOMAIN_KIND);
  if ([...theirs].every((domain) => scope.domains.has(domain))) return;
  throw problem('E_ADMIN_REACHES_FURTHER', { username }, { field: 'password' });
}
