import { TOKEN } from '../access/sessions/tokens.js';

/**
 * `session` holds who is signed in; `guest` binds the sign-in form to one browser; `notices` holds what a guest is to be
 * told on the next page.
 */
export type CookieKind = 'session' | 'guest' | 'notices';

const NAMES = { session: 'posthorn', guest: 'posthorn-guest', notices: 'posthorn-notices' } as const;
const VALUES = { session: TOKEN, guest: TOKEN, notices: /^[A-Za-z0-9_.-]+$/ } as const;

/** Over https the prefix makes browsers refuse a cookie that another host or plain http has set. */
const nameOf = (kind: CookieKind, isSecure: boolean): string => `${isSecure ? '__Host-' : ''}${NAMES[kind]}`;

/** The value in a `Cookie` header; of several with one name the first counts, as for every server. */
export function readCookie(header: string | undefined, kind: CookieKind, isSecure: boolean): string | undefined {
  const name = nameOf(kind, isSecure);
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at === -1 || part.slice(0, at).trim() !== name) continue;
    const value = part.slice(at + 1).trim();
    return VALUES[kind].test(value) ? value : undefined;
  }
  return undefined;
}

/** A `Set-Cookie` header. Without `expires` it ends with the browser; an empty value ends it now. */
export function writeCookie(
  kind: CookieKind,
  value: string,
  o: { readonly isSecure: boolean; readonly expires?: Date },
) {
  const expires = value === '' ? new Date(0) : o.expires;
  return [
    `${nameOf(kind, o.isSecure)}=${value}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    ...(o.isSecure ? ['Secure'] : []),
    ...(expires === undefined ? [] : [`Expires=${expires.toUTCString()}`]),
  ].join('; ');
}
