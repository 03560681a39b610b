import type { IncomingMessage, ServerResponse } from 'node:http';
import { messages } from '@posthorn/sdk';
import Koa, { type Context, type Middleware } from 'koa';
import { landingPath } from '../access/pages/landing.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { running } from '../watch/attribution.js';
import type { Logger } from '../watch/log.js';
import { apiDispatcher } from './api/api-dispatcher.js';
import { Assets } from './assets.js';
import { clientReader } from './client.js';
import { compress } from './compression.js';
import { answerErrors } from './error-page.js';
import { frontPage, type NextStep, renderFrontPage } from './front-page.js';
import { HttpError } from './http-error.js';
import { logoHeaders } from './logo-address.js';
import { sendRedirect } from './page-answer.js';
import { type PageDeadlines, pageDispatcher } from './page-dispatcher.js';
import { readinessProbe, type ServingStatus } from './readiness.js';
import { requestId } from './request-id.js';
import { type RouteMatch, RouteTable, routeFor } from './route-table.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { type Site, siteFinder } from './site.js';
import { themeSheet } from './theme-sheet.js';
import { Views } from './views.js';
import { Visitor } from './visitor.js';

const t = messages('host');

export interface AppOptions {
  /** The generation this process serves; undefined until the database was there once. */
  readonly kernel: () => Kernel | undefined;
  readonly status: () => ServingStatus;
  readonly draining: () => boolean;
  readonly log: Logger;
  readonly version: string;
  readonly trustedProxies: readonly string[];
  readonly nextSteps: readonly NextStep[];
  readonly deadlines?: PageDeadlines;
  /** An answer of the API with a name that its endpoint does not declare is a mistake, instead of being cut. */
  readonly isDevelopment?: boolean;
}

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Everything a request passes through, from the outside in: id, log line, headers, errors, routes. */
export function createApp(o: AppOptions): RequestListener {
  const app = new Koa();
  const assets = new Assets();
  const views = new Views(assets);
  const siteOf = siteFinder();
  // What still arrives here is a connection that broke under an answer.
  app.on('error', (error: unknown) => o.log.debug({ err: error }, 'connection lost'));
  app.use(observe(o));
  app.use(compress);
  app.use(answerErrors({ kernel: o.kernel, siteOf, views, log: o.log }));
  app.use(fixedRoutes(o, assets, views, siteOf));
  const served = { kernel: o.kernel, siteOf, ...(o.deadlines === undefined ? {} : { deadlines: o.deadlines }) };
  const isDevelopment = o.isDevelopment ?? ['development', 'test'].includes(process.env['NODE_ENV'] ?? '');
  app.use(apiDispatcher({ ...served, isDevelopment }));
  app.use(pageDispatcher(served));
  app.use(refuse);
  const listener = app.callback();
  return (request, response) => void listener(request, response);
}

/** Request id, security headers and the access log line, whatever happens inside. */
function observe(o: AppOptions): Middleware {
  const clientOf = clientReader(o.trustedProxies);
  return async (ctx, next) => {
    const startedAt = performance.now();
    const id = requestId(ctx.req.headers['x-request-id']);
    const client = clientOf(ctx.req);
    ctx.state.requestId = id;
    ctx.state.client = client;
    ctx.set({ ...SECURITY_HEADERS, 'X-Request-Id': id });
    ctx.res.once('close', () => {
      // The path alone: query strings carry tokens.
      o.log.info(
        {
          request: id,
          method: ctx.method,
          path: ctx.path,
          status: ctx.res.statusCode,
          ms: Math.round((performance.now() - startedAt) * 10) / 10,
          client: client.address,
          ...(ctx.res.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
    const spot = o.kernel()?.spots.at(KERNEL_ID, 'request');
    const frame = { extension: 'host', at: `${ctx.method} ${ctx.path}`, request: id };
    await running.run(spot === undefined ? frame : { ...frame, spot }, next);
  };
}

type FixedRoute = (ctx: Context, params: RouteMatch<unknown>['params']) => Promise<void> | void;

/** What the program itself answers, in every generation and without one; with a slash at the end or without. */
function fixedRoutes(o: AppOptions, assets: Assets, views: Views, siteOf: (kernel: Kernel) => Site): Middleware {
  const table = new RouteTable<FixedRoute>();
  const get = (path: string, route: FixedRoute): boolean => table.add('GET', path, route);
  const readiness = readinessProbe(o);

  get('/healthz/', (ctx) => {
    answerJson(ctx, 200, { status: 'ok', version: o.version });
  });

  get('/readyz/', async (ctx) => {
    const { isReady, isDatabaseThere, reasons, notices } = await readiness();
    answerJson(ctx, isReady ? 200 : 503, {
      status: isReady ? 'ready' : 'unready',
      database: isDatabaseThere ? 'ok' : 'away',
      reasons,
      notices,
      revision: o.kernel()?.revision ?? null,
    });
  });

  get('/', async (ctx) => {
    const home = await homeOf(ctx, o.kernel());
    if (home !== undefined) return sendRedirect(ctx, home);
    const page = frontPage({
      version: o.version,
      kernel: o.kernel(),
      readiness: await readiness(),
      steps: o.nextSteps,
    });
    ctx.set('Cache-Control', 'no-store');
    ctx.type = 'text/html';
    ctx.body = renderFrontPage(views, page);
  });

  get('/assets/:id/:hash/:name/', async (ctx, params) => {
    const kernel = o.kernel();
    const asset = (kernel === undefined ? assets : siteOf(kernel).assets).find(String(params.name), String(params.id));
    if (asset === undefined) return;
    // A page of the generation before may still ask by the old hash: it gets what there is, and may not keep it.
    const isCurrent = params.hash === asset.hash;
    ctx.set('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache');
    ctx.set('ETag', `"${asset.hash}"`);
    ctx.vary('Accept-Encoding');
    ctx.type = asset.type;
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    const { encoding, body } = await asset.negotiated(ctx.get('Accept-Encoding'));
    if (encoding !== undefined) ctx.set('Content-Encoding', encoding);
    ctx.state.isUncompressed = true;
    ctx.body = body;
  });

  get('/theme/:file/', (ctx, params) => {
    const sheet = themeSheet(String(params.file));
    if (sheet === undefined) return;
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.type = 'text/css; charset=utf-8';
    ctx.body = sheet;
  });

  get('/logo/:file/', async (ctx, params) => {
    const logo = await o.kernel()?.logos.find(String(params.file));
    if (logo === undefined) return;
    ctx.set(logoHeaders(logo));
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    ctx.body = logo.content;
  });

  return async (ctx, next) => {
    const match = table.find(ctx.path.endsWith('/') ? ctx.path : `${ctx.path}/`);
    if (match === undefined) return next();
    await routeFor(ctx, match)?.(ctx, match.params);
  };
}

/** Where somebody who is signed in begins. The front page is there without a database, so nothing here may fail. */
async function homeOf(ctx: Context, kernel: Kernel | undefined): Promise<string | undefined> {
  if (kernel === undefined || ctx.req.headers.cookie === undefined) return undefined;
  try {
    const visitor = await Visitor.of(ctx, kernel);
    visitor.writeCookies();
    return visitor.account === undefined ? undefined : await landingPath(kernel, visitor.account);
  } catch {
    return undefined;
  }
}

function answerJson(ctx: Context, status: number, value: object): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.status = status;
  ctx.type = 'application/json';
  ctx.body = `${JSON.stringify(value)}\n`;
}

/** Nobody answered. */
function refuse(): never {
  throw new HttpError(404, t('There is nothing at this address.'));
}
