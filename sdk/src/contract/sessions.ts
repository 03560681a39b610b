import type { Actor } from '../actor.js';
import { service } from '../service.js';

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
