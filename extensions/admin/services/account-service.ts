import { type Actor, accounts, type ExtensionContext, isProblem, Problem } from '@posthorn/sdk';
import type {
  AccountFilter,
  AccountUpdate,
  AccountView,
  Key,
  MadeAccount,
  Mailboxes,
  NewAccountInput,
  RemoveOptions,
  SharedAccountChange,
} from '../contract.js';
import { Policy } from '../policy/policy.js';
import { problem } from '../problems.js';
import { AccountCreation } from './account-creation.js';
import { AccountFinder } from './account-finder.js';
import { checkAccountInput, requireMasterRole } from './account-input.js';
import { ACCOUNT_ORDERS, AccountReader } from './account-reader.js';
import { AccountUpdating } from './account-updating.js';
import { DomainFinder } from './domain-finder.js';
import { ManyAccounts } from './many-accounts.js';
import { requirePage } from './pages.js';

/** Accounts with their mailboxes: the rules behind every door. */
export class AccountService implements Mailboxes {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;
  readonly #domains: DomainFinder;
  readonly #finder: AccountFinder;
  readonly #reader: AccountReader;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
    this.#domains = new DomainFinder(context);
    this.#finder = new AccountFinder(context);
    this.#reader = new AccountReader(context);
  }

  list(actor: Actor, filter: AccountFilter = {}): AsyncIterable<AccountView> {
    this.#policy.enter(actor, 'account.list');
    requirePage(filter, ACCOUNT_ORDERS);
    return this.#reader.list(
      () => this.#policy.scope(actor),
      async (scope) => (filter.domain === undefined ? undefined : this.#domains.reach(scope, filter.domain)),
      filter,
    );
  }

  /** One's own account needs no permission. */
  async show(actor: Actor, key: Key): Promise<AccountView> {
    const account = await this.#reader.reach(await this.#policy.scope(actor), key);
    this.#policy.enterOwnOr(actor, { id: account.pk });
    return account;
  }

  async create(actor: Actor, input: NewAccountInput): Promise<AccountView> {
    const [made] = await this.createMany(actor, [input]);
    if (made === undefined || isProblem(made)) throw made;
    return this.#reader.one(await this.#policy.scope(actor), made.pk);
  }

  createMany(actor: Actor, inputs: readonly NewAccountInput[]): Promise<readonly (MadeAccount | Problem)[]> {
    return new AccountCreation(this.#context).run(actor, inputs);
  }

  async update(actor: Actor, key: Key, change: AccountUpdate): Promise<AccountView> {
    this.#policy.enter(actor, 'account.update');
    checkAccountInput(change);
    const scope = await this.#policy.scope(actor);
    const account = await this.#finder.reach(scope, key);
    this.#policy.requireLeft(actor, account);
    const role = change.role ?? account.role;
    if (role !== account.role) {
      if (account.id === actor.id) throw problem('E_ADMIN_ROLE_FORBIDDEN', { role }, { field: 'role' });
      this.#policy.requireRole(actor, role);
    }
    requireMasterRole(change.master_user, role);
    if (change.is_active === false) this.#policy.requireNotSelf(actor, account, 'account.disable');
    await new AccountUpdating(this.#context).run(actor, scope, account, change);
    return this.#reader.one(scope, account.id);
  }

  async changePassword(actor: Actor, key: Key, present: string, wanted: string): Promise<void> {
    this.#policy.enter(actor, 'account.update');
    const account = await this.#finder.reach(await this.#policy.scope(actor), key);
    if ((await this.#context.get(accounts).verify(account.username, present)) === null) {
      throw problem('E_ADMIN_PASSWORD_WRONG', {}, { field: 'password' });
    }
    try {
      await this.update(actor, account.id, { password: wanted });
    } catch (error) {
      throw isProblem(error) && error.kind === 'invalid' ? ofField(error, 'new_password') : error;
    }
  }

  updateMany(
    actor: Actor,
    pks: readonly number[],
    change: SharedAccountChange,
  ): Promise<readonly (Problem | undefined)[]> {
    return new ManyAccounts(this.#context).update(actor, pks, change);
  }

  async remove(actor: Actor, key: Key, options: RemoveOptions = {}): Promise<void> {
    this.#policy.enter(actor, 'account.delete');
    const { id } = await this.#finder.reach(await this.#policy.scope(actor), key);
    const [wrong] = await this.removeMany(actor, [id], options);
    if (wrong !== undefined) throw wrong;
  }

  removeMany(
    actor: Actor,
    pks: readonly number[],
    options: RemoveOptions = {},
  ): Promise<readonly (Problem | undefined)[]> {
    return new ManyAccounts(this.#context).remove(actor, pks, options);
  }
}

/** The same complaints about another field. */
const ofField = ({ code, kind, text, hint, issues }: Problem, path: string): Problem =>
  new Problem(code, kind, text, hint, { issues: issues.map(({ message }) => ({ path, message })) });
