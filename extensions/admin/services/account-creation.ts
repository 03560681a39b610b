import { type Actor, accounts, type ExtensionContext, isProblem, type Problem } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import type { MailboxInput, NewAccountInput } from '../contract/inputs.js';
import { SIMPLE_USERS } from '../contract/names.js';
import type { MadeAccount } from '../contract/views.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AccountExtras } from './account-extras.js';
import {
  checkAccountInput,
  parseMailboxAddress,
  parseUsername,
  profileOf,
  requireMasterRole,
  requireSameAddress,
} from './account-input.js';
import { DomainAdmins } from './domain-admins.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { each } from './each.js';
import { MailboxCreation, mailboxTaken } from './mailbox-creation.js';
import { orTaken } from './taken.js';

/** What the input says by itself. */
interface Wish {
  readonly input: NewAccountInput;
  readonly role: string;
  readonly username: string;
  readonly mailbox: { readonly input: MailboxInput; readonly address: Address } | undefined;
}

/** An account that can be made, as far as can be told without locks. */
interface Draft extends Omit<Wish, 'mailbox'> {
  readonly mailbox: { readonly input: MailboxInput; readonly address: Address; readonly domainId: number } | undefined;
  readonly administered: readonly DomainFacts[];
  readonly extras: Awaited<ReturnType<AccountExtras['parse']>>;
  readonly passwordHash: string;
}

/** Makes accounts with their mailboxes. */
export class AccountCreation {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;
  readonly #domains: DomainFinder;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
    this.#domains = new DomainFinder(context);
  }

  /**
   * Any number of accounts at the price of a few statements. What is wrong with one stands in its place; what refuses
   * some of them together is thrown, and none is made.
   */
  async run(actor: Actor, inputs: readonly NewAccountInput[]): Promise<readonly (MadeAccount | Problem)[]> {
    this.#policy.require(actor, 'core.add_user');
    const wishes = await each(inputs, (input) => this.#read(actor, input));
    const scope = await this.#policy.scope(actor);
    const names = wishes.flatMap((wish) => (isProblem(wish) ? [] : (wish.mailbox?.address.domain ?? [])));
    const domains = await this.#domains.findMany(names);
    const drafts = await each(wishes, (wish) => this.#draft(actor, scope, domains, wish));
    const make = () => this.#context.data.write(() => this.#make(actor, drafts));
    const [only, ...more] = drafts;
    // Of many the database does not say which it refuses.
    return only === undefined || isProblem(only) || more.length > 0 ? make() : orTaken(make, () => taken(only));
  }

  #read(actor: Actor, input: NewAccountInput): Wish {
    checkAccountInput(input);
    const role = input.role ?? SIMPLE_USERS;
    this.#policy.requireRole(actor, role);
    requireMasterRole(input.master_user, role);
    const username = parseUsername(input.username ?? '', role);
    const mailbox = input.mailbox === undefined && role === SIMPLE_USERS ? {} : (input.mailbox ?? undefined);
    if (mailbox === undefined) return { input, role, username, mailbox };
    this.#policy.enter(actor, 'account.create');
    return { input, role, username, mailbox: { input: mailbox, address: parseMailboxAddress(mailbox, username) } };
  }

  async #draft(
    actor: Actor,
    scope: Scope,
    domains: ReadonlyMap<string, DomainFacts>,
    { input, role, username, mailbox: wanted }: Wish,
  ): Promise<Draft> {
    const mailbox = wanted === undefined ? undefined : this.#place(scope, domains, wanted);
    const name = mailbox !== undefined && username === wanted?.address.address ? mailbox.address.address : username;
    if (mailbox === undefined) await this.#requireOwnName(actor, scope, name);
    else requireSameAddress(role, name, mailbox.address);
    const administered =
      input.domains === undefined ? [] : await new DomainAdmins(this.#context).parse(actor, scope, input.domains);
    const extras = await new AccountExtras(this.#context).parse(actor, scope, input, mailbox !== undefined);
    // A slow hash must not hold the database, so it is made before the transaction begins.
    const passwordHash =
      input.passwordHash ?? (await this.#context.get(accounts).hash(input.password ?? '', { username: name }));
    return { input, role, username: name, mailbox, administered, extras, passwordHash };
  }

  #place(
    scope: Scope,
    domains: ReadonlyMap<string, DomainFacts>,
    { input, address }: NonNullable<Wish['mailbox']>,
  ): NonNullable<Draft['mailbox']> {
    const { id, name } = this.#domains.usable(scope, domains.get(address.domain), address.domain, 'domain');
    // It may have been written in its ASCII form.
    return { input, address: { ...address, domain: name, address: `${address.local}@${name}` }, domainId: id };
  }

  async #make(actor: Actor, drafts: readonly (Draft | Problem)[]): Promise<readonly (MadeAccount | Problem)[]> {
    const good = drafts.flatMap((draft) => (isProblem(draft) ? [] : [draft]));
    const locked = await this.#domains.lockMany(new Set(good.flatMap(({ mailbox }) => mailbox?.domainId ?? [])));
    const places = good.flatMap((draft) => {
      const domain = locked.get(draft.mailbox?.domainId ?? 0);
      return draft.mailbox === undefined || domain === undefined ? [] : [{ ...draft.mailbox, draft, domain }];
    });
    const creation = new MailboxCreation(this.#context);
    const quotas = await creation.prepare(actor, places);
    const made = await this.#context.get(accounts).createMany(
      actor,
      good.map(({ input, username, role, passwordHash, mailbox }) => ({
        ...profileOf(input),
        username,
        role,
        passwordHash,
        email: mailbox?.address.address ?? '',
      })),
    );
    const outcome = new Map(good.map((draft, i) => [draft, made[i] as (typeof made)[number]]));
    const mailboxes = places.flatMap(({ draft, domain, address, input }, i) => {
      const account = outcome.get(draft);
      const quota = quotas[i];
      return account === undefined || isProblem(account) || quota === undefined
        ? []
        : [{ draft, domain, address, account, quota, refusesMail: input.refuses_mail === true }];
    });
    const ids = await creation.create(actor, mailboxes);
    for (const [i, { draft, address }] of mailboxes.entries())
      await new AccountExtras(this.#context).add(actor, ids[i] as number, address.address, draft.extras);
    for (const [draft, account] of outcome)
      if (!isProblem(account)) await new DomainAdmins(this.#context).give(actor, account, draft.administered);
    return drafts.map((draft) => {
      if (isProblem(draft)) return draft;
      const account = outcome.get(draft) as (typeof made)[number];
      return isProblem(account) ? account : { pk: account.id, username: account.username };
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
}

const taken = ({ mailbox, username }: Draft): Problem =>
  mailbox === undefined
    ? problem('E_ADMIN_ACCOUNT_TAKEN', { username }, { field: 'username' })
    : mailboxTaken(mailbox.address.address);
