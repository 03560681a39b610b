import { type Endpoint, type ExtensionDefinition, endpoints } from '@posthorn/sdk';
import { kernelEndpoints } from '../../access/kernel-endpoints.js';
import { endpointAddresses } from '../../calls/endpoint-address.js';
import { KERNEL_CLAIMS, KERNEL_ID } from '../../kernel-extension.js';
import { openApi } from './open-api.js';

/** Nothing is called here. */
function noKernel(): never {
  throw new Error('there is no kernel');
}

/** The document of the kernel and these extensions, without an installation around them: for the typed client. */
export function documentOf(definitions: readonly ExtensionDefinition[]): unknown {
  const order = [
    { id: KERNEL_ID, claims: KERNEL_CLAIMS, contributes: kernelEndpoints(noKernel) },
    ...definitions,
  ] as readonly ExtensionDefinition[];
  const addressOf = endpointAddresses({ order });
  const routes = order.flatMap(({ id: from, contributes = [] }) =>
    contributes
      .filter(({ slot }) => slot.id === endpoints.id)
      .map(({ item }) => ({ from, endpoint: item as Endpoint, path: addressOf(from, item as Endpoint) })),
  );
  return openApi(routes, '');
}
