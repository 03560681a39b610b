import { BlockList, isIP } from 'node:net';
import {
  type Actor,
  type ExtensionContext,
  type TokenRange,
  type TokenScope,
  tokenRanges,
  tokenScopes,
} from '@posthorn/sdk';
import { problem } from '../../errors.js';

/** How often a token may be used. */
export interface TokenRate {
  readonly count: number;
  readonly seconds: number;
}

/** What a token is confined to, as it is stored: what is not there is not confined. */
export interface TokenScopes {
  /** As they were given, for people. */
  readonly said: readonly string[];
  /** Names of scopes, and permissions. */
  readonly actions?: readonly string[];
  /** Ids by kind. */
  readonly objects?: Readonly<Record<string, readonly number[]>>;
  /** Addresses from which it may be used, as `192.0.2.0/24`. */
  readonly networks?: readonly string[];
  readonly rate?: TokenRate;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const NAME = /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/;
const PERMISSION = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$/;

/**
 * Reads scopes as people give them: `things:read`, `owner.permission`, `kind=object`, `from=192.0.2.0/24`, `rate=60/m`.
 * Undefined for none. Throws E_TOKEN_SCOPE for what is none of them, and what the range's owner says of its object.
 */
export async function parseScopes(
  context: ExtensionContext,
  owner: Actor,
  said: readonly string[],
): Promise<TokenScopes | undefined> {
  if (said.length === 0) return undefined;
  const names = new Set(context.items<TokenScope>(tokenScopes).map(({ item }) => item.name));
  const ranges = context.items<TokenRange>(tokenRanges).map(({ item }) => item);
  const actions: string[] = [];
  const objects: Record<string, number[]> = {};
  const networks: string[] = [];
  let rate: TokenRate | undefined;
  for (const scope of said) {
    const at = scope.indexOf('=');
    const [kind, value] = at === -1 ? ['', scope] : [scope.slice(0, at), scope.slice(at + 1)];
    const range = ranges.find(({ name }) => name === kind);
    if (range !== undefined) {
      objects[range.kind] = [...(objects[range.kind] ?? []), await range.find(context, owner, value)];
    } else if (kind === 'from' && isNetwork(value)) networks.push(value);
    else if (kind === 'rate' && rateOf(value) !== undefined) rate = rateOf(value);
    else if (kind === '' && (NAME.test(scope) ? names.has(scope) : PERMISSION.test(scope))) actions.push(scope);
    else throw problem('E_TOKEN_SCOPE', { scope, known: [...names].join(', ') }, { field: 'scope' });
  }
  return {
    said,
    ...(actions.length === 0 ? {} : { actions }),
    ...(Object.keys(objects).length === 0 ? {} : { objects }),
    ...(networks.length === 0 ? {} : { networks }),
    ...(rate === undefined ? {} : { rate }),
  };
}

function rateOf(text: string): TokenRate | undefined {
  const [, count, unit] = /^([1-9]\d{0,6})\/([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : { count: Number(count), seconds: SECONDS[unit ?? ''] ?? 1 };
}

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/', 2);
  const version = isIP(address);
  if (version === 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** Whether an address lies in one of the networks. */
export function isAmong(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  const familyOf = (text: string) => (isIP(text) === 6 ? 'ipv6' : 'ipv4');
  for (const network of networks) {
    const [base = '', prefix] = network.split('/', 2);
    if (prefix === undefined) list.addAddress(base, familyOf(base));
    else list.addSubnet(base, Number(prefix), familyOf(base));
  }
  return isIP(address) !== 0 && list.check(address, familyOf(address));
}
