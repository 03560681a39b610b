import { isOwnPath } from '../access/own-path.js';

/** Path and query of an address, where they can be ours; whose host it names does not matter. */
export function ownPart(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { pathname, search } = new URL(address);
  return isOwnPath(`${pathname}${search}`) ? `${pathname}${search}` : undefined;
}
