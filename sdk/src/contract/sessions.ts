import type { Actor } from '../actor.js';
import { hook } from '../hook.js';
import { service } from '../service.js';
import { ACCOUNT_KIND, type AccountEvent } from './accounts.js';

/** One device that an account is signed in with. @public @since 1.0.0 */
export interface SessionView {
  /** For `end`. */
  readonly id: number;
  /** Browser and system in words, as far as it told: `Firefox, Linux`. */
  readonly device: string;
  /** The network address it came from when it signed in. */
  readonly address: string;
  /** When it signed in. */
  readonly createdAt: Date;
  /** When it was last used, to the minute. */
  readonly seenAt: Date;
  /** Ends after 30 days instead of with the browser. */
  readonly isRemembered: boolean;
}

/**
 * Where accounts are signed in. Whoever may change an account by permission and rank may see and end its sessions;
 * whether it is his to manage is answered by the service that calls, as for `Accounts`. Throws E_FORBIDDEN and
 * E_FORBIDDEN_ACCOUNT.
 * @public @since 1.0.0
 */
export interface Sessions {
  /** Living ones, latest use first. */
  list(actor: Actor, accountId: number): Promise<readonly SessionView[]>;
  /** False where the account has no such session. */
  end(actor: Actor, accountId: number, id: number): Promise<boolean>;
  /** How many there were. */
  endAll(actor: Actor, accountId: number): Promise<number>;
}
/** Where accounts are signed in. Provided by the kernel. @public @since 1.0.0 */
export const sessions = service<Sessions>('host.sessions@1');

/**
 * One browser that somebody is signed in with. Events are ordered per account.
 *
 * @public
 * @since 1.0.0
 */
export interface SessionEvent {
  readonly account: AccountEvent['account'];
  /** `SessionView.id`. */
  readonly session: number;
  /** The network address it came from when it signed in. */
  readonly address: string;
}

/**
 * Why a session is over. `signed-out`: its owner said so in it. `ended`: he, or whoever may change his account, said so
 * elsewhere. `replaced`: the same browser signed in anew. `expired`: nobody used it for long.
 *
 * @public
 * @since 1.0.0
 */
export type SignOutCause =
  | 'signed-out'
  | 'ended'
  | 'replaced'
  | 'password-changed'
  | 'disabled'
  | 'deleted'
  | 'expired';

const subject = ({ account }: SessionEvent): string => `${ACCOUNT_KIND}/${account.id}`;
/**
 * Somebody has signed in with a browser. Calls with a token and command lines that act as an account are no sign-in.
 *
 * @public
 * @since 1.0.0
 */
export const signedIn = hook.signal<SessionEvent>('host.signed-in@1', { subject });
/**
 * A session is over, whichever way: raised once for each that `signedIn` was raised for. `expired` is noticed by the job
 * that forgets it, at most an hour later.
 *
 * @public
 * @since 1.0.0
 */
export const signedOut = hook.signal<SessionEvent & { readonly cause: SignOutCause }>('host.signed-out@1', { subject });
