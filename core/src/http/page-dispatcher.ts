import { type Entry, isProblem, type PageAnswer, type PageRequest, type Problem, type Values } from '@posthorn/sdk';
import type { Context, Middleware } from 'koa';
import { mayEnter } from '../access/entry.js';
import { isOwnPath } from '../access/own-path.js';
import { LOGIN_PATH } from '../access/pages/login-path.js';
import type { Notice } from '../access/sessions/session.js';
import { TooManyAttempts } from '../access/sessions/too-many-attempts.js';
import { visiting } from '../access/sessions/visit.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import { userPreferences } from '../parameters/user-preferences.js';
import { quarantineNotices } from '../quarantine/notices.js';
import type { Translate } from '../text/catalogs.js';
import { acceptedLanguages, chooseLanguage, directionOf } from '../text/locale.js';
import type { FrameWithoutTitle } from '../views/page-renderer.js';
import { HOST } from '../views/view-engine.js';
import { callInFrame, ExtensionError } from '../watch/attribution.js';
import type { Client } from './client.js';
import { readFields, readForm, type Typed } from './form-body.js';
import { TOKEN_FIELD } from './form-token.js';
import { HttpError } from './http-error.js';
import { sendDownload, sendRedirect } from './page-answer.js';
import { menuFor } from './page-menu.js';
import { readQuery } from './page-query.js';
import type { PageMatch, PageRoute } from './page-routes.js';
import { isSameOrigin } from './same-origin.js';
import type { Site } from './site.js';
import { themeSheetUrl } from './theme-sheet.js';
import { Visitor } from './visitor.js';

/** How this reader wants his pages; a guest gets what is usual. */
type Preferences = Values<typeof userPreferences.shape>;
const USUAL: Preferences = { time_zone: '', theme: 'auto', density: 'comfortable' };

const NOTHING: Typed = Object.freeze(Object.create(null) as Record<string, string>);

export interface DispatcherOptions {
  readonly kernel: () => Kernel | undefined;
  readonly siteOf: (kernel: Kernel) => Site;
}

/**
 * Answers requests by the pages that extensions contribute. In this order: is there such a page, does what is sent come
 * from a page of ours, may this reader enter, is the input right; then the page's own code.
 */
export function pageDispatcher(o: DispatcherOptions): Middleware {
  return async (ctx, next) => {
    const kernel = o.kernel();
    if (kernel === undefined) {
      throw new HttpError(503, 'This server is starting. Try again in a moment.', { 'Retry-After': '2' });
    }
    const site = o.siteOf(kernel);
    const match = site.routes.find(ctx.path);
    if (match === undefined) {
      if (ctx.method === 'GET' && !ctx.path.endsWith('/') && site.routes.find(`${ctx.path}/`)?.routes.has('GET')) {
        return sendRedirect(ctx, `${ctx.path}/${ctx.search}`);
      }
      return next();
    }
    const route = routeOf(ctx, match);
    if (route !== undefined) await new PageVisit(ctx, site, match, route).answer();
  };
}

/** HEAD is answered like GET. Nothing where OPTIONS has been answered. */
function routeOf(ctx: Context, match: PageMatch): PageRoute | undefined {
  const route = match.routes.get(ctx.method === 'HEAD' ? 'GET' : ctx.method);
  if (route !== undefined) return route;
  const methods = [...match.routes.keys(), ...(match.routes.has('GET') ? ['HEAD'] : []), 'OPTIONS'];
  const allow = methods.sort().join(', ');
  if (ctx.method !== 'OPTIONS') throw new HttpError(405, 'This address does not take that method.', { Allow: allow });
  ctx.set('Allow', allow);
  ctx.status = 204;
  return undefined;
}

/** One request to one page. */
class PageVisit {
  readonly #notices: Notice[] = [];
  readonly #kernel: Kernel;
  readonly #isFragment: boolean;

