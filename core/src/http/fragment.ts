import type { Context } from 'koa';

/** Whether a script asks for a part of a page. One that wants the whole page says so. */
export const isFragment = (ctx: Context): boolean =>
  ctx.get('HX-Request') === 'true' &&
  ctx.get('HX-Request-Type') !== 'full' &&
  ctx.get('HX-Boosted') !== 'true' &&
  ctx.get('HX-History-Restore-Request') !== 'true';
