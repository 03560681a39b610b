/**
 * Who may do what to which object: asked by every service method, and nowhere else. A permission says what kind of thing
 * an actor may do at all, the scope to which objects. What is not allowed here is denied.
 */
import { ACCOUNT_KIND, type Actor, type ExtensionContext, messages, type Text } from '@posthorn/sdk';
import { DOMAIN_KIND, SIMPLE_USERS } from '../contract/names.js';
import { problem } from '../problems.js';
import { ACTIONS, type ActionName } from './actions.js';
import type { PermissionName } from './permissions.js';
import { type AccountFacts, lowerRoles, type Scope, scopeOf } from './scope.js';

const t = messages('admin');

/** One thing that a decision looked at. */
export interface Reason {
  readonly kind: 'everything' | 'permission' | 'self' | 'rank' | 'domain' | 'maker' | 'rule' | 'guard';
  /** Whether it speaks for the actor. */
  readonly holds: boolean;
  readonly text: Text;
  /** What the access rows were asked for. */
  readonly about?: { readonly kind: string; readonly id: number };
}
/** Hears what a decision looks at while it is made: whoever explains one makes it. */
export type Hears = (reason: Reason) => void;

export class Policy {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Refuses unless the actor holds every one of the permissions. */
  require(actor: Actor, ...permissions: readonly PermissionName[]): void {
    const missing = missingOf(actor, permissions);
    if (missing !== undefined) throw problem('E_ADMIN_FORBIDDEN', { permission: missing });
  }

  /** Whether the actor holds what the action needs, whatever it is done to. */
  holds(actor: Actor, action: ActionName): boolean {
    return missingOf(actor, ACTIONS[action].permissions) === undefined;
  }

  /** Refuses unless the actor holds what the action needs. */
  enter(actor: Actor, action: ActionName, hears?: Hears): void {
    for (const permission of ACTIONS[action].permissions) {
      const holds = actor.can(permission);
      const { role } = actor;
      hears?.({
        kind: 'permission',
        holds,
        text: actor.confined
          ? left(holds, permission)
          : holds
            ? t('The role {{role}} gives the permission {{permission}}.', { role, permission })
            : t('The role {{role}} does not give the permission {{permission}}.', { role, permission }),
      });
    }
    this.require(actor, ...ACTIONS[action].permissions);
  }

  /** One's own account needs no permission to be seen. */
  enterOwnOr(actor: Actor, account: Pick<AccountFacts, 'id'>, hears?: Hears): void {
    if (account.id !== actor.id) this.enter(actor, 'account.show', hears);
  }

