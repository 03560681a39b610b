import { hash } from 'node:crypto';
import { type EndpointRequest, messages } from '@posthorn/sdk';
import type { Context } from 'koa';
import { HttpError } from '../http-error.js';
import { paramsOf } from '../route-table.js';
import { readParams, readQuery } from './read-input.js';
import { requireEntry } from './require-entry.js';
import { type Answer, answered, type Call } from './run-endpoint.js';

const t = messages('host');

/** So many conditional changes may go on at once; those of one object take turns. */
const TURNS = 64;

/** RFC 9110 section 8.8.3: the whole answer, so that every change of what is shown is another tag. */
const entityTag = (json: string): string => `"${hash('sha256', json, 'base64url').slice(0, 22)}"`;

/** Names the state of what is answered, and says whether the caller has it already: then nothing is sent but 304. */
export function isKnown(ctx: Context, text: string): boolean {
  const tag = entityTag(text);
  ctx.set('ETag', tag);
  const known = ctx.get('If-None-Match').split(',');
  if (!known.some((one) => one.trim().replace(/^W\//, '') === tag)) return false;
  ctx.status = 304;
  return true;
}

/**
 * Where the call says which state it is about (`If-Match`), that is compared with what GET answers now, and whoever else
 * says so waits until the change is made. 412 for another state.
 */
export async function withMatch(
  ctx: Context,
  call: Call,
  request: EndpointRequest,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const wanted = ctx.get('If-Match');
  if (wanted === '') return work();
  const turn = hash('sha256', ctx.path, 'buffer').readUInt8(0) % TURNS;
  return call.kernel.locks.hold(`api-match-${turn}`, async () => {
    const now = await currentTag(call, request);
    const tags = wanted.split(',').map((tag) => tag.trim());
    if (now === undefined || !(tags.includes('*') || tags.includes(now))) {
      throw new HttpError(412, t('This was changed since it was read.'), now === undefined ? {} : { ETag: now });
    }
    return work();
  });
}

/** Undefined where the address answers no GET. */
async function currentTag(call: Call, request: EndpointRequest): Promise<string | undefined> {
  const route = call.match.routes.get('GET');
  if (route === undefined || route.endpoint.keyOf !== undefined) return undefined;
  requireEntry(call.caller, route.endpoint.permission);
  const { body } = await answered(
    { ...call, route },
    {
      ...request,
      context: call.kernel.generation.context(route.from),
      params: readParams(route.endpoint.params, paramsOf(route.path, call.match.values)),
      query: readQuery(route.endpoint.query, new URLSearchParams()),
      body: {},
    },
  );
  return entityTag(JSON.stringify(body));
}
