import {
  type Account,
  type AccountChange,
  type Actor,
  accounts,
  type ExtensionContext,
  SUPER_ADMINS,
} from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import type { AccountUpdate, MailboxInput } from '../contract/inputs.js';
import { SIMPLE_USERS } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import type { AccountRow } from './account-finder.js';
import { parseMailboxAddress, parseUsername, profileOf, requireSameAddress } from './account-input.js';
import { DomainAdmins } from './domain-admins.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { MailboxChange } from './mailbox-change.js';
import { MailboxCreation, mailboxTaken } from './mailbox-creation.js';
import { MailboxRemoval } from './mailbox-removal.js';
import { settleRoleChange } from './ownership.js';
import { requireWholeReach } from './password-reach.js';
import { type MailboxQuota, wantedQuota } from './quota-pool.js';
import { orTaken } from './taken.js';

/** What the account and its mailbox are called afterwards. */
interface Plan {
  readonly username: string;
  /** Undefined where there is no mailbox afterwards. */
  readonly address: Address | undefined;
  readonly domain: DomainFacts | undefined;
}

/** Changes an account and its mailbox together: nobody who reads in between sees half of it. */
export class AccountUpdating {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  async run(actor: Actor, scope: Scope, before: AccountRow, change: AccountUpdate): Promise<void> {
    const role = change.role ?? before.role;
    const plan = await this.#plan(actor, scope, before, role, change);
    this.#requireOwnPool(scope, before, plan, change);
    if (change.password !== undefined || change.passwordHash !== undefined) {
      await requireWholeReach(this.#context, scope, before);
    }
    const domains =
      change.domains === undefined
        ? undefined
        : await new DomainAdmins(this.#context).parse(actor, scope, change.domains);
    const { create_alias_on_mbox_rename: keepsByDefault } = await this.#context.parameters(adminParameters);
    const kernel = this.#context.get(accounts);
    const passwordHash =
      change.passwordHash ??
      (change.password === undefined ? undefined : await kernel.hash(change.password, { username: plan.username }));
    await orTaken(
      () =>
        this.#context.data.write(async () => {
          const domain =
            plan.domain === undefined ? undefined : await new DomainFinder(this.#context).lock(plan.domain.id);
          const quota = await this.#roomForNew(actor, before, plan, domain, change);
          const account = (await kernel.findById(before.id)) as Account;
          const own: AccountChange = {
            ...profileOf(change),
            ...(role === before.role ? {} : { role }),
            ...(before.master_user && role !== SUPER_ADMINS ? { master_user: false } : {}),
            ...(plan.username === before.username ? {} : { username: plan.username }),
            ...(passwordHash === undefined ? {} : { passwordHash }),
            ...(before.mailbox === null && plan.address === undefined ? {} : { email: plan.address?.address ?? '' }),
          };
          const changed = await kernel.update(actor, account, own);
          if (role !== before.role) await settleRoleChange(this.#context, before.id, role);
          await this.#mailbox(
            actor,
            before,
            changed,
            plan,
            domain,
            change,
            quota,
            change.create_alias_with_old_address ?? keepsByDefault,
          );
          if (domains !== undefined)
            await new DomainAdmins(this.#context).replace(actor, scope, { ...before, role }, domains);
        }),
      () => mailboxTaken(plan.address?.address ?? plan.username),
    );
  }

  /**
   * Where the username was the mailbox's address, they go on being the same: whoever renames the one renames the other.
   * Both given say otherwise, which only administrators may.
   */
  async #plan(actor: Actor, scope: Scope, before: AccountRow, role: string, change: AccountUpdate): Promise<Plan> {
    const input = change.mailbox;
    const current = before.mailbox;
    const given = change.username === undefined ? undefined : parseUsername(change.username, role);
    const wasSame = current !== null && before.username === current.full_address;
    if (input === null || (current === null && input === undefined)) {
      if (current !== null) this.#policy.require(actor, 'admin.delete_mailbox');
      return { username: given ?? before.username, address: undefined, domain: undefined };
    }
    const follows = (wasSame || role === SIMPLE_USERS) && given !== undefined ? given : undefined;
    const base = follows ?? current?.full_address ?? given ?? before.username;
    const parsed = parseMailboxAddress({ ...input, full_address: input?.full_address ?? base }, base);
    const isMoved = current === null || parsed.address !== current.full_address;
    const domain = await this.#domain(scope, parsed, isMoved, current?.domain_id);
    const address = { ...parsed, domain: domain.name, address: `${parsed.local}@${domain.name}` };
    const named = given === undefined || given === parsed.address ? address.address : given;
    const username = given === undefined && !wasSame && role !== SIMPLE_USERS ? before.username : named;
    requireSameAddress(role, username, address);
    if (current === null) this.#policy.require(actor, 'admin.add_mailbox');
    else if (isMoved || input !== undefined) this.#policy.require(actor, 'admin.change_mailbox');
    return { username, address, domain };
  }

