import { createHash, createHmac } from 'node:crypto';
import { messages } from '@posthorn/sdk';
import type { Context } from 'koa';
import { IdempotencyStore } from '../../calls/idempotency-store.js';
import { HttpError } from '../http-error.js';
import type { Answer, Call } from './run-endpoint.js';

const t = messages('host');

/**
 * A POST with an `Idempotency-Key` is done once (draft-ietf-httpapi-idempotency-key-header): who sends it again within a
 * day gets the first answer. 422 where the key came with another call, 409 while the first is at work. A call that was
 * refused or failed did nothing, so the next one is a first one.
 */
export async function withIdempotency(
  ctx: Context,
  { kernel, caller }: Call,
  sent: unknown,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const key = ctx.get('Idempotency-Key');
  if (ctx.method !== 'POST' || key === '' || caller.actor.id === null || !caller.isSignedIn) return work();
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new HttpError(400, t('An Idempotency-Key has 1 to 255 characters of ASCII.'));
  }
  const store = new IdempotencyStore(kernel.database);
  // A token with less rights is never given the answer to one with more.
  const id = createHash('sha256')
    .update(JSON.stringify([caller.actor.id, caller.scopes, key]))
    .digest('base64url');
  // Whoever reads the table cannot try passwords on it: the key is not in there.
  const request = createHmac('sha256', key)
    .update(JSON.stringify([ctx.path, ctx.search, sent]))
    .digest('base64url');
  const found = await store.begin(id, request);
  if (found !== undefined) {
    if (found.request !== request) {
      throw new HttpError(422, t('This Idempotency-Key was used for another call.'));
    }
    if (found.answer === undefined) {
      throw new HttpError(409, t('The call with this Idempotency-Key is at work.'), { 'Retry-After': '1' });
    }
    ctx.set('Idempotency-Replayed', 'true');
    return found.answer;
  }
  try {
    const answer = await work();
    await store.finish(id, answer);
    return answer;
  } catch (error) {
    await store.forget(id);
    throw error;
  }
}
