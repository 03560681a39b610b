import { p } from '@mikro-orm/core';
import { Domain, trashPart } from '@posthorn/admin/contract';
import { additionTo, type Contribution, defineExtension, messages, provide } from '@posthorn/sdk';
import { transportAudit } from './audit.js';
import { ownBackends } from './backends/contributions.js';
import { transportCheck } from './checks.js';
import { transportCommands } from './commands/contributions.js';
import { routes, transports } from './contract/services.js';
import { transportEndpoints } from './endpoints/transports.js';
import { transportMaps } from './maps/contributions.js';
import { initial } from './migrations/0001-initial.js';
import { transportPages } from './pages/contributions.js';
import { permissions } from './permissions.js';
import { transportResolver } from './resolver.js';
import { RouteService } from './services/route-service.js';
import { TransportService } from './services/transport-service.js';
import { renamePatterns } from './taps/domain-changing.js';
import { adoptPatterns } from './taps/domain-created.js';

const t = messages('transport');

const contributes: readonly Contribution[] = [
  ...ownBackends,
  ...transportMaps,
  ...transportCommands,
  ...transportPages,
  ...transportEndpoints,
  transportAudit,
  transportCheck,
  transportResolver,
  trashPart({ table: 'transport_transport', of: 'admin_domain', column: 'domain_id' }),
];

/** Where Postfix hands mail on to. */
export default defineExtension({
  id: 'transport',
  version: '0.1.0',
  sdk: '^1.0.0',
  title: t('Transports'),
  description: t('Where Postfix hands mail on to: by domain, address and sender, also through a smarthost.'),
  requires: { admin: '^0.1.0' },
  claims: { endpoints: ['transports'] },
  permissions,
  extend: [additionTo(Domain, () => ({ transport_id: p.integer().nullable() }))],
  migrations: [initial],
  services: [
    provide(transports, (context) => new TransportService(context)),
    provide(routes, (context) => new RouteService(context)),
  ],
  taps: [renamePatterns, adoptPatterns],
  contributes,
  // Beside dist, where this file runs.
  views: new URL('../views/', import.meta.url),
  locales: new URL('../locales/', import.meta.url),
});
