import { createHash } from 'node:crypto';
import type { Account, Accounts, Data } from '@posthorn/sdk';
import type { Authenticator } from '../authentication/authenticator.js';
import { DatabaseLimiter } from '../sessions/database-limiter.js';
import type { SignInLog } from '../sessions/sign-in-log.js';
import { network } from '../sessions/sign-in-throttle.js';
import { TooManyAttempts } from '../sessions/too-many-attempts.js';
import type { TokenStore } from './token-store.js';
import { isApiToken } from './token-text.js';

const WINDOW_SECONDS = 15 * 60;
/** Wrong tokens of one network within the window until it is told to wait; the number of sign-ins. */
const LIMIT = 50;

export interface TokenCheckParts {
  readonly data: Data;
  readonly store: TokenStore;
  readonly accounts: () => Accounts;
  readonly authenticator: Pick<Authenticator, 'requireWelcome'>;
  readonly log: SignInLog;
}

/** Whose token a request brings. */
export class TokenCheck {
  readonly #failures: DatabaseLimiter;

  constructor(private readonly parts: TokenCheckParts) {
    this.#failures = new DatabaseLimiter(parts.data, {
      keyPrefix: 'token',
      points: LIMIT,
      duration: WINDOW_SECONDS,
    });
  }

  /**
   * Null where nobody may come in with it. Throws `TooManyAttempts` instead for a network that has brought too many wrong
   * ones; a right one is never refused for them, because 238 random bits are not found by guessing. Throws a `refused`
   * problem where a guard keeps its owner out.
   */
  async accountOf(token: string, address: string): Promise<Account | null> {
    const { store, accounts, authenticator, log } = this.parts;
    const found = isApiToken(token) ? await store.find(token) : undefined;
    const account = found === undefined ? null : await accounts().findById(found.accountId);
    if (found !== undefined && account?.is_active === true) {
      await authenticator.requireWelcome(account, address, 'api');
      await store.noteUse(found);
      return account;
    }
    const key = createHash('sha256').update(network(address)).digest('hex').slice(0, 32);
    const failures = await this.#failures.get(key);
    if (failures !== null && failures.consumedPoints >= LIMIT) {
      throw new TooManyAttempts(Math.ceil(failures.msBeforeNext / 1000));
    }
    await this.#failures.penalty(key);
    await log.wrongToken(address);
    return null;
  }
}
