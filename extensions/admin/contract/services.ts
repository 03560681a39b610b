/**
 * The services behind every door. Each method takes the actor first, refuses what the actor may not do, and answers with
 * views. Objects outside the actor's reach are not found. Lists stream; they are refused before the first row.
 */
import { type Actor, type ApiToken, type Problem, service } from '@posthorn/sdk';
import type { ExplainedAction, Explanation, ExplanationQuestion } from './explanation.js';
import type {
  AccountFilter,
  AccountUpdate,
  AliasChange,
  AliasFilter,
  DomainAliasChange,
  DomainAliasFilter,
  DomainChange,
  DomainFilter,
  Key,
  NewAccountInput,
  NewAlias,
  NewDomain,
  NewDomainAlias,
  NewSenderAddress,
  RemoveOptions,
  SenderAddressChange,
  SenderAddressFilter,
  SharedAccountChange,
} from './inputs.js';
import type { Resolution } from './resolution.js';
import type { Restored, TrashFilter, TrashKind, TrashView } from './trash.js';
import type { AccountView, AliasView, DomainAliasView, DomainView, MadeAccount, SenderAddressView } from './views.js';

export interface Domains {
  /** By name. */
  list(actor: Actor, filter?: DomainFilter): AsyncIterable<DomainView>;
  show(actor: Actor, key: Key): Promise<DomainView>;
  create(actor: Actor, input: NewDomain): Promise<DomainView>;
  update(actor: Actor, key: Key, change: DomainChange): Promise<DomainView>;
  /** Accounts stay, without their mailboxes, unless the parameter `auto_account_removal` says otherwise. */
  remove(actor: Actor, key: Key, options?: RemoveOptions): Promise<void>;
  /** Lets an account administer the domain. */
  addAdmin(actor: Actor, key: Key, account: Key): Promise<void>;
  removeAdmin(actor: Actor, key: Key, account: Key): Promise<void>;
}
export const domains = service<Domains>('admin.domains@1');

export interface DomainAliases {
  /** By name. */
  list(actor: Actor, filter?: DomainAliasFilter): AsyncIterable<DomainAliasView>;
  show(actor: Actor, key: Key): Promise<DomainAliasView>;
  create(actor: Actor, input: NewDomainAlias): Promise<DomainAliasView>;
  update(actor: Actor, key: Key, change: DomainAliasChange): Promise<DomainAliasView>;
  remove(actor: Actor, key: Key): Promise<void>;
}
export const domainAliases = service<DomainAliases>('admin.domain-aliases@1');

/** Accounts with their mailboxes. The key is the account's `pk` or username. */
export interface Mailboxes {
  /** By username. */
  list(actor: Actor, filter?: AccountFilter): AsyncIterable<AccountView>;
  show(actor: Actor, key: Key): Promise<AccountView>;
  create(actor: Actor, input: NewAccountInput): Promise<AccountView>;
  /**
   * Makes many at the price of a few statements. Answers for each, in order, with the account or with why it was not
   * made. What some of them are refused for together (a guard, a quota that is used up) is thrown, and none is made: ask
   * for fewer, or for one after the other.
   */
  createMany(actor: Actor, inputs: readonly NewAccountInput[]): Promise<readonly (MadeAccount | Problem)[]>;
  update(actor: Actor, key: Key, change: AccountUpdate): Promise<AccountView>;
  /** Another password by whoever knows the present one. */
  changePassword(actor: Actor, key: Key, present: string, wanted: string): Promise<void>;
  /**
   * The same change to many, by their `pk`, at the price of a few statements. Answers for each, in order: a problem says
   * that nothing was changed there. What some of them are refused for together is thrown, and none is changed.
   */
  updateMany(
    actor: Actor,
    pks: readonly number[],
    change: SharedAccountChange,
  ): Promise<readonly (Problem | undefined)[]>;
  remove(actor: Actor, key: Key, options?: RemoveOptions): Promise<void>;
  /** Removes many in the same way; each comes back by itself. */
  removeMany(actor: Actor, pks: readonly number[], options?: RemoveOptions): Promise<readonly (Problem | undefined)[]>;
}
export const mailboxes = service<Mailboxes>('admin.mailboxes@1');

