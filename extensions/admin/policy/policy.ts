/**
 * Who may do what to which object: asked by every service method, and nowhere else. A permission says what kind of thing
 * an actor may do at all, the scope to which objects. What is not allowed here is denied.
 */
import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { SIMPLE_USERS } from '../contract/names.js';
import { problem } from '../problems.js';
import type { PermissionName } from './permissions.js';
import { type AccountFacts, lowerRoles, type Scope, scopeOf } from './scope.js';

export class Policy {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Refuses unless the actor holds every one of the permissions. */
  require(actor: Actor, ...permissions: readonly PermissionName[]): void {
    const missing = permissions.find((permission) => !actor.can(permission));
    if (missing !== undefined) throw problem('E_ADMIN_FORBIDDEN', { permission: missing });
  }

  /** Refuses unless the actor may give this role to somebody. */
  requireRole(actor: Actor, role: string): void {
    if (actor.isSuperuser) return;
    if (!lowerRoles(this.#context, actor).includes(role)) {
      throw problem('E_ADMIN_ROLE_FORBIDDEN', { role }, { field: 'role' });
    }
  }

  /** One per operation: its rows are read once. */
  scope(actor: Actor): Promise<Scope> {
    return scopeOf(this.#context, actor);
  }

  canSeeDomain(scope: Scope, domainId: number): boolean {
    return scope.isAll || scope.domains.has(domainId);
  }

  canManageDomain(scope: Scope, domainId: number): boolean {
    return this.canSeeDomain(scope, domainId);
  }

  canSeeAccount(scope: Scope, account: AccountFacts): Promise<boolean> {
    return this.canManageAccount(scope, account);
  }

  /**
   * Oneself, and accounts of lower rank: by the domain of their mailbox; by having made them where there is no mailbox,
   * or where they administer and so belong to whoever made them.
   */
  async canManageAccount(scope: Scope, account: AccountFacts): Promise<boolean> {
    if (scope.isAll || account.id === scope.accountId) return true;
    if (!scope.lowerRoles.includes(account.role)) return false;
    if (account.domainId !== null && scope.domains.has(account.domainId)) return true;
    if (account.domainId !== null && account.role === SIMPLE_USERS) return false;
    return (await scope.accounts()).has(account.id);
  }

  /** By the alias's domain. Those without one belong to domain aliases and are the system's. */
  canSeeAlias(scope: Scope, alias: { readonly domainId: number | null }): boolean {
    return scope.isAll || (alias.domainId !== null && scope.domains.has(alias.domainId));
  }

  /**
   * Where the address is also somebody's mailbox, the alias decides where that person's mail goes: then the account must
   * be the actor's to manage as well.
   */
  async canManageAlias(
    scope: Scope,
    alias: { readonly domainId: number | null; readonly owner: AccountFacts | null },
  ): Promise<boolean> {
    if (!this.canSeeAlias(scope, alias)) return false;
    return alias.owner === null || (await this.canManageAccount(scope, alias.owner));
  }
}
