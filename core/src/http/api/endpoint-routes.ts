import { type Contributed, type Endpoint, endpoints } from '@posthorn/sdk';
import type { Generation } from '../../assembly/generation.js';
import { type RouteMatch, RouteTable } from '../route-table.js';

/** Where the API begins. */
export const API_ROOT = '/api/v1';

export interface EndpointRoute {
  /** The extension that contributed the endpoint. */
  readonly from: string;
  readonly endpoint: Endpoint;
  /** With what stands before it. */
  readonly path: string;
}

const PATH = /^\/(?:[^/]+\/)*$/;

/** All endpoints of one generation by their addresses. */
export class EndpointRoutes {
  readonly #table = new RouteTable<EndpointRoute>();
  readonly all: readonly EndpointRoute[];
  /** Endpoints that stand where another one stood first, or whose path is none; told to the log. */
  readonly refused: Contributed<Endpoint>[] = [];

  constructor(generation: Generation) {
    const claims = new Map(generation.order.map((d) => [d.id, new Set(d.claims?.endpoints)]));
    const all: EndpointRoute[] = [];
    for (const contributed of generation.slots.items(endpoints.id) as readonly Contributed<Endpoint>[]) {
      const { from, item } = contributed;
      const isClaimed = claims.get(from)?.has(item.path.split('/')[1] ?? '') === true;
      const path = `${API_ROOT}${isClaimed ? '' : `/${from}`}${item.path}`;
      const route = { from, endpoint: item, path };
      if (PATH.test(item.path) && this.#table.add(item.method, path, route)) all.push(route);
      else this.refused.push(contributed);
    }
    this.all = all;
  }

  /** Undefined where no endpoint has this address. */
  find(path: string): RouteMatch<EndpointRoute> | undefined {
    return this.#table.find(path);
  }
}
