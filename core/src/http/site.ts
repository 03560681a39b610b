import { type Contributed, type MenuEntry, menu, type Page, pages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import type { Translate } from '../text/catalogs.js';
import { isolating } from '../text/isolate.js';
import { languagesOf } from '../text/locale.js';
import { PageRenderer, untranslated } from '../views/page-renderer.js';
import { EndpointRoutes } from './api/endpoint-routes.js';
import { Assets } from './assets.js';
import { PageRoutes } from './page-routes.js';

/** What pages need of one kernel, put together once: a kernel never changes. */
export class Site {
  readonly assets: Assets;
  readonly routes: PageRoutes;
  readonly endpoints: EndpointRoutes;
  readonly menu: readonly Contributed<MenuEntry>[];
  readonly renderer: PageRenderer;
  readonly languages: readonly string[];
  readonly #translators = new Map<string, Translate>();

  constructor(readonly kernel: Kernel) {
    const { generation } = kernel;
    this.assets = new Assets({ extensions: generation.order });
    this.routes = new PageRoutes(generation.slots.items(pages.id) as readonly Contributed<Page>[]);
    this.endpoints = new EndpointRoutes(generation);
    this.menu = generation.slots.items(menu.id) as readonly Contributed<MenuEntry>[];
    this.languages = languagesOf(generation.order);
    this.renderer = new PageRenderer({
      generation,
      assets: this.assets,
      translateFor: (locale) => this.#translators.get(locale) ?? untranslated,
      reportWidget: ({ from, id }, error) => {
        const at = `widget:${id.slice(from.length + 1)}`;
        kernel.spots.at(from, at).failed(error);
        kernel.log.error({ extension: from, at, err: error }, 'a widget could not be drawn');
      },
    });
    for (const { from, page } of this.routes.shadowed) {
      kernel.log.warn({ extension: from, path: page.path, method: page.method }, 'another page has this address');
    }
    for (const { from, item } of this.endpoints.refused) {
      kernel.log.warn(
        { extension: from, path: item.path, method: item.method },
        'an endpoint cannot have this address',
      );
    }
  }

  /** Loads a language's catalogues when somebody first reads it; rendering finds them then. */
  async translator(language: string): Promise<Translate> {
    const known = this.#translators.get(language);
    if (known !== undefined) return known;
    const loaded = isolating(await this.kernel.translator(language));
    this.#translators.set(language, loaded);
    return loaded;
  }
}

/** Finds the site of the kernel that serves at the moment. */
export function siteFinder(): (kernel: Kernel) => Site {
  const sites = new WeakMap<Kernel, Site>();
  return (kernel) => {
    let site = sites.get(kernel);
    if (site === undefined) {
      site = new Site(kernel);
      sites.set(kernel, site);
    }
    return site;
  };
}
