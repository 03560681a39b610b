import type { Actor } from '../actor.js';
import { hook } from '../hook.js';
import type { Problem } from '../problem.js';
import { service } from '../service.js';
import type { Account } from './account.js';

/** What a new account is made of. Names are those of the API. @public @since 1.0.0 */
export interface NewAccount {
  /** What is typed to sign in; unique, kept in lower case. */
  readonly username: string;
  /** The name of a role below the actor's own. */
  readonly role: string;
  /** False where another system holds the password; then none is given. Default true. */
  readonly is_local?: boolean;
  /** Clear text, checked by the policy. Exactly one of `password` and `passwordHash` is given. */
  readonly password?: string;
  /** `{SCHEME}value` of a known scheme, taken over as it is (imports). */
  readonly passwordHash?: string;
  /** Default empty. */
  readonly email?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  /** Default true. Who is not active cannot sign in. */
  readonly is_active?: boolean;
  readonly master_user?: boolean;
  /** A language tag such as `en`. */
  readonly language?: string;
  readonly phone_number?: string | null;
  readonly secondary_email?: string | null;
}

/** What `Accounts.update` may change: only what is present is written. @public @since 1.0.0 */
export type AccountChange = Partial<Omit<NewAccount, 'is_local'>>;

/**
 * The kernel's accounts: who can sign in, with which role. Mutations run inside the caller's `data.write`, check that the
 * actor's rank allows them, and call the hooks below. Extensions that own objects beside an account build on it.
 * @public @since 1.0.0
 */
export interface Accounts {
  /**
   * Throws E_FORBIDDEN, E_FORBIDDEN_ROLE, E_USERNAME, E_ACCOUNT_TAKEN, E_PASSWORD_REQUIRED, what guards refuse with and
   * what the password policy says.
   */
  create(actor: Actor, input: NewAccount): Promise<Account>;
  /**
   * Makes many at the price of a few statements. Answers for each, in order, with the account or with why it was not
   * made: wrong input, or a name that is taken. What guards refuse all of them with is thrown, and so is what the
   * database refuses because somebody else was faster; then none is made.
   */
  createMany(actor: Actor, inputs: readonly NewAccount[]): Promise<readonly (Account | Problem)[]>;
  /** Only what is present changes. A new password ends up hashed by the current scheme. */
  update(actor: Actor, account: Account, change: AccountChange): Promise<Account>;
  /**
   * The same change to many at the price of a few statements. Answers for each, in order, with the account or with why
   * it was not changed. That no super administrator would be left is thrown, and none is changed. An empty change only
   * raises the signal.
   */
  updateMany(
    actor: Actor,
    ids: readonly number[],
    change: Pick<AccountChange, 'is_active'>,
  ): Promise<readonly (Account | Problem)[]>;
  /**
   * With its grants; what it owned goes to its own owner, where it has one. Throws E_ACCOUNT_SELF, E_ACCOUNT_LAST,
   * E_FORBIDDEN, E_FORBIDDEN_ACCOUNT and what `accountsLeaving` refuses with.
   */
  remove(actor: Actor, account: Account): Promise<void>;
  /**
   * Removes many at the price of a few statements. Answers for each, in order, with undefined or with why it is still
   * there. What refuses some of them together (a guard, the last super administrator) is thrown, and none is removed.
   */
  removeMany(actor: Actor, ids: readonly number[]): Promise<readonly (Problem | undefined)[]>;
  /** By `core_user.id`; null where there is none. */
  findById(id: number): Promise<Account | null>;
  /** By the name as it is typed, in whatever case; null where there is none. */
  findByUsername(username: string): Promise<Account | null>;
  /**
   * Checks a password that is kept here, without telling whether the account exists; does the same work either way. An
   * account whose password another system holds is told from no other.
   */
  verify(username: string, password: string): Promise<Account | null>;
  /** The actor that acts as this account. */
  actor(account: Account, door: Actor['door']): Promise<Actor>;
  /** Hashes outside any transaction, so that a slow hash never holds the database. */
  hash(password: string, context?: { readonly username?: string }): Promise<string>;
  /** A password that nobody has seen, as long as the parameter says; the policy takes it. */
  randomPassword(): Promise<string>;
}
/** The accounts of the installation. Provided by the kernel. @public @since 1.0.0 */
export const accounts = service<Accounts>('host.accounts@1');

/**
 * Object scope: who owns and who reaches an object of some kind (`host.account`, or one an extension names).
 * @public @since 1.0.0
 */
