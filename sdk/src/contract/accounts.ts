import type { Actor } from '../actor.js';
import { hook } from '../hook.js';
import { service } from '../service.js';
import type { Account } from './account.js';

export interface NewAccount {
  readonly username: string;
  readonly role: string;
  /** False where another system holds the password; then none is given. Default true. */
  readonly is_local?: boolean;
  /** Clear text, checked by the policy. Exactly one of `password` and `passwordHash` is given. */
  readonly password?: string;
  /** `{SCHEME}value` of a known scheme, taken over as it is (imports). */
  readonly passwordHash?: string;
  readonly email?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly is_active?: boolean;
  readonly master_user?: boolean;
  readonly language?: string;
  readonly phone_number?: string | null;
  readonly secondary_email?: string | null;
}

export type AccountChange = Partial<Omit<NewAccount, 'is_local'>>;

/**
 * The kernel's accounts: who can sign in, with which role. Mutations run inside the caller's `data.write`, check that the
 * actor's rank allows them, and call the hooks below. Extensions that own objects beside an account build on it.
 */
export interface Accounts {
  create(actor: Actor, input: NewAccount): Promise<Account>;
  /** Only what is present changes. A new password ends up hashed by the current scheme. */
  update(actor: Actor, account: Account, change: AccountChange): Promise<Account>;
  remove(actor: Actor, account: Account): Promise<void>;
  findById(id: number): Promise<Account | null>;
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
}
export const accounts = service<Accounts>('host.accounts@1');

/** Object scope: who owns and who reaches an object of some kind (`host.account`, or one an extension names). */
export interface Access {
  /** Gives an account access to an object; `owner` also makes it the owner. Superusers need no row. */
  grant(accountId: number, kind: string, objectId: number, o?: { readonly owner?: boolean }): Promise<void>;
  revoke(accountId: number, kind: string, objectId: number): Promise<void>;
  /** Removes every row about an object that is going away. */
  forget(kind: string, objectId: number): Promise<void>;
  /** Ids of the objects of this kind that the account has a row for, and through accounts it owns (at any depth). */
  reachable(accountId: number, kind: string): Promise<ReadonlySet<number>>;
  /** Accounts with a row for the object. */
  holders(
    kind: string,
    objectId: number,
  ): Promise<readonly { readonly accountId: number; readonly isOwner: boolean }[]>;
}
export const access = service<Access>('host.access@1');

export const ACCOUNT_KIND = 'host.account';

/** Events are ordered per account. */
export interface AccountEvent {
  readonly actor: { readonly id: number | null; readonly username: string };
  readonly account: { readonly id: number; readonly username: string; readonly role: string };
}

export const mayCreateAccount = hook.guard<{ readonly actor: Actor; readonly role: string; readonly count: number }>(
  'host.may-create-account@1',
);
export const maySetRole = hook.guard<{
  readonly actor: Actor;
  readonly role: string;
  readonly account: Account | null;
}>('host.may-set-role@1');
const subject = ({ account }: AccountEvent): string => `${ACCOUNT_KIND}/${account.id}`;
export const accountCreated = hook.signal<AccountEvent>('host.account-created@1', { subject });
export const accountChanged = hook.signal<AccountEvent>('host.account-changed@1', { subject });
export const accountDeleted = hook.signal<AccountEvent>('host.account-deleted@1', { subject });
export const accountRoleChanged = hook.signal<AccountEvent & { readonly from: string }>('host.account-role-changed@1', {
  subject,
});
/** After the new hash is stored. The clear password is not part of the event. */
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
 * Inside the transaction that deletes the account, before its row goes: clean up what hangs on it, or refuse. A guard,
 * because an account must not go while something of it stays behind.
 */
export const accountLeaving = hook.guard<{ readonly actor: Actor; readonly account: Account }>(
  'host.account-leaving@1',
);
