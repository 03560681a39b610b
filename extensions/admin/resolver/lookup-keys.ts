/** How Postfix asks `virtual_alias_maps` for an address, and what it makes of an answer (virtual(5)). */
import { splitExtension } from '../addresses.js';

/** The keys in the order in which they are asked for (TABLE SEARCH ORDER): the first that answers ends the search. */
export function lookupKeys(address: string): readonly string[] {
  const { local, domain } = halves(address);
  return [...new Set([address, `${splitExtension(local).name}${domain}`, domain])];
}

/**
 * The address that an answer stands for. `@domain` keeps the local part; what was passed over to find the key is put
 * after each answer's (`propagate_unmatched_extensions`).
 */
export function answerFor(address: string, key: string, answer: string): string {
  const asked = halves(address);
  if (answer.startsWith('@')) return `${asked.local}${answer}`;
  if (key === address || key === asked.domain) return answer;
  const { local, domain } = halves(answer);
  return `${local}${asked.local.slice(halves(key).local.length)}${domain}`;
}

/** The domain with its `@`. */
export function halves(address: string): { readonly local: string; readonly domain: string } {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, at), domain: address.slice(at) };
}
