import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Who asks and by which address, forwarded headers judged. */
export interface Client {
  readonly address: string;
  readonly protocol: 'http' | 'https';
  /** Host with port as the client wrote it; '' where it gave none. */
  readonly host: string;
}

/** `::ffff:10.0.0.1` is how a dual-stack socket shows an IPv4 peer. */
const plainAddress = (address: string): string =>
  address.toLowerCase().startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const HOST = /^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?$/;

/** Reads clients out of requests. Forwarded headers count only when the connection comes from a trusted proxy. */
export function clientReader(trustedProxies: readonly string[]): (request: IncomingMessage) => Client {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', prefix] = entry.split('/', 2);
    if (prefix === undefined) trusted.addAddress(address, family(address));
    else trusted.addSubnet(address, Number(prefix), family(address));
  }
  const isTrusted = (address: string): boolean => isIP(address) !== 0 && trusted.check(address, family(address));

  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    const direct: Client = {
      address: peer,
      protocol: 'encrypted' in request.socket && request.socket.encrypted === true ? 'https' : 'http',
      host: request.headers.host ?? '',
    };
    if (!isTrusted(peer)) return direct;
    // The last untrusted address from the right: what stands left of it the client may have invented.
    const chain = String(request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((part) => plainAddress(part.trim()))
      .filter((part) => isIP(part) !== 0);
    const address = chain.findLast((hop) => !isTrusted(hop)) ?? chain[0] ?? peer;
    const protocol = String(request.headers['x-forwarded-proto'] ?? '')
      .trim()
      .toLowerCase();
    const host = String(request.headers['x-forwarded-host'] ?? '').trim();
    return {
      address,
      protocol: protocol === 'https' || protocol === 'http' ? protocol : direct.protocol,
      host: HOST.test(host) ? host : direct.host,
    };
  };
}
