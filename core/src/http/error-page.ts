import { type Actor, plainText, type Text, view } from '@posthorn/sdk';
import type { Context, Middleware } from 'koa';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { HOST_CATALOG, type Translate, translator } from '../text/catalogs.js';
import { acceptedLanguages, chooseLanguage, languagesOf } from '../text/locale.js';
import { untranslated } from '../views/page-renderer.js';
import { HOST } from '../views/view-engine.js';
import { ExtensionError, extensionToBlame } from '../watch/attribution.js';
import type { Logger } from '../watch/log.js';
import { plainError } from './api/plain-error.js';
import type { Client } from './client.js';
import { type ErrorResponse, errorResponse } from './error-response.js';
import { isFragment } from './fragment.js';
import { ownPart } from './own-part.js';
import { Reader } from './reader.js';
import type { Site } from './site.js';
import type { Reading, Views } from './views.js';

export interface ErrorPageOptions {
  readonly kernel: () => Kernel | undefined;
  readonly siteOf: (kernel: Kernel) => Site;
  readonly views: Views;
  readonly log: Logger;
}

const PROBLEM_TYPE = 'application/problem+json';

/**
 * Turns errors into answers: for programs problem+json (RFC 9457, in English), which callers of the API have to ask for, a small part for scripts that replace a
 * part of a page, the frame with menu and language for who is signed in, and a bare page for everybody else, which needs
 * neither a database nor a generation.
 */
export function answerErrors(o: ErrorPageOptions): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const failed = extensionToBlame(error);
      const isWrapped = error instanceof ExtensionError;
      const isApi = ctx.path.startsWith('/api/');
      const all = errorResponse(isWrapped ? error.cause : error, { isApi });
      // A problem that stands for somebody's failure says in its hint whose, which is nobody else's business.
      const answer = failed === undefined || isWrapped || isSuperuser(ctx) ? all : { ...all, hint: undefined };
      if (answer.isOurs) {
        const fields = { err: error, path: ctx.path, ...(failed === undefined ? {} : { extension: failed.extension }) };
        o.log.error(fields, 'request failed');
      }
      ctx.status = answer.status;
      ctx.set({ 'Cache-Control': 'no-store', ...answer.headers });
      if (isApi && !ctx.get('Accept').includes(PROBLEM_TYPE)) {
        ctx.body = JSON.stringify(plainError(answer));
        ctx.type = 'application/json';
      } else if (isApi || ctx.accepts('html', 'json') === 'json') {
        ctx.body = JSON.stringify(problemDetails(answer, String(ctx.state.requestId)));
        ctx.type = PROBLEM_TYPE;
      } else {
        const body = await new ErrorPage(ctx, o, answer, failed).render();
        // Rendering asks for things that could have answered in their own way.
        ctx.status = answer.status;
        ctx.body = body;
        ctx.type = 'text/html';
      }
    }
  };
}

const isSuperuser = (ctx: Context): boolean => (ctx.state.actor as Actor | undefined)?.isSuperuser === true;

const problemDetails = (answer: ErrorResponse, instance: string) => ({
  title: plainText(answer.title),
  status: answer.status,
  detail: plainText(answer.detail),
  code: answer.code,
  ...(answer.hint === undefined ? {} : { hint: plainText(answer.hint) }),
  ...(answer.issues.length === 0
    ? {}
    : { errors: answer.issues.map(({ path, message }) => ({ path, message: plainText(message) })) }),
  instance,
});

/** One error for one reader. */
class ErrorPage {
  readonly #site: Site | undefined;

  constructor(
    private readonly ctx: Context,
    private readonly o: ErrorPageOptions,
    private readonly answer: ErrorResponse,
    private readonly failed: ExtensionError | undefined,
  ) {
    const kernel = o.kernel();
    this.#site = kernel === undefined ? undefined : o.siteOf(kernel);
  }

  async render(): Promise<string> {
    const reader = await this.#reader();
    const canFrame = !isFragment(this.ctx) && !this.#isAway && reader?.visitor.account !== undefined;
    if (canFrame && this.#site !== undefined) {
      try {
        return await this.#framed(this.#site, reader);
      } catch (error) {
        this.o.log.error({ err: error, path: this.ctx.path }, 'the frame of an error page failed');
      }
    }
    const reading: Reading =
      reader === undefined
        ? await this.#guestReading()
        : { locale: reader.locale, theme: reader.wants.theme, t: reader.t };
    const name = isFragment(this.ctx) ? 'error-part' : 'error';
    return this.o.views.render(name, { ...this.#shown(reading.t) }, reading);
  }

  /** A database that is away may take long to say so: it is not asked again. */
  get #isAway(): boolean {
    return this.answer.code === 'E_DATABASE_AWAY';
  }

  /** Undefined where nobody knows who it is. Somebody without a cookie is a guest, and needs no database to be one. */
  async #reader(): Promise<Reader | undefined> {
    const isKnown = this.ctx.state.reader !== undefined;
    const isAsked = isKnown || (this.ctx.req.headers.cookie !== undefined && !this.#isAway);
    if (this.#site === undefined || !isAsked) return undefined;
    try {
      const reader = await Reader.of(this.ctx, this.#site);
      reader.visitor.writeCookies();
      return reader;
    } catch {
      return undefined;
    }
  }

  /** What was left to be said waits for the next page. */
  async #framed(site: Site, reader: Reader): Promise<string> {
    const request = reader.request({ from: KERNEL_ID, params: {}, query: {} });
    const frame = await reader.frame(request, []);
    const answer = view('host:error', this.answer.title, { ...this.#shown(reader.t) });
    return site.renderer.renderPage({ answer, from: HOST, frame });
  }

  async #guestReading(): Promise<Reading> {
    const languages = this.#site?.languages ?? languagesOf([HOST_CATALOG]);
    const locale = chooseLanguage(languages, [
      ...acceptedLanguages(this.ctx.get('Accept-Language')),
      this.#site?.kernel.config.language,
    ]);
    try {
      return { locale, theme: 'auto', t: await (this.#site?.translator(locale) ?? hostTranslator(locale)) };
    } catch {
      return { locale: 'en', theme: 'auto', t: untranslated };
    }
  }

  #shown(say: Translate) {
    const { answer, failed, ctx } = this;
    const said = (text: Text | undefined): string | undefined => (text === undefined ? undefined : say(text));
    return {
      status: answer.status,
      title: say(answer.title),
      detail: say(answer.detail),
      hint: said(answer.hint),
      issues: answer.issues.map(({ path, message }) => ({ path, message: say(message) })),
      request: String(ctx.state.requestId),
      ...(failed !== undefined && isSuperuser(ctx) ? { culprit: failed.extension, at: failed.at } : {}),
      back: this.#back(),
    };
  }

  /** The page that led here, where it is ours and another one. */
  #back(): string | undefined {
    const from = this.ctx.get('Referer');
    if (!URL.canParse(from) || new URL(from).host !== (this.ctx.state.client as Client).host) return undefined;
    const path = ownPart(from);
    return path === `${this.ctx.path}${this.ctx.search}` && this.ctx.method === 'GET' ? undefined : path;
  }
}

const loaded = new Map<string, Promise<Translate>>();

/** The host's own sentences, for as long as there is no generation. */
function hostTranslator(language: string): Promise<Translate> {
  const found = loaded.get(language) ?? translator(language, [HOST_CATALOG]);
  loaded.set(language, found);
  return found;
}