export interface Access {
  /** Gives an account access to an object; `owner` also makes it the owner. Superusers need no row. */
  grant(accountId: number, kind: string, objectId: number, o?: { readonly owner?: boolean }): Promise<void>;
  /** Takes away what `grant` gave; nothing happens where there is none. */
  revoke(accountId: number, kind: string, objectId: number): Promise<void>;
  /** Removes every row about an object that is going away. */
  forget(kind: string, objectId: number): Promise<void>;
  /** Ids of the objects of this kind that the account has a row for, and through accounts it owns (at any depth). */
  reachable(accountId: number, kind: string): Promise<ReadonlySet<number>>;
  /** The same for the accounts of a page, in one statement; those that reach nothing are not in it. */
  reachableByEach(accountIds: readonly number[], kind: string): Promise<ReadonlyMap<number, ReadonlySet<number>>>;
  /** What the account has a row for itself. */
  held(
    accountId: number,
  ): Promise<readonly { readonly kind: string; readonly objectId: number; readonly isOwner: boolean }[]>;
  /**
   * Who gets what these accounts own when they go together: the nearest owner above each who stays. Without one, only
   * super administrators reach it.
   */
  heirs(accountIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Accounts with a row for the object. */
  holders(
    kind: string,
    objectId: number,
  ): Promise<readonly { readonly accountId: number; readonly isOwner: boolean }[]>;
}
/** Grants and looks up who reaches which object. Provided by the kernel. @public @since 1.0.0 */
export const access = service<Access>('host.access@1');

/** The kind under which `Access` keeps accounts themselves. @public @since 1.0.0 */
export const ACCOUNT_KIND = 'host.account';

/** Events are ordered per account. @public @since 1.0.0 */
export interface AccountEvent {
  /** Who did it; the id is null for the system and the operator. */
  readonly actor: { readonly id: number | null; readonly username: string };
  /** As it was when the event was raised. */
  readonly account: { readonly id: number; readonly username: string; readonly role: string };
}

/**
 * May `count` accounts of this role be made? Asked inside the transaction, before the first is made. Also asked where
 * somebody only wants to know.
 * @public @since 1.0.0
 */
export const mayCreateAccount = hook.guard<{ readonly actor: Actor; readonly role: string; readonly count: number }>(
  'host.may-create-account@1',
);
/**
 * May this account get this role? `account` is null while it is being made, and where somebody only wants to know.
 * @public @since 1.0.0
 */
export const maySetRole = hook.guard<{
  readonly actor: Actor;
  readonly role: string;
  readonly account: Account | null;
}>('host.may-set-role@1');
const subject = ({ account }: AccountEvent): string => `${ACCOUNT_KIND}/${account.id}`;
/** An account was made. What hangs on it can be made now; its own row is committed. @public @since 1.0.0 */
export const accountCreated = hook.signal<AccountEvent>('host.account-created@1', { subject });
/** An account was changed in any way, its password included. @public @since 1.0.0 */
export const accountChanged = hook.signal<AccountEvent>('host.account-changed@1', { subject });
/** An account is gone, with its row. The event says who it was. @public @since 1.0.0 */
export const accountDeleted = hook.signal<AccountEvent>('host.account-deleted@1', { subject });
/** An account has another role; `from` is the one before. Raised beside `accountChanged`. @public @since 1.0.0 */
export const accountRoleChanged = hook.signal<AccountEvent & { readonly from: string }>('host.account-role-changed@1', {
  subject,
});
/** After the new hash is stored. The clear password is not part of the event. @public @since 1.0.0 */
export const passwordChanged = hook.signal<AccountEvent>('host.password-changed@1', { subject });
/**
 * A password was given in clear, for a new account (`isNew`) or another one for an account that is there; then
 * `passwordChanged` is raised too. Hashes that are taken over raise none. The event is encrypted where it waits: keep and
 * log no password.
 *
 * @public
 * @since 1.0.0
 */
export const passwordGiven = hook.signal<AccountEvent & { readonly password: string; readonly isNew: boolean }>(
  'host.password-given@1',
  { subject, isSecret: true },
);
/**
 * May this account get another password from this actor? Asked inside the transaction that stores it, whichever way it
 * comes in; and before somebody's own page offers to change it, where the reason stands in the place of the form.
 *
 * @public
 * @since 1.0.0
 */
export const mayChangePassword = hook.guard<{ readonly actor: Actor; readonly account: AccountEvent['account'] }>(
  'host.may-change-password@1',
);
/**
 * Inside the transaction that deletes accounts, before their rows go: clean up what hangs on them, or refuse. Many come
 * together; whoever needs a fixed number of statements for all of them keeps the deletion of many as cheap as it is. A
 * refusal is for all of them; they are then asked about one by one. A guard, because an account must not go while
 * something of it stays behind.
 * @public @since 1.0.0
 */
export const accountsLeaving = hook.guard<{ readonly actor: Actor; readonly accounts: readonly Account[] }>(
  'host.accounts-leaving@1',
);
