import { type Contributed, type Endpoint, endpoints } from '@posthorn/sdk';
import type { Generation } from '../../assembly/generation.js';
import { endpointAddresses } from '../../calls/endpoint-address.js';
import { type RouteMatch, RouteTable } from '../route-table.js';

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
    const addressOf = endpointAddresses(generation);
    const all: EndpointRoute[] = [];
    for (const contributed of generation.slots.items(endpoints.id) as readonly Contributed<Endpoint>[]) {
      const { from, item } = contributed;
      const path = addressOf(from, item);
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
