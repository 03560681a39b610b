import { type Actor, messages } from '@posthorn/sdk';
import type { Context } from 'koa';
import { TooManyAttempts } from '../../access/sessions/too-many-attempts.js';
import { visiting } from '../../access/sessions/visit.js';
import { tokenActor } from '../../access/tokens/token-actor.js';
import type { RateState } from '../../access/tokens/token-check.js';
import type { Kernel } from '../../kernel.js';
import type { Client } from '../client.js';
import { guestActor } from '../guest.js';
import { HttpError } from '../http-error.js';
import { isSameOrigin } from '../same-origin.js';
import { Visitor } from '../visitor.js';

const t = messages('host');
const CHALLENGE = 'Bearer realm="posthorn"';
/** RFC 6750, and the word that clients of the reference use. */
const HEADER = /^(?:Bearer|Token) +([\x21-\x7e]+)$/i;

/** Who calls the API: by a token, by the session of a browser, or nobody. */
export class Caller {
  private constructor(
    readonly actor: Actor,
    private readonly visitor: Visitor | undefined,
    /** What the token is confined to, as it was said. */
    readonly scopes: readonly string[] = [],
  ) {}

  /** A request that brings a token is judged by it alone, whatever cookies come along. Throws 401 for a wrong one. */
  static async of(ctx: Context, kernel: Kernel): Promise<Caller> {
    const header = ctx.req.headers.authorization;
    if (header === undefined) return Caller.#ofSession(ctx, kernel);
    const token = HEADER.exec(header.trim())?.[1];
    const { address } = ctx.state.client as Client;
    const found = token === undefined ? null : await kernel.tokenCheck.find(token, address);
    if (found === null) {
      throw new HttpError(401, t('This token opens nothing: it is wrong, has expired or was ended.'), {
        'WWW-Authenticate': `${CHALLENGE}, error="invalid_token"`,
      });
    }
    const rate = await kernel.tokenCheck.countUse(found.token);
    if (rate !== undefined) sayRate(ctx, rate);
    const actor = await tokenActor(kernel, found.account, found.token, 'api');
    return new Caller(actor, undefined, found.token.scopes?.said);
  }

  static async #ofSession(ctx: Context, kernel: Kernel): Promise<Caller> {
    if (ctx.req.headers.cookie === undefined) return new Caller(guestActor, undefined);
    const visitor = await Visitor.of(ctx, kernel);
    const { account } = visitor;
    if (account === undefined) return new Caller(guestActor, undefined);
    return new Caller(await kernel.accounts.actor(account, 'api'), visitor);
  }

  get isSignedIn(): boolean {
    return this.actor !== guestActor;
  }

  /** A browser sends its cookies whoever makes it call: what changes something needs the token of a page of ours. */
  requireOwnPage(ctx: Context): void {
    if (this.visitor === undefined) return;
    const isOurs = isSameOrigin(ctx.req.headers, ctx.state.client as Client);
    if (isOurs && this.visitor.isFormToken(ctx.get('X-CSRF-Token'))) return;
    throw new HttpError(403, t('A call that changes something needs X-CSRF-Token with a session, or a token.'));
  }

  /** Does the work in the caller's session, and writes what becomes of that into the answer. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { visitor } = this;
    if (visitor === undefined) return work();
    try {
      return await visiting.run(visitor.visit, work);
    } finally {
      visitor.writeCookies();
    }
  }
}

/** draft-ietf-httpapi-ratelimit-headers. */
function sayRate(ctx: Context, { count, seconds, left, resetSeconds, isOver }: RateState): void {
  const headers = {
    'RateLimit-Policy': `"token";q=${count};w=${seconds}`,
    RateLimit: `"token";r=${left};t=${resetSeconds}`,
  };
  ctx.set(headers);
  if (isOver) throw new TooManyAttempts(resetSeconds);
}

export const signInFirst = (): HttpError =>
  new HttpError(401, t('Sign in, or send a token.'), { 'WWW-Authenticate': CHALLENGE });
