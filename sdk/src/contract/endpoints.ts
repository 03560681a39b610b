import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import type { Shape, Values } from '../field.js';
import { z } from '../field.js';
import type { ProblemKind } from '../problem.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';
import type { Entry, PathParams } from './pages.js';

/**
 * One call of the API. Everything is parsed already; there is no way from here to the raw request.
 * @public @since 1.0.0
 */
export interface EndpointRequest<Params = unknown, Query = unknown, Body = unknown> {
  /** The extension's own way to the host. */
  readonly context: ExtensionContext;
  /** The guest of a public endpoint holds no permission at all. */
  readonly actor: Actor;
  /** Checked, by the names in the path. */
  readonly params: Params;
  /** Checked. */
  readonly query: Query;
  /** Checked. */
  readonly body: Body;
  /** Aborted when the caller goes away and when the deadline has passed. */
  readonly signal: AbortSignal;
  /** The id in the log and in `X-Request-Id`. */
  readonly requestId: string;
  /** Of a collection, the part that is asked for; without either, everything. */
  readonly page: EndpointPage;
}

/**
 * A part of a collection: at most `limit` rows that come after the one with the key `after`.
 * @public @since 1.0.0
 */
export interface EndpointPage {
  readonly after?: string;
  readonly limit?: number;
  /** One of the collection's `sorts`, with `-` before it where the last is first; undefined for its own order. */
  readonly sort?: string;
}