  /** Refuses unless the actor may give this role to somebody. */
  requireRole(actor: Actor, role: string, hears?: Hears): void {
    if (actor.isSuperuser) {
      hears?.(EVERYTHING);
      return;
    }
    const isLower = lowerRoles(this.#context, actor).includes(role);
    hears?.(rank(isLower, role));
    const isLeft = actor.confined?.roles.has(role) ?? true;
    if (!isLower || !isLeft) throw problem('E_ADMIN_ROLE_FORBIDDEN', { role }, { field: 'role' });
  }

  /** Whoever gives an account a password, a role or a domain gets its rights: a token must have them all itself. */
  requireLeft({ id, confined }: Actor, account: Pick<AccountFacts, 'id' | 'role'>): void {
    if (confined === undefined) return;
    if (account.id === id || !confined.roles.has(account.role)) throw problem('E_ADMIN_CONFINED');
  }

  /** Refuses what is in no domain to a token that is for some of them. */
  requireUnranged({ confined }: Actor): void {
    if (confined?.within(DOMAIN_KIND) !== undefined) throw problem('E_ADMIN_CONFINED');
  }

  /** Refuses what nobody may do to himself. */
  requireNotSelf(actor: Actor, account: Pick<AccountFacts, 'id'>, action: 'account.delete' | 'account.disable'): void {
    if (account.id !== actor.id) return;
    if (action === 'account.delete') throw problem('E_ADMIN_OWN_DELETE');
    throw problem('E_ADMIN_OWN_DISABLE', {}, { field: 'is_active' });
  }

  /** One per operation: its rows are read once. */
  scope(actor: Actor): Promise<Scope> {
    return scopeOf(this.#context, actor);
  }

  canSeeDomain(scope: Scope, domainId: number, hears?: Hears): boolean {
    if (scope.isAll) {
      hears?.(EVERYTHING);
      return true;
    }
    const holds = scope.domains.has(domainId);
    hears?.({
      kind: 'domain',
      holds,
      text: holds
        ? t('The domain is within reach.')
        : scope.isConfined
          ? t('The domain is out of the reach of the token.')
          : t('Neither this account nor one that belongs to it administers the domain.'),
      about: { kind: DOMAIN_KIND, id: domainId },
    });
    return holds;
  }

  canManageDomain(scope: Scope, domainId: number, hears?: Hears): boolean {
    return this.canSeeDomain(scope, domainId, hears);
  }

  canSeeAccount(scope: Scope, account: AccountFacts, hears?: Hears): Promise<boolean> {
    return this.canManageAccount(scope, account, hears);
  }

  /**
   * Oneself, and accounts of lower rank: by the domain of their mailbox; by having made them where there is no mailbox,
   * or where they administer and so belong to whoever made them.
   */
  async canManageAccount(scope: Scope, account: AccountFacts, hears?: Hears): Promise<boolean> {
    if (scope.isAll && !scope.isConfined) {
      hears?.(EVERYTHING);
      return true;
    }
    if (account.id === scope.accountId) {
      hears?.({ kind: 'self', holds: true, text: t('This is the account itself.') });
      return true;
    }
    const isLower = scope.lowerRoles.includes(account.role);
    hears?.(rank(isLower, account.role));
    if (!isLower || scope.isAll) return isLower;
    if (account.domainId !== null && this.canSeeDomain(scope, account.domainId, hears)) return true;
    if (account.domainId !== null && account.role === SIMPLE_USERS) return false;
    const isMade = (await scope.accounts()).has(account.id);
    hears?.({
      kind: 'maker',
      holds: isMade,
      text: isMade
        ? t('The account belongs to this one, or to one that belongs to it.')
        : t('The account does not belong to this one, nor to one that belongs to it.'),
      about: { kind: ACCOUNT_KIND, id: account.id },
    });
    return isMade;
  }

  /** By the alias's domain. Those without one belong to domain aliases and are the system's. */
  canSeeAlias(scope: Scope, alias: { readonly domainId: number | null }, hears?: Hears): boolean {
    if (alias.domainId !== null) return this.canSeeDomain(scope, alias.domainId, hears);
    hears?.(scope.isAll ? EVERYTHING : { kind: 'domain', holds: false, text: t('The alias belongs to no domain.') });
    return scope.isAll;
  }

  /**
   * Where the address is also somebody's mailbox, the alias decides where that person's mail goes: then the account must
   * be the actor's to manage as well.
   */
  async canManageAlias(
    scope: Scope,
    alias: { readonly domainId: number | null; readonly owner: AccountFacts | null },
    hears?: Hears,
  ): Promise<boolean> {
    if (!this.canSeeAlias(scope, alias, hears)) return false;
    return alias.owner === null || (await this.canManageAccount(scope, alias.owner, hears));
  }
}

const missingOf = (actor: Actor, permissions: readonly PermissionName[]): PermissionName | undefined =>
  permissions.find((permission) => !actor.can(permission));

const EVERYTHING: Reason = {
  kind: 'everything',
  holds: true,
  text: t('Super administrators reach everything.'),
};

const left = (holds: boolean, permission: string): Text =>
  holds
    ? t('The token leaves the permission {{permission}}.', { permission })
    : t('The token does not leave the permission {{permission}}.', { permission });

const rank = (holds: boolean, role: string): Reason => ({
  kind: 'rank',
  holds,
  text: holds
    ? t('The role {{role}} ranks below the role of this account.', { role })
    : t('The role {{role}} does not rank below the role of this account.', { role }),
});
