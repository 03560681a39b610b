import { plainText, type ShownWidget, type ViewAnswer } from '@posthorn/sdk';
import type { Generation } from '../assembly/generation.js';
import { boundTo, type Translate } from '../text/catalogs.js';
import { ExtensionError } from '../watch/attribution.js';
import { href } from './href.js';
import { frameKind, type PageFrame, personOf } from './page-frame.js';
import { createUi, type Ui } from './ui/ui.js';
import { HOST, ViewEngine } from './view-engine.js';

/** The title comes with the answer. */
export type FrameWithoutTitle = Omit<PageFrame, 'title'>;

/** What components take of a page. */
type UiFrame = Pick<PageFrame, 'locale' | 'timeZone' | 'csrf' | 'savedFilters'>;

export interface RenderRequest {
  readonly answer: ViewAnswer;
  /** The extension whose page it is: names of views and sentences are looked up there. */
  readonly from: string;
  readonly frame: FrameWithoutTitle;
}

export interface PageRendererOptions {
  readonly generation: Pick<Generation, 'order'>;
  /** Gives the address of `id/name`; throws for a file that does not exist. */
  readonly assets: { url(path: string): string };
  translateFor(locale: string): Translate;
  /** Takes what a widget threw while it was drawn; the rest of its page is shown. */
  readonly reportWidget?: (widget: Pick<ShownWidget, 'from' | 'id'>, error: unknown) => void;
  /** An unknown icon throws instead of showing a dot: for tests. */
  readonly isStrict?: boolean;
}

/** Turns a view and its data into a page. One per generation; compiled views are kept. */
export class PageRenderer {
  readonly #engine: ViewEngine;
  readonly #options: PageRendererOptions;

  constructor(o: PageRendererOptions) {
    this.#options = o;
    this.#engine = new ViewEngine(o.generation.order);
  }

  /** A whole page: the view says `layout('host:page')`. */
  renderPage(o: RenderRequest): string {
    return this.#render(o, false);
  }

  /** The view alone, without the layout it asks for: for widgets and for scripts that replace a part of the page. */
  renderFragment(o: RenderRequest): string {
    return this.#render(o, true);
  }

  /** The components, for markup that is made outside of a view. */
  uiFor(frame: UiFrame): Ui {
    return this.#ui(frame, this.#options.translateFor(frame.locale));
  }

  #render({ answer, from, frame }: RenderRequest, isFragment: boolean): string {
    const translate = this.#options.translateFor(frame.locale);
    const title = translate(answer.title);
    const page: PageFrame = { ...frame, title };
    const shared = {
      ui: this.#ui(frame, translate),
      page,
      // Components check their own; a view that writes a link itself asks this.
      href,
      isFragment,
      reportWidget: (widget: ShownWidget, error: unknown) => this.#options.reportWidget?.(widget, error),
      frameKind: frameKind(page),
      person: personOf(page),
    };
    const bound = (owner: string) => ({
      t: boundTo(owner, translate),
      asset: (path: string) => this.#options.assets.url(path.includes('/') ? path : `${owner}/${path}`),
    });
    try {
      return this.#engine.render(from, answer.view, { ...answer.data, ...shared }, bound);
    } catch (error) {
      throw new ExtensionError(from, `view ${answer.view}`, error);
    }
  }

  #ui(frame: UiFrame, translate: Translate): Ui {
    const { assets, isStrict } = this.#options;
    return createUi({
      t: translate,
      locale: frame.locale,
      timeZone: frame.timeZone,
      csrf: frame.csrf,
      ...(frame.savedFilters === undefined ? {} : { savedFilters: frame.savedFilters }),
      sprite: () => assets.url(`${HOST}/icons.svg`),
      isStrict: isStrict ?? false,
    });
  }
}

/** For pages that are shown without a generation: English, as it is written. */
export const untranslated: Translate = plainText;
