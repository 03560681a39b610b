import { type EndpointRequest, fieldMeta, fromText, invalid, messages, parseShape, type Shape } from '@posthorn/sdk';
import type { Context, Middleware } from 'koa';
import { mayEnter } from '../../access/entry.js';
import { originOf, withOrigin } from '../../audit/origin.js';
import { within } from '../../forms/deadline.js';
import type { Kernel } from '../../kernel.js';
import { blaming } from '../blaming.js';
import { HttpError } from '../http-error.js';
import { DEADLINES, type DispatcherOptions } from '../page-dispatcher.js';
import { paramsOf, type RouteMatch, routeFor } from '../route-table.js';
import type { Site } from '../site.js';
import { Caller, signInFirst } from './caller.js';
import { checkedAnswer } from './checked-answer.js';
import { API_ROOT, type EndpointRoute } from './endpoint-routes.js';
import { readJson } from './json-body.js';
import { OPENAPI_PATH, openApi } from './open-api.js';

const t = messages('host');

export interface ApiOptions extends DispatcherOptions {
  readonly isDevelopment: boolean;
}

/**
 * Answers calls of the API by the endpoints that extensions contribute. In this order: who calls, is there such an
 * endpoint, may this caller use it, does it come from a page of ours, is the input right; then the endpoint's own code,
 * and whether its answer is what it declares.
 */
export function apiDispatcher(o: ApiOptions): Middleware {
  return async (ctx, next) => {
    const isDocument = ctx.path === OPENAPI_PATH;
    if (!isDocument && !ctx.path.startsWith(`${API_ROOT}/`)) return next();
    const kernel = o.kernel();
    if (kernel === undefined) {
      throw new HttpError(503, t('This server is starting. Try again in a moment.'), { 'Retry-After': '2' });
    }
    const site = o.siteOf(kernel);
    ctx.set('Cache-Control', 'no-store');
    ctx.vary('Authorization, Cookie');
    const caller = await Caller.of(ctx, kernel);
    ctx.state.actor = caller.actor;
    await caller.run(async () => {
      if (isDocument) return sendDocument(ctx, site, caller);
      const match = site.endpoints.find(ctx.path);
      if (match === undefined) throw nothingThere(kernel, caller, ctx.path);
      const route = routeFor(ctx, match);
      if (route !== undefined) await answer(ctx, { kernel, caller, match, route, o });
    });
  };
}

/** Who may switch extensions is told that one is missing here; to everybody else there is nothing. */
function nothingThere(kernel: Kernel, { actor }: Caller, path: string): HttpError {
  const noun = path.slice(API_ROOT.length + 1).split('/')[0] ?? '';
  const owner = kernel.packages.find(
    ({ id, claims }) => !kernel.generation.has(id) && (id === noun || claims.endpoints?.includes(noun) === true),
  );
  if (owner === undefined || !actor.isSuperuser) return new HttpError(404, t('There is nothing at this address.'));
  const sentence = t('This address belongs to the extension {{extension}}, which is not enabled.', {
    extension: owner.id,
  });
  return new HttpError(404, sentence, {}, 'extension-disabled');
}

function requireEntry(caller: Caller, permission: EndpointRoute['endpoint']['permission']): void {
  if (mayEnter(permission, caller.actor, caller.isSignedIn)) return;
  if (!caller.isSignedIn) throw signInFirst();
  throw new HttpError(403, t('You may not do this: it needs the permission {{permission}}.', { permission }));
}

function requireJsonWanted(ctx: Context): void {
  if (ctx.accepts('json', 'application/problem+json') === false) {
    throw new HttpError(406, t('This address answers with application/json.'));
  }
}

interface Call {
  readonly kernel: Kernel;
  readonly caller: Caller;
  readonly match: RouteMatch<EndpointRoute>;
  readonly route: EndpointRoute;
  readonly o: ApiOptions;
}

async function answer(ctx: Context, { kernel, caller, match, route, o }: Call): Promise<void> {
  const { endpoint, from } = route;
  const isReading = endpoint.method === 'GET';
  requireEntry(caller, endpoint.permission);
  if (!isReading) caller.requireOwnPage(ctx);
  requireJsonWanted(ctx);
  const ended = new AbortController();
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) ended.abort();
  });
  const request: EndpointRequest = {
    context: kernel.generation.context(from),
    actor: caller.actor,
    params: readParams(endpoint.params, paramsOf(route.path, match.values)),
    query: readQuery(endpoint.query, ctx.URL.searchParams),
    body: isReading ? {} : parseShape(endpoint.body, await readJson(ctx.req, endpoint.bodyLimit)),
    signal: ended.signal,
    requestId: String(ctx.state.requestId),
  };
  const { page, action } = o.deadlines ?? DEADLINES;
  const at = `${endpoint.method} ${route.path}`;
  const spot = kernel.spots.at(from, at);
  const frame = { extension: from, at, request: request.requestId, actor: caller.actor, spot };
  const body = await withOrigin(originOf(caller.actor), () =>
    blaming(frame, async () => {
      try {
        const value = await within(isReading ? page : action, () => endpoint.run(request));
        const checked = checkedAnswer(endpoint, value, o.isDevelopment);
        return checked === undefined ? undefined : JSON.stringify(checked);
      } catch (error) {
        ended.abort();
        throw error;
      }
    }),
  );
  ctx.status = endpoint.status;
  if (body === undefined) return;
  ctx.type = 'application/json';
  ctx.body = body;
}

/** A value that the path's name cannot have is at no address. */
function readParams(shape: Shape, given: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const params: Record<string, unknown> = { ...given };
  for (const [name, schema] of Object.entries(shape)) {
    const read = schema.safeParse(fromText(schema, given[name]));
    if (!read.success) throw new HttpError(404, t('There is nothing at this address.'));
    params[name] = read.data;
  }
  return params;
}

function readQuery(shape: Shape, search: URLSearchParams): Readonly<Record<string, unknown>> {
  const given = Object.create(null) as Record<string, string | readonly string[]>;
  for (const name of new Set(search.keys())) {
    const all = search.getAll(name);
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const isList = schema !== undefined && fieldMeta(schema).kind === 'list';
    if (all.length > 1 && !isList) throw invalid([{ path: name, message: t('is given more than once') }]);
    given[name] = isList ? all : (all[0] ?? '');
  }
  return parseShape(shape, given, { text: true });
}

function sendDocument(ctx: Context, site: Site, caller: Caller): void {
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
    throw new HttpError(405, t('This address does not take that method.'), { Allow: 'GET, HEAD' });
  }
  requireEntry(caller, 'signed-in');
  requireJsonWanted(ctx);
  const callable = site.endpoints.all.filter(({ endpoint }) => mayEnter(endpoint.permission, caller.actor, true));
  ctx.type = 'application/json';
  ctx.body = JSON.stringify(openApi(callable, site.kernel));
}
