import { messages } from '@posthorn/sdk';
import type { Context, Middleware } from 'koa';
import { mayEnter } from '../../access/entry.js';
import { API_ROOT } from '../../calls/endpoint-address.js';
import type { Kernel } from '../../kernel.js';
import { HttpError } from '../http-error.js';
import { DEADLINES, type DispatcherOptions } from '../page-dispatcher.js';
import { routeFor } from '../route-table.js';
import type { Site } from '../site.js';
import { answerCall } from './call.js';
import { Caller } from './caller.js';
import { OPENAPI_PATHS, openApi } from './open-api.js';
import { requireEntry } from './require-entry.js';

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
    const isDocument = OPENAPI_PATHS.includes(ctx.path);
    if (!isDocument && !ctx.path.startsWith(`${API_ROOT}/`)) return next();
    const kernel = o.kernel();
    if (kernel === undefined) {
      throw new HttpError(503, t('This server is starting. Try again in a moment.'), { 'Retry-After': '2' });
    }
    const site = o.siteOf(kernel);
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Vary', 'Authorization, Cookie, Accept');
    const caller = await Caller.of(ctx, kernel);
    ctx.state.actor = caller.actor;
    await caller.run(async () => {
      if (isDocument) return sendDocument(ctx, site, caller);
      const match = site.endpoints.find(ctx.path);
      if (match === undefined) throw nothingThere(kernel, caller, ctx.path);
      const route = routeFor(ctx, match);
      if (route === undefined) return;
      const deadlines = o.deadlines ?? DEADLINES;
      await answerCall(ctx, { kernel, caller, match, route, deadlines, isDevelopment: o.isDevelopment });
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

function sendDocument(ctx: Context, site: Site, caller: Caller): void {
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
    throw new HttpError(405, t('This address does not take that method.'), { Allow: 'GET, HEAD' });
  }
  requireEntry(caller, 'signed-in');
  if (ctx.accepts('json', 'application/vnd.oai.openapi+json', 'application/problem+json') === false) {
    throw new HttpError(406, t('This address answers with application/json.'));
  }
  const callable = site.endpoints.all.filter(({ endpoint }) => mayEnter(endpoint.permission, caller.actor, true));
  ctx.type = 'application/json';
  ctx.body = JSON.stringify(openApi(callable, site.kernel.version));
}
