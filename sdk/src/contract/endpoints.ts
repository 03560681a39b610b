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
  /** Answers what `returns` checks. */
  run(request: EndpointRequest): Promise<unknown>;
}

/** The slot of endpoints. @public @since 1.0.0 */
export const endpoints = slot<Endpoint>('host.endpoints@1');

type ParamShape<P extends string> = { readonly [K in keyof PathParams<P>]?: z.ZodType };
type ParamValues<P extends string, S> = {
  readonly [K in keyof PathParams<P>]: K extends keyof S ? (S[K] extends z.ZodType ? z.output<S[K]> : string) : string;
};
type Returned<R> = R extends z.ZodType ? z.input<R> : R extends Shape ? z.input<z.ZodObject<R>> : undefined;

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
}

interface Answering<R> {
  /** A shape, or any zod schema where that ends (a list is `z.array(z.object(shape))`). Leave it out to answer 204. */
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
      | { readonly method: Exclude<EndpointMethod, 'GET'>; readonly body?: B; readonly bodyLimit?: number }
    ),
): Contribution => {
  const { returns } = e;
  return contribute(endpoints, {
    method: e.method,
    path: e.path,
    permission: e.permission,
    summary: e.summary,
    ...(e.description === undefined ? {} : { description: e.description }),
    params: (e.params ?? {}) as Shape,
    query: e.query ?? {},
    body: e.body ?? {},
    bodyLimit: e.bodyLimit ?? 1024 * 1024,
    returns: returns === undefined || returns instanceof z.ZodType ? returns : z.object(returns as z.ZodRawShape),
    status: returns === undefined ? 204 : (e.status ?? 200),
    errors: e.errors ?? [],
    run: e.run as unknown as Endpoint['run'],
  });
};