  /** A mailbox stays where it is even if its domain is out of the actor's reach; it is not moved to such a domain. */
  async #domain(scope: Scope, address: Address, isMoved: boolean, currentId: number | undefined): Promise<DomainFacts> {
    const finder = new DomainFinder(this.#context);
    if (isMoved || currentId === undefined) return finder.named(scope, address.domain, 'domain');
    const current = await finder.find(currentId);
    if (current === undefined) throw problem('E_ADMIN_DOMAIN_UNKNOWN', { name: address.domain }, { field: 'domain' });
    return current;
  }

  /** Whoever does not reach the domain, also for his own mailbox, takes nothing out of its quota. */
  #requireOwnPool(scope: Scope, { mailbox }: AccountRow, { domain }: Plan, change: AccountUpdate): void {
    if (mailbox === null || domain === undefined || !change.mailbox) return;
    if (this.#policy.canManageDomain(scope, domain.id)) return;
    const wanted = wantedQuota(change.mailbox, domain, mailbox);
    if (wanted.quota === mailbox.quota && wanted.use_domain_quota === mailbox.use_domain_quota) return;
    throw problem('E_ADMIN_OUT_OF_REACH', { name: domain.name }, { field: 'quota' });
  }

  /** The quota of a mailbox that is about to be made, checked before the account is touched. */
  async #roomForNew(
    actor: Actor,
    before: AccountRow,
    plan: Plan,
    domain: DomainFacts | undefined,
    change: AccountUpdate,
  ) {
    if (before.mailbox !== null || plan.address === undefined || domain === undefined) return undefined;
    const place = { domain, address: plan.address, input: change.mailbox ?? {} };
    return (await new MailboxCreation(this.#context).prepare(actor, [place]))[0];
  }

  async #mailbox(
    actor: Actor,
    before: AccountRow,
    account: Account,
    plan: Plan,
    domain: DomainFacts | undefined,
    change: AccountUpdate,
    quota: MailboxQuota | undefined,
    keepsAlias: boolean,
  ): Promise<void> {
    const { mailbox } = before;
    if (plan.address === undefined || domain === undefined) {
      if (mailbox !== null) await new MailboxRemoval(this.#context).run(actor, [{ account: before, mailbox }], {});
      return;
    }
    if (mailbox === null) {
      if (quota !== undefined)
        await new MailboxCreation(this.#context).create(actor, [
          { account, domain, address: plan.address, quota, refusesMail: change.mailbox?.refuses_mail === true },
        ]);
      return;
    }
    const input: MailboxInput = change.mailbox ?? {};
    const changing = new MailboxChange(this.#context);
    const moves = domain.id !== mailbox.domain_id;
    if (moves || change.mailbox !== undefined) {
      await changing.setQuota(actor, mailbox, domain, wantedQuota(input, domain, mailbox));
    }
    if (input.refuses_mail !== undefined) await changing.setRefusal(mailbox, input.refuses_mail);
    if (plan.address.address !== mailbox.full_address) {
      await changing.rename(actor, before, mailbox, domain, plan.address, keepsAlias);
    }
  }
}
