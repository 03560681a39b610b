import {
  type Account,
  type Actor,
  accounts,
  type ExtensionContext,
  isProblem,
  Problem,
  SUPER_ADMINS,
} from '@posthorn/sdk';
import { SIMPLE_USERS } from '../contract/names.js';
import type {
  AccountFilter,
  AccountUpdate,
  AccountView,
  Key,
  Mailboxes,
  NewAccountInput,
  RemoveOptions,
} from '../contract.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { TrashBin } from '../trash/bin.js';
import { AccountExtras } from './account-extras.js';
import { AccountFinder } from './account-finder.js';
import {
  checkAccountInput,
  parseMailboxAddress,
  parseUsername,
  profileOf,
  requireSameAddress,
} from './account-input.js';
import { AccountReader } from './account-reader.js';
import { AccountUpdating } from './account-updating.js';
import { DomainAdmins } from './domain-admins.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { MailboxCreation, mailboxTaken } from './mailbox-creation.js';
import { MailboxRemoval } from './mailbox-removal.js';
import { requirePage } from './pages.js';
import { orTaken } from './taken.js';

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
    requirePage(filter);
    return this.#reader.list(
      () => this.#policy.scope(actor),
      async (scope) => (filter.domain === undefined ? undefined : this.#domains.reach(scope, filter.domain)),
      filter,
    );
  }

  /** One's own account needs no permission. */
  async show(actor: Actor, key: Key): Promise<AccountView> {
    const scope = await this.#policy.scope(actor);
    const account = await this.#finder.reach(scope, key);
    this.#policy.enterOwnOr(actor, account);
    return this.#reader.one(scope, account.id);
  }

  async create(actor: Actor, input: NewAccountInput): Promise<AccountView> {
    this.#policy.require(actor, 'core.add_user');
    checkAccountInput(input);
    const role = input.role ?? SIMPLE_USERS;
    this.#policy.requireRole(actor, role);
    requireMasterRole(input.master_user, role);
    const username = parseUsername(input.username ?? '', role);
    const mailbox = input.mailbox === undefined && role === SIMPLE_USERS ? {} : (input.mailbox ?? undefined);
    if (mailbox !== undefined) this.#policy.enter(actor, 'account.create');
    const scope = await this.#policy.scope(actor);
    const address = mailbox === undefined ? undefined : parseMailboxAddress(mailbox, username);
    const domain = address === undefined ? undefined : await this.#domains.named(scope, address.domain, 'domain');
    // The domain may have been written in its ASCII form.
    const place =
      address && domain ? { ...address, domain: domain.name, address: `${address.local}@${domain.name}` } : undefined;
    const name = place !== undefined && username === address?.address ? place.address : username;
    if (place !== undefined) requireSameAddress(role, name, place);
    if (domain === undefined) await this.#requireOwnName(actor, scope, name);
    const administered =
      input.domains === undefined ? [] : await new DomainAdmins(this.#context).parse(actor, scope, input.domains);
    const extras = await new AccountExtras(this.#context).parse(actor, scope, input, place !== undefined);
    // A slow hash must not hold the database, so it is made before the transaction begins.
    const passwordHash = input.passwordHash ?? (await this.#hash(input.password, name));
    const id = await orTaken(
      () =>
        this.#context.data.write(async () => {
          const locked = domain === undefined ? undefined : await this.#domains.lock(domain.id);
          const creation = new MailboxCreation(this.#context);
          const quota = locked && place && mailbox ? await creation.prepare(actor, locked, place, mailbox) : undefined;
          const account: Account = await this.#context.get(accounts).create(actor, {
            ...profileOf(input),
            username: name,
            role,
            passwordHash,
            email: place?.address ?? '',
          });
          if (locked && place && quota) {
            const mailboxId = await creation.create(actor, account, locked, place, quota, mailbox?.refuses_mail);
            await new AccountExtras(this.#context).add(actor, mailboxId, place.address, extras);
          }
          await new DomainAdmins(this.#context).give(actor, account, administered);
          return account.id;
        }),
      () =>
        place === undefined
          ? problem('E_ADMIN_ACCOUNT_TAKEN', { username: name }, { field: 'username' })
          : mailboxTaken(place.address),
    );
    return this.#reader.one(scope, id);
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

  async remove(actor: Actor, key: Key, options: RemoveOptions = {}): Promise<void> {
    this.#policy.enter(actor, 'account.delete');
    const scope = await this.#policy.scope(actor);
    const account = await this.#finder.reach(scope, key);
    this.#policy.requireNotSelf(actor, account, 'account.delete');
    this.#policy.requireLeft(actor, account);
    await this.#context.data.write(async () => {
      const kernel = this.#context.get(accounts);
      const row = await kernel.findById(account.id);
      if (row === null) return;
      const { id, username: name, role, domainId } = account;
      await new TrashBin(this.#context).collect(
        actor,
        { kind: 'account', id, name, role, domainId },
        options,
        async () => {
          if (account.mailbox !== null) {
            await new MailboxRemoval(this.#context).run(actor, account, account.mailbox, options);
          }
          await kernel.remove(actor, row);
        },
      );
    });
  }

  /** An account without a mailbox must not take the name of an address in somebody else's domain. */
  async #requireOwnName(actor: Actor, scope: Scope, username: string): Promise<void> {
    this.#policy.requireUnranged(actor);
    if (scope.isAll) return;
    const at = username.lastIndexOf('@');
    const domain: DomainFacts | undefined = at === -1 ? undefined : await this.#domains.find(username.slice(at + 1));
    const isOwn = domain === undefined ? actor.can('admin.add_domain') : this.#policy.canManageDomain(scope, domain.id);
    if (!isOwn) throw problem('E_ADMIN_OUT_OF_REACH', { name: username.slice(at + 1) }, { field: 'username' });
  }

  async #hash(password: string | undefined, username: string): Promise<string> {
    return this.#context.get(accounts).hash(password ?? '', { username });
  }
}

/** The same complaints about another field. */
const ofField = ({ code, kind, text, hint, issues }: Problem, path: string): Problem =>
  new Problem(code, kind, text, hint, { issues: issues.map(({ message }) => ({ path, message })) });

/** Somebody who may open everybody's mailbox. */
function requireMasterRole(isMaster: boolean | undefined, role: string): void {
  if (isMaster === true && role !== SUPER_ADMINS) throw problem('E_ADMIN_MASTER_USER', {}, { field: 'master_user' });
}
