import type { PageRequest, Values } from '@posthorn/sdk';
import type { Context } from 'koa';
import type { Notice } from '../access/sessions/session.js';
import { noticesFor } from '../pages/notices.js';
import { savedFiltersAt } from '../pages/saved-filters.js';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import { userPreferences } from '../parameters/user-preferences.js';
import type { Translate } from '../text/catalogs.js';
import { acceptedLanguages, chooseLanguage, directionOf } from '../text/locale.js';
import type { FrameWithoutTitle } from '../views/page-renderer.js';
import { isFragment } from './fragment.js';
import { logoAddresses } from './logo-address.js';
import { menuFor } from './page-menu.js';
import { readQuery } from './page-query.js';
import type { PageRoute } from './page-routes.js';
import type { SentForm, Typed } from './sent-form.js';
import type { Site } from './site.js';
import { themeSheetUrl } from './theme-sheet.js';
import { Visitor } from './visitor.js';

/** How this reader wants his pages; a guest gets what is usual. */
type Preferences = Values<typeof userPreferences.shape>;
const USUAL: Preferences = {
  time_zone: '',
  theme: 'auto',
  density: 'comfortable',
  landing: '',
  dismissed: [],
  filters: [],
  job_letters: 'none',
};

const NOTHING: Typed = Object.freeze(Object.create(null) as Record<string, string>);
const NO_FILES: SentForm['files'] = Object.freeze(Object.create(null) as SentForm['files']);

/** What a page is asked for, apart from who asks. */
export interface Asked {
  readonly from: string;
  readonly params: PageRequest['params'];
  readonly query: PageRoute['page']['query'];
  readonly typed?: Typed;
  readonly files?: SentForm['files'];
}

/** Who reads the answer to one request, and how: language, preferences and the frame around the page. */
export class Reader {
  /** What the page wants to be said. */
  readonly notices: Notice[] = [];
  /** Asked for once, even where an error page takes the place of the page. */
  #above: ReturnType<typeof noticesFor> | undefined;

  private constructor(
    private readonly ctx: Context,
    private readonly site: Site,
    readonly visitor: Visitor,
    readonly locale: string,
    readonly t: Translate,
    readonly wants: Preferences,
  ) {}

  /** One for each request. Where it could not be made it is not tried again: the database may take long to say no. */
  static of(ctx: Context, site: Site): Promise<Reader> {
    ctx.state.reader ??= Reader.#make(ctx, site);
    return ctx.state.reader as Promise<Reader>;
  }

  static async #make(ctx: Context, site: Site): Promise<Reader> {
    const { kernel } = site;
    const visitor = await Visitor.of(ctx, kernel);
    ctx.state.actor = visitor.actor;
    await visitor.prepare();
    const { account } = visitor;
    const locale = chooseLanguage(site.languages, [
      ...(account === undefined ? acceptedLanguages(ctx.get('Accept-Language')) : [account.language]),
      kernel.config.language,
    ]);
    const wants = account === undefined ? USUAL : await kernel.parameters.readUser(userPreferences, account.id);
    return new Reader(ctx, site, visitor, locale, await site.translator(locale), wants);
  }

  /** What a page gets. */
  request(asked: Asked): PageRequest {
    const { ctx, visitor, wants, t } = this;
    const { kernel } = this.site;
    const gone = new AbortController();
    ctx.res.once('close', () => {
      if (!ctx.res.writableFinished) gone.abort();
    });
    // Built on our own address: the `Host` that a client sends must not end up in links.
    const url = new URL(kernel.config.baseUrl);
    url.pathname = ctx.path;
    url.search = ctx.search;
    url.hash = '';
    return {
      context: kernel.generation.context(asked.from),
      actor: visitor.actor,
      account: visitor.account,
      params: asked.params,
      query: readQuery(asked.query, url.searchParams),
      body: undefined,
      files: asked.files ?? NO_FILES,
      typed: asked.typed ?? NOTHING,
      url,
      isFragment: isFragment(ctx),
      locale: this.locale,
      timeZone: wants.time_zone === '' ? kernel.config.timeZone : wants.time_zone,
      t,
      notice: (level, text, action) =>
        void this.notices.push({
          level,
          text: t(text),
          ...(action === undefined
            ? {}
            : { action: { label: t(action.label), path: action.path, isLink: action.isLink === true } }),
        }),
      signal: gone.signal,
    };
  }

  async frame(request: PageRequest, flash: readonly Notice[]): Promise<FrameWithoutTitle> {
    const { visitor, wants, locale } = this;
    const { kernel } = this.site;
    const instance = await kernel.parameters.read(kernelParameters);
    const themeSheet = themeSheetUrl(instance.instance_color);
    const logo = logoAddresses(await kernel.logos.read());
    const [menu, notices] = await Promise.all([menuFor(kernel, this.site.menu, request), this.#noticesAbove(request)]);
    return {
      url: request.url,
      actor: visitor.actor,
      account: visitor.account,
      menu,
      notices,
      flash,
      get csrf() {
        return visitor.formToken();
      },
      ...(visitor.account === undefined ? {} : { savedFilters: savedFiltersAt(wants.filters, request.url.pathname) }),
      instanceName: instance.instance_name,
      locale,
      timeZone: request.timeZone,
      dir: directionOf(locale),
      theme: wants.theme,
      density: wants.density,
      ...(themeSheet === undefined ? {} : { themeSheet }),
      ...(logo === undefined ? {} : { logo }),
    };
  }

  #noticesAbove(request: PageRequest): ReturnType<typeof noticesFor> {
    this.#above ??= noticesFor(this.site.kernel, request, this.wants.dismissed);
    return this.#above;
  }
}