/** A call that the documents show, and that tests make. Values are those of JSON. @public @since 1.0.0 */
export interface EndpointExample {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** From when an endpoint should no longer be called, and when it goes. Days as `2030-12-31`. @public @since 1.0.0 */
export interface EndpointDeprecation {
  readonly since: string;
  readonly sunset?: string;
}

/** The methods that an endpoint may have. @public @since 1.0.0 */
export type EndpointMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An endpoint as its slot keeps it; `endpoint` makes one. @public @since 1.0.0 */
export interface Endpoint {
  /** `GET` changes nothing. */
  readonly method: EndpointMethod;
  /** Below the extension's own address, or below `/api/v1/` where its first segment is claimed. */
  readonly path: string;
  /** Who may call it. */
  readonly permission: Entry;
  /** One line for the documents. */
  readonly summary: Text;
  /** More for the documents. */
  readonly description?: Text;
  /** Of the path. */
  readonly params: Shape;
  /** Of the address; unknown ones are refused. */
  readonly query: Shape;
  /** JSON. */
  readonly body: Shape;
  /** Bytes of a body; default 1 MiB. */
  readonly bodyLimit: number;
  /** Undefined for an answer without content. */
  readonly returns: z.ZodType | undefined;
  /** Of an answer that is no problem. */
  readonly status: 200 | 201 | 202 | 204;
  /** Kinds of problems that it answers with, for the documents. */
  readonly errors: readonly ProblemKind[];
  /** Names that a body may have and that nobody looks at. */
  readonly ignores?: readonly string[];
  /** Whether `?dry_run=true` may do it and take it back: everything it does is in the database. */
  readonly isTriable?: boolean;
  /** Of a collection: the key of a row in an order, by which the next part begins. `run` answers an iterable then. */
  keyOf?(row: unknown, sort: string | undefined): string;
  /** Of a collection: what its rows can be sorted by. */
  readonly sorts?: readonly string[];
  /** Of 202: the address where to see how far it is, made of the answer. Undefined where it is done: that is a 200. */
  location?(answer: unknown): string | undefined;
  /** Said to callers and in the documents. */
  readonly deprecated?: EndpointDeprecation;
  /** For the documents. */
  readonly examples?: readonly EndpointExample[];
  /** Answers what `returns` checks. */
  run(request: EndpointRequest): Promise<unknown>;
}

/** The slot of endpoints. @public @since 1.0.0 */
export const endpoints = slot<Endpoint>('host.endpoints@1');

type ParamShape<P extends string> = { readonly [K in keyof PathParams<P>]?: z.ZodType };
type ParamValues<P extends string, S> = {
  readonly [K in keyof PathParams<P>]: K extends keyof S ? (S[K] extends z.ZodType ? z.output<S[K]> : string) : string;
};
type Returned<R> = R extends z.ZodType ? z.input<R> : R extends Shape ? z.input<z.ZodObject<R>> : void;

interface EndpointBase<P extends string, PS, Q extends Shape> {
  /** Begins and ends with a slash; `:name` stands for one segment. */
  readonly path: P;
  /** There is no default, so an endpoint without it does not compile. */
  readonly permission: Entry;
  /** One line for the documents. */
  readonly summary: Text;
  readonly description?: Text;
  /** What the path's names must be; text otherwise. A value that cannot be is answered with 404. */
  readonly params?: PS & { readonly [K in Exclude<keyof PS, keyof PathParams<P>>]: never };
  /** Unknown parameters are refused by name. */
  readonly query?: Q;
  /** What can go wrong beside wrong input and missing rights, for the documents. */
  readonly errors?: readonly ProblemKind[];
  readonly deprecated?: EndpointDeprecation;
  /** Calls that the documents show; each must work. */
  readonly examples?: readonly EndpointExample[];
}

interface Answering<R> {
  /** Only with the status 202: the address where to see how far it is; undefined where it is done, which is a 200. */
  location?(answer: Returned<R>): string | undefined;
  /** A shape, or any zod schema where that ends. Leave it out to answer without content, with 204 unless `status` says 200. */
  readonly returns?: R;
  readonly status?: 200 | 201 | 202;
}

/**
 * An endpoint of the API at `/api/v1/<extension id><path>`. Where the path's first segment is one of the nouns in
 * `claims.endpoints`, it is mounted at `/api/v1<path>`. `GET` changes nothing and takes no body; HEAD is answered like
 * it. What `run` returns is checked against `returns`: nothing else ever leaves.
 * @public @since 1.0.0
 */
export const endpoint = <
  const P extends `/${string}/` | '/',
  const PS extends ParamShape<P> = Record<never, never>,
  const Q extends Shape = Record<never, never>,
  const B extends Shape = Record<never, never>,
  const R extends Shape | z.ZodType | undefined = undefined,
>(
  e: EndpointBase<P, PS, Q> &
    Answering<R> & { run(request: EndpointRequest<ParamValues<P, PS>, Values<Q>, Values<B>>): Promise<Returned<R>> } & (
      | { readonly method: 'GET'; readonly body?: never; readonly bodyLimit?: never }
      | {
          readonly method: Exclude<EndpointMethod, 'GET'>;
          readonly body?: B;
          readonly bodyLimit?: number;
          /** Names that callers send and that there is no use for here; any other unknown one is refused. */
          readonly ignores?: readonly string[];
          /**
           * `?dry_run=true` does it and takes it back. Say it only where everything that is done is in the database, and
           * is quick: it runs in one transaction.
           */
          readonly isTriable?: boolean;
        }
    ),
): Contribution => {
  const { returns, permission, summary, run: _run, params: _params, status, location, ...rest } = e;
  return contribute(endpoints, {
    ...rest,
    permission,
    summary,
    params: (e.params ?? {}) as Shape,
    query: e.query ?? {},
    body: e.body ?? {},
    bodyLimit: e.bodyLimit ?? 1024 * 1024,
    returns: returns === undefined || returns instanceof z.ZodType ? returns : z.object(returns as z.ZodRawShape),
    status: status ?? (returns === undefined ? 204 : 200),
    errors: e.errors ?? [],
    ...(location === undefined ? {} : { location: location as (answer: unknown) => string | undefined }),
    run: e.run as unknown as Endpoint['run'],
  });
};

/**
 * A `GET` that answers rows. Callers get one array, or NDJSON or CSV where they ask for it, written while `rows` is read;
 * with `?limit=` a part of it and a `Link` to the next. Rows come in an order that does not change, and each has a key by
 * which `page.after` finds the place behind it. With `sorts`, callers choose another order by `?sort=`.
 * @public @since 1.0.0
 */
export const collection = <
  const P extends `/${string}/` | '/',
  const I extends Shape,
  const PS extends ParamShape<P> = Record<never, never>,
  const Q extends Shape = Record<never, never>,
>(
  c: EndpointBase<P, PS, Q> & {
    /** What one row is. */
    readonly item: I;
    /** What rows can be sorted by, in either direction. */
    readonly sorts?: readonly string[];
    /** In the order `sort`, which is `page.sort`: with equal values the key must still tell rows apart. */
    keyOf(row: z.input<z.ZodObject<I>>, sort: string | undefined): string;
    rows(request: EndpointRequest<ParamValues<P, PS>, Values<Q>>): AsyncIterable<z.input<z.ZodObject<I>>>;
  },
): Contribution => {
  const { item, rows, keyOf, ...rest } = c;
  return contribute(endpoints, {
    ...rest,
    method: 'GET',
    params: (c.params ?? {}) as Shape,
    query: c.query ?? {},
    body: {},
    bodyLimit: 0,
    returns: z.array(z.object(item as z.ZodRawShape)),
    status: 200,
    errors: c.errors ?? [],
    keyOf: keyOf as (row: unknown, sort: string | undefined) => string,
    run: async (request) => rows(request as unknown as EndpointRequest<ParamValues<P, PS>, Values<Q>>),
  });
};