/** The key is the alias's `pk` or address; internal aliases are seen but never changed. */
export interface Aliases {
  /** By address. */
  list(actor: Actor, filter?: AliasFilter): AsyncIterable<AliasView>;
  show(actor: Actor, key: Key): Promise<AliasView>;
  create(actor: Actor, input: NewAlias): Promise<AliasView>;
  update(actor: Actor, key: Key, change: AliasChange): Promise<AliasView>;
  /** Switches many on or off, by their `pk`, at the price of a few statements; answers as those of `Mailboxes` do. */
  updateMany(
    actor: Actor,
    pks: readonly number[],
    change: { readonly enabled: boolean },
  ): Promise<readonly (Problem | undefined)[]>;
  remove(actor: Actor, key: Key): Promise<void>;
  removeMany(actor: Actor, pks: readonly number[]): Promise<readonly (Problem | undefined)[]>;
}
export const aliases = service<Aliases>('admin.aliases@1');

/** Where the mail for one's own mailbox goes instead, or as well. No recipients: nothing is forwarded. */
export interface Forwarding {
  /** Without the mailbox's own address. Sorted. */
  readonly recipients: readonly string[];
  /** A copy stays in the mailbox. */
  readonly keeps_copy: boolean;
}

/** Everybody's own forward: the alias at the address of one's own mailbox. It needs no permission. */
export interface Forwards {
  show(actor: Actor): Promise<Forwarding>;
  set(actor: Actor, forwarding: Forwarding): Promise<Forwarding>;
}
export const forwards = service<Forwards>('admin.forwards@1');

/** The key is the sender address's `pk`. */
export interface SenderAddresses {
  /** In order of creation. */
  list(actor: Actor, filter?: SenderAddressFilter): AsyncIterable<SenderAddressView>;
  show(actor: Actor, pk: number): Promise<SenderAddressView>;
  create(actor: Actor, input: NewSenderAddress): Promise<SenderAddressView>;
  update(actor: Actor, pk: number, change: SenderAddressChange): Promise<SenderAddressView>;
  remove(actor: Actor, pk: number): Promise<void>;
}
export const senderAddresses = service<SenderAddresses>('admin.sender-addresses@1');

/** What was deleted, for the days that the parameter `trash_days` says. Who could delete a thing may bring it back. */
export interface Trash {
  /** The latest first. */
  list(actor: Actor, filter?: TrashFilter): AsyncIterable<TrashView>;
  show(actor: Actor, pk: number): Promise<TrashView>;
  /** The latest deletion that the actor made of this thing in the last minutes, for a button to undo it. */
  latest(actor: Actor, kind: TrashKind, objectId: number): Promise<TrashView | undefined>;
  /** Brings everything back that is not taken meanwhile. Refused, with the reason, where that is the thing itself. */
  restore(actor: Actor, pk: number): Promise<Restored>;
  /** Removes it for good, with its directories where Posthorn handles them. */
  purge(actor: Actor, pk: number): Promise<void>;
  /** Purges whatever has been there long enough; the number of entries. */
  purgeDue(signal?: AbortSignal): Promise<number>;
}
export const trash = service<Trash>('admin.trash@1');

/** Where mail for an address goes. */
export interface Resolutions {
  /**
   * What becomes of mail that comes from outside for this address, or for any other of a domain (`@domain`). Refused
   * where the address belongs to somebody else's domain; of recipients there, nothing but the address is said.
   */
  resolve(actor: Actor, address: string): Promise<Resolution>;
}
export const resolutions = service<Resolutions>('admin.resolutions@1');

/** Who may do what, and why. */
export interface Explanations {
  /** What can be asked for. */
  actions(): readonly ExplainedAction[];
  /**
   * What the services would answer this account, and what they look at. The account and the object must be the actor's to
   * see; a token is asked about by whoever manages tokens. Further input may be refused for reasons of its own.
   */
  explain(actor: Actor, question: ExplanationQuestion): Promise<Explanation>;
  /** The tokens that the actor may ask about. */
  tokens(actor: Actor, account: Key): Promise<readonly ApiToken[]>;
  /** What the account may do without regard to an object: one answer for each action, by permission alone. */
  overview(actor: Actor, account: Key): Promise<readonly (ExplainedAction & { readonly isAllowed: boolean })[]>;
}
export const explanations = service<Explanations>('admin.explanations@1');
