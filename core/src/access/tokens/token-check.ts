import { createHash } from 'node:crypto';
import type { Account, Accounts, Data } from '@posthorn/sdk';
import { FailureCounts } from '../sessions/failure-counts.js';
import type { SignInLog } from '../sessions/sign-in-log.js';
import { network } from '../sessions/sign-in-throttle.js';
import { TooManyAttempts } from '../sessions/too-many-attempts.js';
import type { TokenStore } from './token-store.js';
import { isApiToken } from './token-text.js';

const WINDOW_MS = 15 * 60_000;
/** Wrong tokens of one network within the window until it is told to wait; the number of sign-ins. */
const LIMIT = 50;

/** Whose token a request brings. */
export class TokenCheck {
  readonly #failures: FailureCounts;

  constructor(
    data: Data,
    private readonly store: TokenStore,
    private readonly accounts: () => Accounts,
    private readonly log: SignInLog,
  ) {
    this.#failures = new FailureCounts(data, WINDOW_MS);
  }

  /**
   * Null where nobody may come in with it. Throws `TooManyAttempts` instead for a network that has brought too many wrong
   * ones; a right one is never refused for them, because 238 random bits are not found by guessing.
   */
  async accountOf(token: string, address: string): Promise<Account | null> {
    const found = isApiToken(token) ? await this.store.find(token) : undefined;
    const account = found === undefined ? null : await this.accounts().findById(found.accountId);
    if (found !== undefined && account?.is_active === true) {
      await this.store.noteUse(found);
      return account;
    }
    const key = `token:${createHash('sha256').update(network(address)).digest('hex').slice(0, 32)}`;
    const failures = (await this.#failures.of([key])).get(key);
    if (failures !== undefined && failures.count >= LIMIT) throw new TooManyAttempts(Math.ceil(failures.left / 1000));
    await this.#failures.add([key]);
    await this.log.wrongToken(address);
    return null;
  }
}
