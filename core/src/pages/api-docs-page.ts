import { type Contributed, type Contribution, type Endpoint, endpoints, messages, page, view } from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { API_ROOT, endpointAddresses } from '../calls/endpoint-address.js';
import type { Kernel } from '../kernel.js';

const t = messages('host');

/** The calls of the API that the reader may make, and a program that makes them with his session. */
export const apiDocsPage = (kernel: () => Kernel): Contribution =>
  page({
    path: '/docs/api/',
    permission: 'signed-in',
    load: async ({ actor }) => {
      const { generation } = kernel();
      const addressOf = endpointAddresses(generation);
      const calls = (generation.slots.items(endpoints.id) as readonly Contributed<Endpoint>[])
        .filter(({ item }) => mayEnter(item.permission, actor, true))
        .map(({ from, item }) => ({ method: item.method, path: addressOf(from, item), summary: item.summary }));
      const groups = Map.groupBy(calls, ({ path }) => path.slice(API_ROOT.length + 1).split('/')[0] ?? '');
      return view('host:api-docs', t('Calls of the API'), {
        groups: [...groups].map(([name, of]) => ({ name, calls: of })),
      });
    },
  });
