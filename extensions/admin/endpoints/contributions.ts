import type { Contribution } from '@posthorn/sdk';
import { accountEndpoints } from './accounts.js';
import { aliasEndpoints } from './aliases.js';
import { bulkEndpoints } from './bulk.js';
import { domainAliasEndpoints } from './domain-aliases.js';
import { domainEndpoints } from './domains.js';
import { senderAddressEndpoints } from './sender-addresses.js';

/** The reference's resources, at the addresses that they have there. */
export const adminEndpoints: readonly Contribution[] = [
  ...domainEndpoints,
  ...domainAliasEndpoints,
  ...accountEndpoints,
  ...aliasEndpoints,
  ...senderAddressEndpoints,
  ...bulkEndpoints,
];
