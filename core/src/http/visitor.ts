import type { Account, Actor } from '@posthorn/sdk';
import type { Context } from 'koa';
import type { Notice } from '../access/sessions/session.js';
import { hashToken, mac, newToken } from '../access/sessions/tokens.js';
import type { Visit } from '../access/sessions/visit.js';
import type { Kernel } from '../kernel.js';
import type { Client } from './client.js';
import { isFormToken, makeFormToken } from './form-token.js';
import { guestActor } from './guest.js';
import { openNotices, sealNotices } from './guest-notices.js';
import { readCookie, writeCookie } from './session-cookie.js';

/** Who is behind a request, and the cookies that carry it. */
export class Visitor {
  #guestSecret = '';
  #guestToken: string | undefined;
  #isGuestTokenNew = false;

  private constructor(
    private readonly ctx: Context,
    private readonly kernel: Kernel,
    private readonly isSecure: boolean,
    readonly visit: Visit,
    readonly account: Account | undefined,
    readonly actor: Actor,
  ) {}

  /** Reads the session behind the request's cookie. Without a cookie the database is not asked. */
  static async of(ctx: Context, kernel: Kernel): Promise<Visitor> {
    const { address, protocol } = ctx.state.client as Client;
    const isSecure = protocol === 'https';
    const visit: Visit = {
      address,
      userAgent: ctx.get('User-Agent'),
      session: undefined,
      outcome: undefined,
    };
    const token = readCookie(ctx.req.headers.cookie, 'session', isSecure);
    const session = token === undefined ? undefined : await kernel.sessions.find(token);
    const account = session === undefined ? null : await kernel.accounts.findById(session.accountId);
    if (session === undefined || account === null) {
      return new Visitor(ctx, kernel, isSecure, visit, undefined, guestActor);
    }
    visit.session = session;
    if (session.role === account.role) await kernel.sessions.touch(session);
    else {
      // Other rights, another id.
      visit.outcome = await kernel.sessions.renew(session, { role: account.role });
      visit.session = visit.outcome.session;
    }
    return new Visitor(ctx, kernel, isSecure, visit, account, await kernel.accounts.actor(account, 'page'));
  }

  /** Must run before the form token of a guest is made or checked. */
  async prepare(): Promise<void> {
    if (this.visit.session !== undefined || this.#guestToken !== undefined) return;
    const given = readCookie(this.ctx.req.headers.cookie, 'guest', this.isSecure);
    this.#guestToken = given ?? newToken();
    this.#isGuestTokenNew = given === undefined;
    this.#guestSecret = mac(await this.kernel.secrets.get('forms'), hashToken(this.#guestToken));
  }

  /** The token for a form on the page that is being made. A guest gets the cookie that goes with it. */
  formToken(): string {
    const { session } = this.visit;
    if (session !== undefined) return makeFormToken(session.formSecret);
    if (this.#isGuestTokenNew && this.#guestToken !== undefined) {
      this.#isGuestTokenNew = false;
      this.ctx.append('Set-Cookie', writeCookie('guest', this.#guestToken, { isSecure: this.isSecure }));
    }
    return makeFormToken(this.#guestSecret);
  }

  isFormToken(given: unknown): boolean {
    const { session } = this.visit;
    if (session !== undefined) return isFormToken(session.formSecret, given);
    // A guest without the cookie cannot have got a token from us.
    return this.#guestToken !== undefined && !this.#isGuestTokenNew && isFormToken(this.#guestSecret, given);
  }

  /** What waits to be said: left in the session, or in the browser by somebody who had none. */
  async waitingNotices(): Promise<readonly Notice[]> {
    const sealed = this.#sealedNotices;
    const fromSession = this.visit.session?.notices ?? [];
    if (sealed === undefined) return fromSession;
    return [...openNotices(await this.kernel.secrets.get('forms'), sealed, Date.now()), ...fromSession];
  }

  /** Keeps notices for the next page. */
  async leaveNotices(added: readonly Notice[]): Promise<void> {
    if (added.length === 0) return;
    const { session } = this.visit;
    if (session !== undefined) return this.kernel.sessions.leaveNotices(session, added);
    const all = [...(await this.waitingNotices()), ...added];
    const sealed = sealNotices(await this.kernel.secrets.get('forms'), all, Date.now());
    this.ctx.append('Set-Cookie', writeCookie('notices', sealed, { isSecure: this.isSecure }));
  }

  /** They have been shown. */
  async forgetNotices(): Promise<void> {
    const { session } = this.visit;
    if (session !== undefined && session.notices.length > 0) await this.kernel.sessions.clearNotices(session);
    if (this.#sealedNotices === undefined) return;
    this.ctx.append('Set-Cookie', writeCookie('notices', '', { isSecure: this.isSecure }));
  }

  get #sealedNotices(): string | undefined {
    return readCookie(this.ctx.req.headers.cookie, 'notices', this.isSecure);
  }

  /** Writes what became of the session into the answer, once. */
  writeCookies(): void {
    const { outcome } = this.visit;
    if (outcome === undefined) return;
    this.visit.outcome = undefined;
    const { isSecure } = this;
    if (outcome === 'ended') {
      this.ctx.append('Set-Cookie', writeCookie('session', '', { isSecure }));
      return;
    }
    const { session, token } = outcome;
    const expires = session.isRemembered ? { expires: new Date(session.expiresAt) } : {};
    this.ctx.append('Set-Cookie', writeCookie('session', token, { isSecure, ...expires }));
  }
}
