import { createHash } from 'node:crypto';
import type { Data } from '@posthorn/sdk';
import { problem } from '../../errors.js';
import type { Authenticator } from '../authentication/authenticator.js';
import { DatabaseLimiter } from '../sessions/database-limiter.js';
import type { SignInLog } from '../sessions/sign-in-log.js';
import { network } from '../sessions/sign-in-throttle.js';
import { TooManyAttempts } from '../sessions/too-many-attempts.js';
import { isAmong } from './token-scopes.js';
import type { FoundToken, TokenRow, TokenStore } from './token-store.js';
import { isApiToken } from './token-text.js';

const WINDOW_SECONDS = 15 * 60;
/** Wrong tokens of one network within the window until it is told to wait; the number of sign-ins. */
const LIMIT = 50;

export interface TokenCheckParts {
  readonly data: Data;
  readonly store: TokenStore;
  readonly authenticator: Pick<Authenticator, 'requireWelcome'>;
  readonly log: SignInLog;
}

/** What is left of a token's uses, for the time being. */
export interface RateState {
  readonly count: number;
  readonly seconds: number;
  readonly left: number;
  readonly resetSeconds: number;
  readonly isOver: boolean;
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
   * Null where nobody may come in with it; E_TOKEN_PLACE where it may not be used from this address. Throws `TooManyAttempts` instead for a network that has brought too many wrong
   * ones; a right one is never refused for them, because 238 random bits are not found by guessing. Throws a `refused`
   * problem where a guard keeps its owner out.
   */
  async find(token: string, address: string): Promise<FoundToken | null> {
    const { store, authenticator, log } = this.parts;
    const found = isApiToken(token) ? await store.find(token) : undefined;
    if (found !== undefined) {
      await authenticator.requireWelcome(found.account, address, 'api');
      await this.#requirePlace(found.token, address);
      await store.noteUse(found.token);
      return found;
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

  async #requirePlace({ id, prefix, scopes }: TokenRow, address: string): Promise<void> {
    if (scopes?.networks === undefined || isAmong(scopes.networks, address)) return;
    await this.parts.log.wrongToken(address);
    throw problem('E_TOKEN_PLACE', { id, prefix });
  }

  /** Counts one use of a token that may not be used as often as one likes; undefined for others. */
  async countUse({ id, scopes }: TokenRow): Promise<RateState | undefined> {
    if (scopes?.rate === undefined) return undefined;
    const { count, seconds } = scopes.rate;
    const limiter = new DatabaseLimiter(this.parts.data, { keyPrefix: 'token-rate', points: count, duration: seconds });
    const { consumedPoints, msBeforeNext } = await limiter.penalty(`${id}-${count}-${seconds}`);
    const left = Math.max(0, count - consumedPoints);
    return { count, seconds, left, resetSeconds: Math.ceil(msBeforeNext / 1000), isOver: consumedPoints > count };
  }
}
