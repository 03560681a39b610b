import {
  type Issue,
  invalid,
  isProblem,
  messages,
  type PageAnswer,
  type PageRequest,
  type Problem,
} from '@posthorn/sdk';
import type { Context, Middleware } from 'koa';
import { mayEnter } from '../access/entry.js';
import { LOGIN_PATH } from '../access/pages/login-path.js';
import { visiting } from '../access/sessions/visit.js';
import { originOf, withOrigin } from '../audit/origin.js';
import { within } from '../forms/deadline.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { HOST } from '../views/view-engine.js';
import { blaming } from './blaming.js';
import type { Client } from './client.js';
import { readFields, readForm } from './form-body.js';
import { TOKEN_FIELD } from './form-token.js';
import { isFragment } from './fragment.js';
import { HttpError } from './http-error.js';
import { ownPart } from './own-part.js';
import { sendDownload, sendRedirect } from './page-answer.js';
import type { PageMatch, PageRoute } from './page-routes.js';
import { Reader } from './reader.js';
import { writeRevisionCookie } from './revision-cookie.js';
import { routeFor } from './route-table.js';
import { isSameOrigin } from './same-origin.js';
import type { Site } from './site.js';
import type { Visitor } from './visitor.js';

const t = messages('host');

/** Milliseconds that a page's own code may take before its reader is told that it failed. */
export interface PageDeadlines {
  readonly page: number;
  readonly action: number;
}
/** An action may change a thousand rows; a page only reads. */
export const DEADLINES: PageDeadlines = { page: 20_000, action: 120_000 };

export interface DispatcherOptions {
  readonly kernel: () => Kernel | undefined;
  readonly siteOf: (kernel: Kernel) => Site;
  readonly deadlines?: PageDeadlines;
}

/**
 * Answers requests by the pages that extensions contribute. In this order: is there such a page, does what is sent come
 * from a page of ours, may this reader enter, is the input right; then the page's own code.
 */
export function pageDispatcher(o: DispatcherOptions): Middleware {
  return async (ctx, next) => {
    const kernel = o.kernel();
    if (kernel === undefined) {
      throw new HttpError(503, t('This server is starting. Try again in a moment.'), { 'Retry-After': '2' });
    }
    const site = o.siteOf(kernel);
    const match = site.routes.find(ctx.path);
    if (match === undefined) {
      if (ctx.method === 'GET' && !ctx.path.endsWith('/') && site.routes.find(`${ctx.path}/`)?.routes.has('GET')) {
        return sendRedirect(ctx, `${ctx.path}/${ctx.search}`);
      }
      return next();
    }
    const route = routeFor(ctx, match);
    if (route !== undefined) await new PageVisit(ctx, site, match, route, o.deadlines ?? DEADLINES).answer();
  };
}

/** One request to one page. */
class PageVisit {
  readonly #kernel: Kernel;
  readonly #isFragment: boolean;

  constructor(
    private readonly ctx: Context,
    private readonly site: Site,
    private readonly match: PageMatch,
    private readonly route: PageRoute,
    private readonly deadlines: PageDeadlines,
  ) {
    this.#kernel = site.kernel;
    this.#isFragment = isFragment(ctx);
  }