  constructor(
    private readonly ctx: Context,
    private readonly site: Site,
    private readonly match: PageMatch,
    private readonly route: PageRoute,
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
      throw new HttpError(403, 'This form was sent by another site, so it was refused.');
    }
    const visitor = await Visitor.of(ctx, this.#kernel);
    ctx.state.actor = visitor.actor;
    try {
      await visitor.prepare();
      const typed = isSending ? await readForm(ctx.req, this.route.page.bodyLimit) : NOTHING;
      if (isSending && !visitor.isFormToken(typed[TOKEN_FIELD] ?? ctx.get('X-CSRF-Token'))) {
        throw new HttpError(
          403,
          'This form is out of date: it was opened before you signed in or out, or cookies are switched off. Go back, reload the page and send it again.',
        );
      }
      if (!mayEnter(this.route.page.permission, visitor.actor, visitor.account !== undefined)) {
        this.#keepOut(visitor, this.route.page.permission);
        return;
      }
      await visiting.run(visitor.visit, () => this.#run(visitor, typed));
    } finally {
      visitor.writeCookies();
    }
  }

  /** A guest is asked to sign in, and comes back to where he wanted to go. */
  #keepOut(visitor: Visitor, permission: Entry): void {
    const { ctx } = this;
    if (visitor.account !== undefined) {
      throw new HttpError(403, `Your account may not open this page: it needs the permission ${permission}.`);
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

  async #run(visitor: Visitor, typed: Typed): Promise<void> {
    const { ctx, route } = this;
    const language = chooseLanguage(this.site.languages, [
      visitor.account?.language,
      ...(visitor.account === undefined ? acceptedLanguages(ctx.get('Accept-Language')) : []),
      this.#kernel.config.language,
    ]);
    const translate = await this.site.translator(language);
    const { renderer } = this.site;
    const preferences =
      visitor.account === undefined
        ? USUAL
        : await this.#kernel.parameters.readUser(userPreferences, visitor.account.id);
    const request = this.#request(visitor, typed, language, preferences, translate);
    const frame = { extension: route.from, at: `${route.page.method} ${this.match.path}` };
    const { actor } = visitor;
    const spot = this.#kernel.spots.at(frame.extension, frame.at);
    await callInFrame(
      { ...frame, request: String(ctx.state.requestId), actor, spot },
      () =>
        this.#blaming(async () => {
          const answer = await this.#ask(request);
          if (answer.kind === 'redirect') {
            sendRedirect(ctx, answer.to);
            if (this.#notices.length > 0) await this.#leaveNotices(visitor);
          } else if (answer.kind === 'download') {
            sendDownload(ctx, answer, (error) =>
              this.#kernel.log.error({ ...frame, err: error }, 'a download ended early'),
            );
          } else {
            ctx.status = answer.status ?? 200;
            ctx.type = 'text/html';
            const shown = {
              answer,
              from: viewsOf(route.from),
              frame: await this.#frame(visitor, request, preferences),
            };
            ctx.body = this.#isFragment ? renderer.renderFragment(shown) : renderer.renderPage(shown);
            if (!this.#isFragment) await this.#forgetNotices(visitor);
          }
        }),
      (error) => error instanceof ExtensionError,
    );
  }

  /** Runs the page; a problem that a form can show goes to the form. */
  async #ask(request: PageRequest): Promise<PageAnswer> {
    const { page, from } = this.route;
    try {
      const body = page.method === 'GET' ? undefined : readFields(page.body, request.typed, from);
      return await page.run({ ...request, body });
    } catch (error) {
      if (page.onInvalid === undefined || !isProblem(error) || !IN_FORM.has(error.kind)) throw error;
      const answer = await page.onInvalid({ ...request, body: undefined }, error);
      return answer.kind === 'view' && answer.status === undefined ? { ...answer, status: error.status } : answer;
    }
  }

  /** An error that nobody wrote for people is the extension's, by name. */
  async #blaming(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isProblem(error) || isAnswer(error) || error instanceof ExtensionError) throw error;
      throw new ExtensionError(this.route.from, `${this.route.page.method} ${this.match.path}`, error);
    }
  }

  #request(visitor: Visitor, typed: Typed, locale: string, wants: Preferences, t: Translate): PageRequest {
    const { ctx } = this;
    const gone = new AbortController();
    ctx.res.once('close', () => {
      if (!ctx.res.writableFinished) gone.abort();
    });
    // Built on our own address: the `Host` that a client sends must not end up in links.
    const url = new URL(this.#kernel.config.baseUrl);
    url.pathname = ctx.path;
    url.search = ctx.search;
    url.hash = '';
    return {
      context: this.#kernel.generation.context(this.route.from),
      actor: visitor.actor,
      account: visitor.account,
      params: this.match.params,
      query: readQuery(this.route.page.query, url.searchParams),
      body: undefined,
      typed,
      url,
      isFragment: this.#isFragment,
      locale,
      timeZone: wants.time_zone === '' ? this.#kernel.config.timeZone : wants.time_zone,
      t,
      notice: (level, text) => void this.#notices.push({ level, text: t(text) }),
      signal: gone.signal,
    };
  }

  async #frame(visitor: Visitor, request: PageRequest, wants: Preferences): Promise<FrameWithoutTitle> {
    const { locale } = request;
    const instance = await this.#kernel.parameters.read(kernelParameters);
    const themeSheet = themeSheetUrl(instance.instance_color);
    return {
      url: request.url,
      actor: visitor.actor,
      account: visitor.account,
      menu: await menuFor(this.site.menu, request, (from, error) =>
        this.#kernel.log.error({ extension: from, err: error }, 'a badge of the menu failed'),
      ),
      notices: visitor.actor.isSuperuser ? quarantineNotices(this.#kernel, request.t) : [],
      flash: this.#isFragment ? [...this.#notices] : [...(visitor.visit.session?.notices ?? []), ...this.#notices],
      get csrf() {
        return visitor.formToken();
      },
      instanceName: instance.instance_name,
      locale,
      dir: directionOf(locale),
      theme: wants.theme,
      density: wants.density,
      ...(themeSheet === undefined ? {} : { themeSheet }),
    };
  }

  async #leaveNotices({ visit }: Visitor): Promise<void> {
    if (visit.session !== undefined) await this.#kernel.sessions.leaveNotices(visit.session, this.#notices);
  }

  async #forgetNotices({ visit }: Visitor): Promise<void> {
    if (this.ctx.method === 'HEAD' || (visit.session?.notices.length ?? 0) === 0) return;
    if (visit.session !== undefined) await this.#kernel.sessions.clearNotices(visit.session);
  }
}

/** Made to be shown as it is. */
const isAnswer = (error: unknown): boolean => error instanceof HttpError || error instanceof TooManyAttempts;

/** The kernel's views are the host's, like its sentences. */
const viewsOf = (extension: string): string => (extension === KERNEL_ID ? HOST : extension);

/** A script that wants the whole page says so; everything else it asks for is a part of one. */
const isFragment = (ctx: Context): boolean =>
  ctx.get('HX-Request') === 'true' &&
  ctx.get('HX-Request-Type') !== 'full' &&
  ctx.get('HX-Boosted') !== 'true' &&
  ctx.get('HX-History-Restore-Request') !== 'true';

/** What a person can mend in the form he has just sent. */
const IN_FORM: ReadonlySet<Problem['kind']> = new Set(['invalid', 'conflict', 'refused']);

function ownPart(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { pathname, search } = new URL(address);
  return isOwnPath(`${pathname}${search}`) ? `${pathname}${search}` : undefined;
}
