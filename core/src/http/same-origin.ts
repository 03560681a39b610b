import type { IncomingHttpHeaders } from 'node:http';
import type { Client } from './client.js';

/**
 * Whether a request that changes something may come from a page of ours. Browsers say where it comes from; a client that
 * says nothing is no browser, holds no cookies that others could use, and still needs the form's token.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, client: Pick<Client, 'protocol' | 'host'>): boolean {
  const site = headers['sec-fetch-site'];
  // `none`: typed in or from a bookmark. `same-site` is another host beside us, not us.
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const from = headers.origin;
  if (from === undefined) return site !== undefined || isOwnReferrer(headers.referer, client);
  if (!URL.canParse(from)) return false;
  const origin = new URL(from);
  if (origin.protocol !== 'http:' && origin.protocol !== 'https:') return false;
  if (!URL.canParse(`${origin.protocol}//${client.host}`)) return false;
  const own = new URL(`${origin.protocol}//${client.host}`);
  const isHost = origin.host === own.host || (isLoopback(origin) && isLoopback(own) && origin.port === own.port);
  // A proxy that is not in the list of trusted ones hides https from us, but not from the browser, which has judged.
  return isHost && (origin.protocol === `${client.protocol}:` || site === 'same-origin');
}

function isOwnReferrer(referrer: string | undefined, client: Pick<Client, 'protocol' | 'host'>): boolean {
  if (referrer === undefined) return true;
  if (!URL.canParse(referrer)) return false;
  return isSameOrigin({ origin: new URL(referrer).origin }, client);
}

const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
