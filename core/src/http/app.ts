import type { IncomingMessage, ServerResponse } from 'node:http';
import Router from '@koa/router';
import { messages } from '@posthorn/sdk';
import Koa, { type Context, type Middleware, type Next } from 'koa';
import { landingPath } from '../access/pages/landing.js';
import { LOGIN_PATH } from '../access/pages/login-path.js';
import { withOrigin } from '../audit/origin.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { running } from '../watch/attribution.js';
import type { Logger } from '../watch/log.js';
import { apiDispatcher } from './api/api-dispatcher.js';
import { Assets } from './assets.js';
import { clientReader } from './client.js';
import { compress } from './compression.js';
import { answerErrors } from './error-page.js';
import { HttpError } from './http-error.js';
import { logoHeaders } from './logo-address.js';
import { sendRedirect } from './page-answer.js';
import { type PageDeadlines, pageDispatcher } from './page-dispatcher.js';
import { readinessProbe, type ServingStatus } from './readiness.js';
import { requestId } from './request-id.js';
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
  const router = routes(o, assets, siteOf);
  // What still arrives here is a connection that broke under an answer.
  app.on('error', (error: unknown) => o.log.debug({ err: error }, 'connection lost'));
  app.use(observe(o));
  app.use(compress);
  app.use(answerErrors({ kernel: o.kernel, siteOf, views, log: o.log }));
  const served = { kernel: o.kernel, siteOf, ...(o.deadlines === undefined ? {} : { deadlines: o.deadlines }) };
  const isDevelopment = o.isDevelopment ?? ['development', 'test'].includes(process.env['NODE_ENV'] ?? '');
  app.use(apiDispatcher({ ...served, isDevelopment }));
  app.use(router.routes() as unknown as Middleware);
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
    await withOrigin({ address: client.address, door: 'page', actor: 'guest' }, () =>
      running.run(spot === undefined ? frame : { ...frame, spot }, next),
    );
  };
}

function routes(o: AppOptions, assets: Assets, siteOf: (kernel: Kernel) => Site): Router {
  const router = new Router();
  const readiness = readinessProbe(o);

  router.get('/healthz', (ctx) => {
    answerJson(ctx as unknown as Context, 200, { status: 'ok', version: o.version });
  });

  router.get('/readyz', async (ctx) => {
    const { isReady, isDatabaseThere, reasons, notices } = await readiness();
    answerJson(ctx as unknown as Context, isReady ? 200 : 503, {
      status: isReady ? 'ready' : 'unready',
      database: isDatabaseThere ? 'ok' : 'away',
      reasons,
      notices,
      revision: o.kernel()?.revision ?? null,
    });
  });

  router.get('/', async (ctx) => {
    const kernel = o.kernel();
    // Why is said to programs and in the log: here anybody may ask.
    if (kernel === undefined || !(await readiness()).isDatabaseThere) {
      throw new HttpError(503, t('Posthorn is not ready. Try again in a moment.'), { 'Retry-After': '2' });
    }
    ctx.set('Cache-Control', 'no-store');
    sendRedirect(ctx as unknown as Context, (await homeOf(ctx as unknown as Context, kernel)) ?? LOGIN_PATH);
  });

  router.get('/assets/:id/:hash/:name', async (ctx) => {
    const kernel = o.kernel();
    const asset = (kernel === undefined ? assets : siteOf(kernel).assets).find(
      String(ctx.params.name),
      String(ctx.params.id),
    );
    if (asset === undefined) return;
    // A page of the generation before may still ask by the old hash: it gets what there is, and may not keep it.
    const isCurrent = ctx.params.hash === asset.hash;
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

  router.get('/theme/:file', (ctx) => {
    const sheet = themeSheet(String(ctx.params.file));
    if (sheet === undefined) return;
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.type = 'text/css; charset=utf-8';
    ctx.body = sheet;
  });

  router.get('/logo/:file', async (ctx) => {
    const logo = await o.kernel()?.logos.find(String(ctx.params.file));
    if (logo === undefined) return;
    ctx.set(logoHeaders(logo));
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    ctx.body = logo.content;
  });

  return router;
}

/** Where somebody who is signed in begins. */
async function homeOf(ctx: Context, kernel: Kernel): Promise<string | undefined> {
  if (ctx.req.headers.cookie === undefined) return undefined;
  const visitor = await Visitor.of(ctx, kernel);
  visitor.writeCookies();
  return visitor.account === undefined ? undefined : landingPath(kernel, visitor.account);
}

function answerJson(ctx: Context, status: number, value: object): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.status = status;
  ctx.type = 'application/json';
  ctx.body = `${JSON.stringify(value)}\n`;
}

/** Nobody answered: 405 where the address exists for other methods, otherwise 404. */
async function refuse(ctx: Context, _next: Next): Promise<void> {
  const layers = (ctx.matched ?? []) as readonly { readonly methods: readonly string[] }[];
  const methods = new Set(layers.flatMap((layer) => layer.methods));
  if (methods.size === 0 || methods.has(ctx.method)) throw new HttpError(404, t('There is nothing at this address.'));
  methods.add('OPTIONS');
  const allow = [...methods].sort().join(', ');
  if (ctx.method !== 'OPTIONS')
    throw new HttpError(405, t('This address does not take that method.'), { Allow: allow });
  ctx.set('Allow', allow);
  ctx.status = 204;
}