  async answer(): Promise<void> {
    const { ctx } = this;
    ctx.set('Cache-Control', 'no-store');
    ctx.vary('HX-Request, Cookie');
    const isSending = this.route.page.method !== 'GET';
    if (isSending && !isSameOrigin(ctx.req.headers, ctx.state.client as Client)) {
      throw new HttpError(403, t('This form was sent by another site, so it was refused.'));
    }
    const reader = await Reader.of(ctx, this.site);
    const { visitor } = reader;
    const { raised } = this.#kernel.revisionRow;
    try {
      const { from, page } = this.route;
      // Files are large: nobody makes this process hold them who may not send them. A form of ours that a guest sends
      // was opened before he signed out.
      if (Object.keys(page.files).length > 0 && !this.#mayEnter(visitor)) {
        if (visitor.account === undefined) throw outOfDate();
        return this.#keepOut(visitor);
      }
      const sent = isSending ? await readForm(ctx.req, { limit: page.bodyLimit, files: page.files }) : undefined;
      if (sent !== undefined && !visitor.isFormToken(sent.typed[TOKEN_FIELD] ?? ctx.get('X-CSRF-Token'))) {
        throw outOfDate();
      }
      if (!this.#mayEnter(visitor)) return this.#keepOut(visitor);
      const request = reader.request({ from, params: this.match.params, query: page.query, ...sent });
      await withOrigin(originOf(visitor.actor), () =>
        visiting.run(visitor.visit, () => this.#run(reader, request, sent?.issues ?? [])),
      );
    } finally {
      visitor.writeCookies();
      if (this.#kernel.revisionRow.raised !== raised) await this.#expectChange();
    }
  }

  /** The next requests of whoever changed something are answered by processes that know it. */
  async #expectChange(): Promise<void> {
    const isSecure = (this.ctx.state.client as Client).protocol === 'https';
    try {
      const now = await this.#kernel.revisionRow.read();
      this.ctx.append('Set-Cookie', writeRevisionCookie(now, { isSecure }));
    } catch (error) {
      // What was asked for is done all the same.
      this.#kernel.log.warn({ err: error }, 'the new revision could not be told to the browser');
    }
  }

  #mayEnter(visitor: Visitor): boolean {
    return mayEnter(this.route.page.permission, visitor.actor, visitor.account !== undefined);
  }

  /** A guest is asked to sign in, and comes back to where he wanted to go. */
  #keepOut(visitor: Visitor): void {
    const { ctx } = this;
    const { permission } = this.route.page;
    if (visitor.account !== undefined) {
      throw new HttpError(
        403,
        t('Your account may not open this page: it needs the permission {{permission}}.', { permission }),
      );
    }
    const wanted = this.#isFragment ? ownPart(ctx.get('HX-Current-URL')) : `${ctx.path}${ctx.search}`;
    const canReturn = wanted !== undefined && (this.#isFragment || this.route.page.method === 'GET');
    const to = canReturn ? `${LOGIN_PATH}?next=${encodeURIComponent(wanted)}` : LOGIN_PATH;
    if (!this.#isFragment) {
      sendRedirect(ctx, to);
      return;
    }
    // A part of a page must not be replaced by the sign-in page: the whole one goes there.
    ctx.set('HX-Redirect', to);
    ctx.status = 200;
    ctx.body = '';
  }

  async #run(reader: Reader, request: PageRequest, issues: readonly Issue[]): Promise<void> {
    const { ctx, route } = this;
    const { visitor, notices } = reader;
    const { renderer } = this.site;
    const at = { extension: route.from, at: `${route.page.method} ${this.match.path}` };
    const spot = this.#kernel.spots.at(at.extension, at.at);
    const frame = { ...at, request: String(ctx.state.requestId), actor: visitor.actor, spot };
    await blaming(frame, async () => {
      const answer = await this.#ask(request, issues);
      if (answer.kind === 'redirect') {
        sendRedirect(ctx, answer.to);
        await visitor.leaveNotices(notices);
      } else if (answer.kind === 'download') {
        sendDownload(ctx, answer, (error) => this.#kernel.log.error({ ...at, err: error }, 'a download ended early'));
      } else {
        const flash = this.#isFragment ? [...notices] : [...(await visitor.waitingNotices()), ...notices];
        const shown = { answer, from: viewsOf(route.from), frame: await reader.frame(request, flash) };
        ctx.body = this.#isFragment ? renderer.renderFragment(shown) : renderer.renderPage(shown);
        ctx.status = answer.status ?? 200;
        ctx.type = 'text/html';
        if (!this.#isFragment && ctx.method !== 'HEAD') await visitor.forgetNotices();
      }
    });
  }

  /** Runs the page; a problem that a form can show goes to the form. */
  async #ask(request: PageRequest, issues: readonly Issue[]): Promise<PageAnswer> {
    const { page, from } = this.route;
    try {
      if (issues.length > 0) throw invalid(issues);
      const body = page.method === 'GET' ? undefined : readFields(page.body, request.typed, from);
      const ms = page.method === 'GET' ? this.deadlines.page : this.deadlines.action;
      return await within(ms, () => page.run({ ...request, body }));
    } catch (error) {
      if (page.onInvalid === undefined || !isProblem(error) || !IN_FORM.has(error.kind)) throw error;
      const answer = await page.onInvalid({ ...request, body: undefined }, error);
      return answer.kind === 'view' && answer.status === undefined ? { ...answer, status: error.status } : answer;
    }
  }
}

const outOfDate = (): HttpError =>
  new HttpError(
    403,
    t(
      'This form is out of date: it was opened before you signed in or out, or cookies are switched off. Go back, reload the page and send it again.',
    ),
  );

/** The kernel's views are the host's, like its sentences. */
const viewsOf = (extension: string): string => (extension === KERNEL_ID ? HOST : extension);

/** What a person can mend in the form he has just sent, or may send again in a moment. */
const IN_FORM: ReadonlySet<Problem['kind']> = new Set(['invalid', 'insufficient', 'conflict', 'refused', 'temporary']);
