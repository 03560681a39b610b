import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Middleware } from 'koa';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** Below this the headers cost more than is saved. */
const FROM_BYTES = 1_024;
const TEXT = /^(?:text\/(?!event-stream)|application\/(?:json|problem\+json|javascript)|image\/svg\+xml)/;

/**
 * Compresses pages while they are sent. A page that shows what was sent to it beside a secret could give the secret away
 * (BREACH): ours is the form token, which is another text each time, and an answer that holds others says
 * `ctx.state.isUncompressed`.
 */
export const compress: Middleware = async (ctx, next) => {
  await next();
  const { body } = ctx;
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return;
  if (!TEXT.test(String(ctx.response.get('Content-Type')))) return;
  ctx.vary('Accept-Encoding');
  if (ctx.state.isUncompressed === true || ctx.res.hasHeader('Content-Encoding')) return;
  if (ctx.length < FROM_BYTES) return;
  const encoding = ctx.acceptsEncodings('br', 'gzip', 'identity');
  if (encoding !== 'br' && encoding !== 'gzip') return;
  const bytes = Buffer.from(body);
  ctx.body =
    encoding === 'br' ? await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }) : await zip(bytes);
  ctx.set('Content-Encoding', encoding);
};
