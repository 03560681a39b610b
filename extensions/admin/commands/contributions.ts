/** `posthorn domain|domainalias|account|alias|senderaddress|session …`: thin doors to the services, one file per noun. */
import type { Contribution } from '@posthorn/sdk';
import { accountCommands } from './account.js';
import { aliasCommands } from './alias.js';
import { cleanInactiveCommand } from './clean-inactive.js';
import { domainCommands } from './domain.js';
import { domainAliasCommands } from './domain-alias.js';
import { resolveCommands } from './resolve.js';
import { senderAddressCommands } from './sender-address.js';
import { sessionCommands } from './session.js';

export const adminCommands: readonly Contribution[] = [
  ...domainCommands,
  ...domainAliasCommands,
  ...accountCommands,
  cleanInactiveCommand,
  ...aliasCommands,
  ...senderAddressCommands,
  ...sessionCommands,
  ...resolveCommands,
];
