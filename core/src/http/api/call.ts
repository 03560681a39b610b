import { type EndpointRequest, messages } from '@posthorn/sdk';
import type { Context } from 'koa';
import { originOf, withOrigin } from '../../audit/origin.js';
import { HttpError } from '../http-error.js';
import { paramsOf } from '../route-table.js';
import { sendCollection } from './collection-answer.js';
import { onlyFields, readControls } from './controls.js';
import { isKnown, withMatch } from './entity-tag.js';
import { withIdempotency } from './idempotency.js';
import { readJson } from './json-body.js';
import { readBodyShape, readParams, readQuery } from './read-input.js';
import { requireEntry } from './require-entry.js';
import { type Answer, type AnswerType, answered, type Call, ROW_TYPES } from './run-endpoint.js';

const t = messages('host');

export async function answerCall(ctx: Context, call: Call): Promise<void> {
  const { endpoint } = call.route;
  const isReading = endpoint.method === 'GET';
  requireEntry(call.caller, endpoint.permission);
  if (!isReading) call.caller.requireOwnPage(ctx);
  const type = wantedType(ctx, endpoint.keyOf !== undefined);
  const ended = new AbortController();
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) ended.abort();
  });
  const controls = readControls(endpoint, ctx.querystring);
  const sent = isReading ? {} : await readJson(ctx.req, endpoint.bodyLimit);
  const request: EndpointRequest = {
    context: call.kernel.generation.context(call.route.from),
    actor: call.caller.actor,
    params: readParams(endpoint.params, paramsOf(call.route.path, call.match.values)),
    query: readQuery(endpoint.query, controls.rest),
    body: readBodyShape(endpoint, sent),
    signal: ended.signal,
    requestId: String(ctx.state.requestId),
    page: controls.page,
  };
  if (endpoint.deprecated !== undefined) ctx.set(deprecationHeaders(endpoint.deprecated));
  try {
    await withOrigin(originOf(call.caller.actor), async () => {
      if (endpoint.keyOf !== undefined) return sendCollection(ctx, call, request, { controls, type });
      const work = () => answered(call, request, controls.isDryRun);
      const answer = isReading
        ? await work()
        : await withIdempotency(ctx, call, sent, () => withMatch(ctx, call, request, work));
      send(ctx, call, answer, controls.fields);
    });
  } catch (error) {
    ended.abort();
    throw error;
  }
}

function send(ctx: Context, { route }: Call, { status, body }: Answer, fields: readonly string[] | undefined): void {
  ctx.status = status;
  const location = route.endpoint.location?.(body);
  if (location !== undefined) ctx.set('Location', location);
  if (body === undefined) {
    // Koa would make a 204 of it.
    if (status === 200) ctx.body = '';
    return;
  }
  const text = JSON.stringify(body);
  if (route.endpoint.method === 'GET' && isKnown(ctx, text)) return;
  ctx.set('Content-Type', 'application/json; charset=utf-8');
  ctx.body = fields === undefined ? text : JSON.stringify(onlyFields(body, fields));
}

function wantedType(ctx: Context, isCollection: boolean): AnswerType {
  const types: readonly AnswerType[] = isCollection ? ROW_TYPES : ['application/json'];
  const accepted = ctx.accepts(...types);
  const found = types.find((type) => type === accepted);
  if (found !== undefined) return found;
  // Whoever names nothing but the type of problems wants to read those, and takes JSON.
  if (ctx.accepts('application/problem+json') !== false) return 'application/json';
  throw new HttpError(406, t('This address answers with {{types}}.', { types: types.join(', ') }));
}

/** RFC 9745 and RFC 8594. */
function deprecationHeaders({ since, sunset }: { since: string; sunset?: string }): Readonly<Record<string, string>> {
  return {
    Deprecation: `@${Math.floor(Date.parse(since) / 1000)}`,
    ...(sunset === undefined ? {} : { Sunset: new Date(sunset).toUTCString() }),
  };
}
