import type { ExtensionContext } from '../context.js';
import { hook } from '../hook.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';
import type { AccountEvent } from './accounts.js';

/** One sign-in that a backend is asked about. The password must not be kept or logged. @public @since 1.0.0 */
export interface AuthenticationRequest {
  /** As it was typed, apart from Unicode form and case. */
  readonly username: string;
  /** In clear. */
  readonly password: string;
  /** The network address it comes from. */
  readonly address: string;
  /** Aborted when the deadline has passed. */
  readonly signal: AbortSignal;
}

/** Who has given the right password, as the backend calls him. @public @since 1.0.0 */
export interface AuthenticatedUser {
  /** May differ from what was typed: a system that knows several names for one person says the one to use. */
  readonly username: string;
  /** For an account that is made now. Default: the first role of `creates.roles`. */
  readonly role?: string;
  /** For an account that is made now, like those below. */
  readonly email?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly language?: string;
}

/**
 * `unknown`: another backend may know him. `wrong`: he is known here, and this is not his password.
 * @public @since 1.0.0
 */
export type AuthenticationAnswer = AuthenticatedUser | 'unknown' | 'wrong';

/**
 * Another system that knows passwords. It is asked about names that no account has, and about accounts whose password is
 * not kept here; never about any other, so it can neither take over a local account nor lock it out.
 * @public @since 1.0.0
 */
export interface AuthenticationBackend {
  /** Unique within the extension. */
  readonly id: string;
  /** What it is called where it is named. */
  readonly title: Text;
  /** Milliseconds until it counts as away. Default 5,000. */
  readonly timeoutMs?: number;
  /** Whether it is to be asked about this name at all. Must answer at once. */
  when?(username: string): boolean;
  /** Accounts that may be made for people whom only the backend knows. Without it, nobody new comes in. */
  readonly creates?: { readonly roles: readonly [string, ...string[]] };
  /**
   * The first backend whose answer is not `unknown` decides. One that throws, is late or answers something else is away:
   * whoever signs in is asked to try again, and no other is asked in its place.
   */
  authenticate(request: AuthenticationRequest, context: ExtensionContext): Promise<AuthenticationAnswer>;
}

/** The slot of backends, asked in its order. @public @since 1.0.0 */
export const authenticationBackends = slot<AuthenticationBackend>('host.authentication@1');
/** Contributes a backend to the sign-in. A smaller `order` is asked sooner. @public @since 1.0.0 */
export const authenticationBackend = (b: AuthenticationBackend, o: { readonly order?: number } = {}): Contribution =>
  contribute(authenticationBackends, b, o);

/**
 * An account was made because a backend knew somebody, named `<extension>.<id>`. After `accountCreated`.
 * @public @since 1.0.0
 */
export const accountAutoCreated = hook.signal<AccountEvent & { readonly backend: string }>(
  'host.account-auto-created@1',
  { subject: ({ account }) => `host.account/${account.id}` },
);

/**
 * May somebody who has proved who he is come in? The reason is shown to him. For calls with a token it is asked each
 * time.
 * @public @since 1.0.0
 */
export const maySignIn = hook.guard<{
  readonly account: AccountEvent['account'];
  readonly address: string;
  readonly door: 'page' | 'api';
}>('host.may-sign-in@1');
