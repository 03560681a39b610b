import { Readable } from 'node:stream';
import type { DownloadAnswer } from '@posthorn/sdk';
import type { Context } from 'koa';
import { headerPath, isOwnPath } from '../access/own-path.js';

/** Always 303: whatever was sent, the next request is a GET. */
export function sendRedirect(ctx: Context, to: string): void {
  if (!isOwnPath(to)) throw new Error(`redirects lead to paths of ours, not to ${JSON.stringify(to.slice(0, 200))}`);
  ctx.set('Location', headerPath(to));
  ctx.status = 303;
  ctx.body = '';
}

const TYPE = /^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*(?:; ?charset=[a-z0-9-]+)?$/i;

/** Sends a file that is saved, never shown: what it holds runs nowhere. */
export function sendDownload(ctx: Context, answer: DownloadAnswer, onError: (error: unknown) => void): void {
  const filename = safeFilename(answer.filename);
  // RFC 6266: the name itself in `filename*`, and something for clients that do not know that.
  ctx.attachment(filename, { fallback: filename.replace(/[^\x20-\x7e]/g, '_') });
  const { content } = answer;
  if (typeof content === 'string' || content instanceof Uint8Array) {
    ctx.body = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  } else {
    const stream = Readable.from(content, { objectMode: false });
    stream.once('error', onError);
    ctx.body = stream;
  }
  ctx.set('Content-Type', TYPE.test(answer.type) ? answer.type : 'application/octet-stream');
  ctx.state.isUncompressed = true;
}

/** The last part of a path without what shells, Windows and readers of right-to-left text stumble over. */
export function safeFilename(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^\.+/, '')
    .trim()
    .slice(0, 150);
  return clean.isWellFormed() && clean !== '' ? clean : 'download';
}
