import type { Contributed, Page } from '@posthorn/sdk';
import { type RouteMatch, RouteTable } from './route-table.js';

export interface PageRoute {
  /** The extension that contributed the page. */
  readonly from: string;
  readonly page: Page;
}

export type PageMatch = RouteMatch<PageRoute>;

/** All pages of one generation by their paths. */
export class PageRoutes {
  readonly #table = new RouteTable<PageRoute>();
  /** Pages that stand where another one stood first; told to the log. */
  readonly shadowed: PageRoute[] = [];

  constructor(pages: readonly Contributed<Page>[]) {
    for (const { from, item } of pages) {
      const route = { from, page: item };
      if (!this.#table.add(item.method, item.path, route)) this.shadowed.push(route);
    }
  }

  /** Undefined where no page has this path. */
  find(path: string): PageMatch | undefined {
    return this.#table.find(path);
  }
}
