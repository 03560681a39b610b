import { messages } from '@posthorn/sdk';
import type { Context } from 'koa';
import { HttpError } from './http-error.js';

const t = messages('host');

/** What one path answers. */
export interface RouteMatch<R> {
  /** By method. */
  readonly routes: ReadonlyMap<string, R>;
  /** By the names in `path`. */
  readonly params: Readonly<Record<string, string>>;
  /** The segments of the address, decoded. */
  readonly values: readonly string[];
  /** The path as it was contributed first, for the log and for errors. */
  readonly path: string;
}

interface Node<R> {
  readonly fixed: Map<string, Node<R>>;
  /** The child for any one segment; its routes know the segment's name. */
  open: Node<R> | undefined;
  readonly routes: Map<string, R>;
  path: string;
}

const node = <R>(): Node<R> => ({ fixed: new Map(), open: undefined, routes: new Map(), path: '' });

/** Routes of one generation by their paths. A written segment wins over a `:name`; the first of two equals stays. */
export class RouteTable<R> {
  readonly #root = node<R>();

  /** False where another one stands there already. */
  add(method: string, path: string, route: R): boolean {
    let at = this.#root;
    for (const segment of segments(path)) {
      if (segment.startsWith(':')) {
        at.open ??= node();
        at = at.open;
      } else {
        const next = at.fixed.get(segment) ?? node();
        at.fixed.set(segment, next);
        at = next;
      }
    }
    if (at.path === '') at.path = path;
    if (at.routes.has(method)) return false;
    at.routes.set(method, route);
    return true;
  }

  /** Undefined where nothing has this path. */
  find(path: string): RouteMatch<R> | undefined {
    if (!path.startsWith('/') || !path.endsWith('/')) return undefined;
    const values = segments(path).map(decoded);
    const found = walk(this.#root, values, 0);
    return found === undefined
      ? undefined
      : {
          routes: found.routes,
          get params() {
            return paramsOf(found.path, values);
          },
          values,
          path: found.path,
        };
  }
}

/** The segments of an address by the names in a contributed path. */
export function paramsOf(path: string, values: readonly string[]): Readonly<Record<string, string>> {
  const params = Object.create(null) as Record<string, string>;
  segments(path).forEach((segment, i) => {
    if (segment.startsWith(':')) params[segment.slice(1)] = values[i] ?? '';
  });
  return params;
}

/** The route for a request's method. HEAD is answered like GET. Undefined where OPTIONS has been answered; throws 405. */
export function routeFor<R>(ctx: Context, { routes }: RouteMatch<R>): R | undefined {
  const route = routes.get(ctx.method === 'HEAD' ? 'GET' : ctx.method);
  if (route !== undefined) return route;
  const allow = [...routes.keys(), ...(routes.has('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');
  if (ctx.method !== 'OPTIONS') {
    throw new HttpError(405, t('This address does not take that method.'), { Allow: allow });
  }
  ctx.set('Allow', allow);
  ctx.status = 204;
  return undefined;
}

const segments = (path: string): readonly string[] => (path === '/' ? [] : path.slice(1, -1).split('/'));

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, t('The server could not read this address.'));
  }
}

function walk<R>(at: Node<R>, values: readonly string[], depth: number): Node<R> | undefined {
  if (depth === values.length) return at.routes.size > 0 ? at : undefined;
  const value = values[depth] ?? '';
  const next = at.fixed.get(value);
  const found = next === undefined ? undefined : walk(next, values, depth + 1);
  if (found !== undefined || at.open === undefined || !isParameter(value)) return found;
  return walk(at.open, values, depth + 1);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: no name holds one, and logs must not
const isParameter = (value: string): boolean => value !== '' && !/[\u0000-\u001f\u007f/\\]/.test(value);
