import { type Contributed, messages, type Page } from '@posthorn/sdk';
import { HttpError } from './http-error.js';

const t = messages('host');

export interface PageRoute {
  /** The extension that contributed the page. */
  readonly from: string;
  readonly page: Page;
}

export interface PageMatch {
  /** By method. */
  readonly routes: ReadonlyMap<string, PageRoute>;
  readonly params: Readonly<Record<string, string>>;
  /** The path as it was contributed, for the log and for errors. */
  readonly path: string;
}

interface Node {
  readonly fixed: Map<string, Node>;
  /** The child for any one segment; its routes know the segment's name. */
  open: Node | undefined;
  readonly routes: Map<string, PageRoute>;
  path: string;
}

const node = (): Node => ({ fixed: new Map(), open: undefined, routes: new Map(), path: '' });

/** All pages of one generation by their paths. A written segment wins over a `:name`; the first of two equals stays. */
export class PageRoutes {
  readonly #root = node();
  /** Pages that stand where another one stood first; told to the log. */
  readonly shadowed: PageRoute[] = [];

  constructor(pages: readonly Contributed<Page>[]) {
    for (const { from, item } of pages) this.#add({ from, page: item });
  }

  #add(route: PageRoute): void {
    let at = this.#root;
    for (const segment of segments(route.page.path)) {
      if (segment.startsWith(':')) {
        at.open ??= node();
        at = at.open;
      } else {
        const next = at.fixed.get(segment) ?? node();
        at.fixed.set(segment, next);
        at = next;
      }
    }
    if (at.routes.has(route.page.method)) this.shadowed.push(route);
    else at.routes.set(route.page.method, route);
    if (at.path === '') at.path = route.page.path;
  }

  /** Undefined where no page has this path. */
  find(path: string): PageMatch | undefined {
    if (!path.startsWith('/') || !path.endsWith('/')) return undefined;
    const values = segments(path).map(decoded);
    const found = walk(this.#root, values, 0);
    if (found === undefined) return undefined;
    const params = Object.create(null) as Record<string, string>;
    segments(found.path).forEach((segment, i) => {
      if (segment.startsWith(':')) params[segment.slice(1)] = values[i] ?? '';
    });
    return { routes: found.routes, params, path: found.path };
  }
}

const segments = (path: string): readonly string[] => (path === '/' ? [] : path.slice(1, -1).split('/'));

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, t('The server could not read this address.'));
  }
}

function walk(at: Node, values: readonly string[], depth: number): Node | undefined {
  if (depth === values.length) return at.routes.size > 0 ? at : undefined;
  const value = values[depth] ?? '';
  const next = at.fixed.get(value);
  const found = next === undefined ? undefined : walk(next, values, depth + 1);
  if (found !== undefined || at.open === undefined || !isParameter(value)) return found;
  return walk(at.open, values, depth + 1);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: no name holds one, and logs must not
const isParameter = (value: string): boolean => value !== '' && !/[\u0000-\u001f\u007f/\\]/.test(value);
