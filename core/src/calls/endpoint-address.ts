import type { Endpoint } from '@posthorn/sdk';
import type { Generation } from '../assembly/generation.js';

/** Where the API begins. */
export const API_ROOT = '/api/v1';

/** Says where an endpoint of an extension stands: below its id, or below a noun that it claims. */
export function endpointAddresses(
  generation: Pick<Generation, 'order'>,
): (from: string, endpoint: Pick<Endpoint, 'path'>) => string {
  const claims = new Map(generation.order.map((d) => [d.id, new Set(d.claims?.endpoints)]));
  return (from, { path }) => {
    const isClaimed = claims.get(from)?.has(path.split('/')[1] ?? '') === true;
    return `${API_ROOT}${isClaimed ? '' : `/${from}`}${path}`;
  };
}
