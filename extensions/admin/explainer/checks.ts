import { type Actor, type ExtensionContext, isProblem, mayCreateAccount, maySetRole } from '@posthorn/sdk';
import { type DomainRef, mayCreate, type ObjectKind } from '../contract/hooks.js';
import { SIMPLE_USERS } from '../contract/names.js';
import type { ActionName } from '../policy/actions.js';
import { type Hears, Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { AliasFinder } from '../services/alias-finder.js';
import { requireManageableInside, requireNotOwn } from '../services/domain-removal.js';
import { requireWholeReach } from '../services/password-reach.js';
import type { FoundObject } from './objects.js';

const CREATED: Partial<Record<ActionName, ObjectKind>> = {
  'domain.create': 'domain',
  'domain.administrators': 'domain-admin',
  'domainalias.create': 'domain-alias',
  'account.create': 'mailbox',
  'alias.create': 'alias',
  'senderaddress.create': 'sender-address',
};

/** Decides about one action by what the services ask, and lets everything be heard, also after a refusal. */
export class Checks {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(
    context: ExtensionContext,
    private readonly actor: Actor,
    private readonly scope: Scope,
    private readonly hears: Hears,
  ) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  async run(action: ActionName, object: FoundObject): Promise<boolean> {
    const answers = [
      await this.#attempt(undefined, async () => this.#enter(action, object)),
      await this.#attempt(undefined, () => this.#reach(action, object)),
      await this.#attempt('rule', () => this.#rules(action, object)),
    ];
    // Extensions are asked where nothing else refuses, as in the services.
    if (answers.includes(false)) return false;
    return this.#attempt('guard', () => this.#guards(action, object));
  }

  /** What a decision does not say itself, its refusal says. */
  async #attempt(kind: 'rule' | 'guard' | undefined, decide: () => Promise<boolean | void>): Promise<boolean> {
    try {
      return (await decide()) !== false;
    } catch (error) {
      if (!isProblem(error)) throw error;
      if (kind !== undefined) {
        this.hears({ kind, holds: false, text: error.text });
        if (error.hint !== undefined) this.hears({ kind, holds: false, text: error.hint });
      }
      return false;
    }
  }

  #enter(action: ActionName, object: FoundObject): void {
    if (action === 'account.show' && object.kind === 'account') {
      this.#policy.enterOwnOr(this.actor, object.account, this.hears);
    } else this.#policy.enter(this.actor, action, this.hears);
  }

  async #reach(action: ActionName, object: FoundObject): Promise<boolean | void> {
    const { scope, hears } = this;
    switch (object.kind) {
      case 'none':
        return true;
      case 'domain':
        return this.#policy.canManageDomain(scope, object.domain.id, hears);
      case 'domain-alias':
        return this.#policy.canSeeDomain(scope, object.target, hears);
      case 'account':
      case 'sender-address':
        return this.#policy.canManageAccount(scope, object.account, hears);
      case 'alias':
        if (action === 'alias.show') return this.#policy.canSeeAlias(scope, object.alias, hears);
        return this.#attempt(object.alias.internal ? 'rule' : undefined, () =>
          new AliasFinder(this.#context).requireChangeable(scope, object.alias, hears),
        );
      case 'role':
        return this.#policy.requireRole(this.actor, object.name, hears);
    }
  }

  async #rules(action: ActionName, object: FoundObject): Promise<void> {
    if (object.kind === 'account' && (action === 'account.delete' || action === 'account.disable')) {
      this.#policy.requireNotSelf(this.actor, object.account, action);
    }
    if (object.kind === 'account' && action === 'account.password') {
      await requireWholeReach(this.#context, this.scope, object.account);
    }
    if (object.kind === 'domain' && action === 'domain.delete') {
      await requireNotOwn(this.#context, this.actor, object.domain);
      await requireManageableInside(this.#context, this.scope, object.domain);
    }
  }

  /** They are used to the transaction of what is being made, in which they may lock what they count. */
  async #guards(action: ActionName, object: FoundObject): Promise<void> {
    const { actor } = this;
    const context = this.#context;
    const kind = CREATED[action];
    const role = action === 'role.give' ? object.name : action === 'account.create' ? SIMPLE_USERS : undefined;
    const isAsked =
      (kind !== undefined && context.isUsed(mayCreate)) ||
      (role !== undefined && (context.isUsed(maySetRole) || context.isUsed(mayCreateAccount)));
    if (!isAsked) return;
    await context.data.write(async () => {
      if (action === 'account.create') await context.call(mayCreateAccount, { actor, role: SIMPLE_USERS, count: 1 });
      if (role !== undefined) await context.call(maySetRole, { actor, role, account: null });
      if (kind === undefined) return;
      const domain = domainOf(object);
      await context.call(mayCreate, { actor, kind, count: 1, ...(domain === undefined ? {} : { domain }) });
    });
  }
}

function domainOf(object: FoundObject): DomainRef | undefined {
  if (object.kind === 'domain') return { pk: object.domain.id, name: object.domain.name };
  const mailbox = object.kind === 'account' ? object.account.mailbox : null;
  return mailbox === null ? undefined : { pk: mailbox.domain_id, name: mailbox.domain_name };
}
