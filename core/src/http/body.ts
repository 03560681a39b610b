import type { IncomingMessage } from 'node:http';
import { messages } from '@posthorn/sdk';
import { HttpError } from './http-error.js';

const t = messages('host');

/** What a form or an API call may send unless its endpoint says otherwise. */
export const DEFAULT_BODY_LIMIT = 1024 * 1024;

/**
 * Reads a request's body as bytes. Refuses with 413 as soon as it is known to be too large, so an endpoint's limit is
 * also the memory one request can take.
 */
export async function readBody(request: IncomingMessage, o: { readonly limit?: number } = {}): Promise<Buffer> {
  const limit = o.limit ?? DEFAULT_BODY_LIMIT;
  const tooLarge = () =>
    new HttpError(413, t('The request is larger than {{limit}} bytes.', { limit }), { Connection: 'close' });
  const encoding = request.headers['content-encoding'];
  // A compressed body could unfold to any size; nobody needs to send one.
  if (encoding !== undefined && encoding !== 'identity') throw new HttpError(415, t('Send the body uncompressed.'));
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
