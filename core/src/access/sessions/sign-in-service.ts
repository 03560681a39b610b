import type { Account, Data } from '@posthorn/sdk';
import { UtcTimestamp } from '@posthorn/sdk';
import { problem } from '../../errors.js';
import type { Authenticator } from '../authentication/authenticator.js';
import type { OpenedSession } from './session.js';
import type { SessionStore } from './session-store.js';
import type { SignInLog } from './sign-in-log.js';
import type { SignInThrottle } from './sign-in-throttle.js';
import { currentVisit } from './visit.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type SignInResult =
  | { readonly outcome: 'success'; readonly account: Account }
  | { readonly outcome: 'failure' }
  /** Too many failures; try again in so many seconds. */
  | { readonly outcome: 'throttled'; readonly wait: number };

export interface SignInParts {
  readonly data: Data;
  readonly authenticator: Authenticator;
  readonly sessions: SessionStore;
  readonly throttle: SignInThrottle;
  readonly log: SignInLog;
  readonly now: () => Date;
}

/**
 * Passwords that are checked or wait to be, in one process: seconds of work. Whoever comes then is told to come again,
 * instead of waiting behind all of them.
 */
const SIGN_INS_MOST = 64;

/** Signing in and out of the browser behind the present request. */
export class SignInService {
  #underWay = 0;

  constructor(private readonly parts: SignInParts) {}

  /**
   * An unknown name, a wrong password and a disabled account answer alike. Throws a `temporary` problem where a backend
   * is away, and a `refused` one where a guard keeps out somebody who has proved who he is.
   */
  async signIn(given: Credentials, o: { readonly isRemembered: boolean }): Promise<SignInResult> {
    const visit = currentVisit();
    const checked = await this.#check(given);
    if (checked.outcome !== 'success') return checked;
    const { account } = checked;
    await this.#requireWelcome(account);
    // Whatever the browser came with ends here: a session that somebody planted never becomes his.
    if (visit.session !== undefined) await this.parts.sessions.end(visit.session.id, 'replaced');
    const opened = await this.parts.sessions.open({
      accountId: account.id,
      username: account.username,
      role: account.role,
      isRemembered: o.isRemembered,
      address: visit.address,
      userAgent: visit.userAgent,
    });
    give(opened);
    await this.#noteLastLogin(account.id);
    await this.parts.log.note({ outcome: 'success', username: account.username, address: visit.address });
    return checked;
  }

  async signOut(username: string): Promise<void> {
    const visit = currentVisit();
    if (visit.session === undefined) return;
    await this.parts.sessions.end(visit.session.id, 'signed-out');
    visit.session = undefined;
    visit.outcome = 'ended';
    await this.parts.log.note({ outcome: 'sign-out', username, address: visit.address });
  }

  /** Checks the password of somebody who is signed in, as slowly as a sign-in. */
  async prove(account: Account, password: string): Promise<SignInResult> {
    const checked = await this.#check({ username: account.username, password });
    return checked.outcome === 'success' && checked.account.id !== account.id ? { outcome: 'failure' } : checked;
  }

  /** Gives the present session another id. */
  async renew(role: string, o: { readonly isProved: boolean }): Promise<void> {
    const { session } = currentVisit();
    if (session !== undefined) give(await this.parts.sessions.renew(session, { role, isProved: o.isProved }));
  }

  /** Throws a `refused` problem. */
  async #requireWelcome(account: Account): Promise<void> {
    const { address } = currentVisit();
    try {
      await this.parts.authenticator.requireWelcome(account, address, 'page');
    } catch (error) {
      await this.parts.log.note({ outcome: 'failure', username: account.username, address, isRefused: true });
      throw error;
    }
  }

  /** Throws E_SIGN_INS_BUSY. */
  async #check(given: Credentials): Promise<SignInResult> {
    if (this.#underWay >= SIGN_INS_MOST) throw problem('E_SIGN_INS_BUSY');
    this.#underWay += 1;
    try {
      return await this.#verify(given);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #verify({ username, password }: Credentials): Promise<SignInResult> {
    const { address } = currentVisit();
    const attempt = await this.parts.throttle.begin(username, address);
    if (attempt.wait > 0) {
      await this.parts.log.note({ outcome: 'throttled', username, address });
      return { outcome: 'throttled', wait: attempt.wait };
    }
    let account: Account | null = null;
    let isRight: boolean | undefined;
    try {
      account = await this.parts.authenticator.authenticate({ username, password, address });
      isRight = account !== null;
    } finally {
      // A database or a backend that was away is nobody's wrong guess; the place is given back all the same.
      await attempt.end(isRight);
    }
    if (account !== null) return { outcome: 'success', account };
    await this.parts.log.note({ outcome: 'failure', username, address });
    return { outcome: 'failure' };
  }

  async #noteLastLogin(id: number): Promise<void> {
    const type = new UtcTimestamp();
    const platform = { constructor: { name: this.parts.data.dialect === 'postgresql' ? 'PostgreSql' : 'Other' } };
    await this.parts.data.execute('update core_user set last_login = ? where id = ?', [
      type.convertToDatabaseValue(this.parts.now(), platform),
      id,
    ]);
  }
}

function give(opened: OpenedSession): void {
  const visit = currentVisit();
  visit.session = opened.session;
  visit.outcome = opened;
}
