import type { Notice } from '../access/sessions/session.js';
import { isSame, mac } from '../access/sessions/tokens.js';

const COUNT_MAX = 3;
const TEXT_MAX = 400;
/** Browsers keep about 4,096 bytes of a cookie with its name and attributes (RFC 6265 section 6.1). */
const COOKIE_MAX = 3_000;
/** The next page comes at once; an older cookie was forgotten or kept by somebody. */
const LIFE_MS = 5 * 60_000;
const LEVELS: ReadonlySet<unknown> = new Set<Notice['level']>(['success', 'info', 'warning', 'danger']);

const SHAPE = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;
const sign = (secret: string, body: string): string => mac(secret, `notices:${body}`);

/**
 * Sentences that wait for the next page of somebody without a session, as the value of a cookie: they stand in it in
 * the open, signed, so that nobody else can put words into our mouth. The latest few are kept.
 */
export function sealNotices(secret: string, notices: readonly Notice[], now: number): string {
  let kept = notices
    .slice(-COUNT_MAX)
    .map(({ level, text }) => ({ level, text: text.slice(0, TEXT_MAX).toWellFormed() }));
  for (;;) {
    const body = Buffer.from(JSON.stringify({ until: now + LIFE_MS, notices: kept })).toString('base64url');
    const sealed = `${body}.${sign(secret, body)}`;
    if (sealed.length <= COOKIE_MAX || kept.length === 0) return sealed;
    kept = kept.slice(1);
  }
}

/** The sentences of a cookie; none where it is not ours, or too old. */
export function openNotices(secret: string, sealed: string, now: number): readonly Notice[] {
  const [, body = '', signature = ''] = sealed.length <= COOKIE_MAX ? (SHAPE.exec(sealed) ?? []) : [];
  if (body === '' || !isSame(sign(secret, body), signature)) return [];
  const { until, notices } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as {
    readonly until: number;
    readonly notices: readonly Notice[];
  };
  return until >= now ? notices.filter(({ level }) => LEVELS.has(level)) : [];
}
