import { trashPart } from '@posthorn/admin/contract';
import { type Contribution, defineExtension, messages, provide } from '@posthorn/sdk';
import { relayAudit } from './audit.js';
import { relayCheck } from './checks.js';
import { relayDomainCommands } from './commands/contributions.js';
import { relayDomains } from './contract/services.js';
import { relayDomainEndpoints } from './endpoints/relay-domains.js';
import { exportRelayDomain } from './import-export/exported.js';
import { relayDomainRows } from './import-export/importer.js';
import { relayMaps } from './maps/contributions.js';
import { initial } from './migrations/0001-initial.js';
import { relayPages } from './pages/contributions.js';
import { permissions } from './permissions.js';
import { splitResolver } from './resolver.js';
import { RelayDomainService } from './services/relay-domain-service.js';
import { relayTabs } from './tabs/relay.js';
import { followType, mayMakeRelayDomain } from './taps/permissions.js';
import { followTransport } from './taps/recipient-access.js';

const t = messages('relaydomains');

const contributes: readonly Contribution[] = [
  ...relayTabs,
  ...relayMaps,
  ...relayDomainCommands,
  ...relayPages,
  ...relayDomainEndpoints,
  relayDomainRows,
  relayAudit,
  relayCheck,
  splitResolver,
  trashPart({ table: 'relaydomains_recipientaccess', of: 'transport_transport', column: 'transport_id' }),
];

/** Domains whose mail another server keeps. */
export default defineExtension({
  id: 'relaydomains',
  version: '0.1.0',
  sdk: '^1.0.0',
  title: t('Relay domains'),
  description: t('Domains whose mail is handed on to another server, with mailboxes here where they are wanted.'),
  requires: { admin: '^0.1.0', transport: '^0.1.0' },
  claims: { commands: ['relaydomain'], endpoints: ['relaydomains'], imports: ['relaydomain'] },
  permissions,
  migrations: [initial],
  services: [provide(relayDomains, (context) => new RelayDomainService(context))],
  taps: [mayMakeRelayDomain, followType, followTransport, exportRelayDomain],
  contributes,
  // Beside dist, where this file runs.
  views: new URL('../views/', import.meta.url),
  locales: new URL('../locales/', import.meta.url),
});
