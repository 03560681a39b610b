import { RESELLERS, trashPart } from '@posthorn/admin/contract';
import { type Contribution, defineExtension, messages, parameterForm, provide } from '@posthorn/sdk';
import { limitsAudit } from './audit/contributions.js';
import { limitsCommands } from './commands/contributions.js';
import { limitsParameters } from './contract/parameters.js';
import { limits, plans } from './contract/services.js';
import { resourcesEndpoints } from './endpoints/resources.js';
import { creationGuards } from './guards/creation.js';
import { quotaGuard } from './guards/quota.js';
import { samples } from './jobs/samples.js';
import { initial } from './migrations/0001-initial.js';
import { planPages } from './pages/plan-pages.js';
import { resourcesPages } from './pages/resources-pages.js';
import { limitWarnings } from './pages/warnings.js';
import { usageWidgets } from './pages/widgets.js';
import { LimitService } from './services/limit-service.js';
import { PlanService } from './services/plan-service.js';
import { limitTabs } from './tabs/contributions.js';
import { resourcesBack } from './taps/resources-back.js';

const t = messages('limits');

const contributes: readonly Contribution[] = [
  ...limitTabs,
  ...resourcesPages,
  ...planPages,
  ...usageWidgets,
  limitWarnings,
  ...limitsCommands,
  ...resourcesEndpoints,
  samples,
  ...limitsAudit,
  trashPart({ table: 'limits_userobjectlimit', of: 'core_user', column: 'user_id' }),
  trashPart({ table: 'limits_userplan', of: 'core_user', column: 'user_id' }),
  trashPart({ table: 'limits_userplan', of: 'limits_plan', column: 'plan_id' }),
  trashPart({ table: 'limits_domainobjectlimit', of: 'admin_domain', column: 'domain_id' }),
  trashPart({ table: 'limits_domainplan', of: 'admin_domain', column: 'domain_id' }),
  trashPart({ table: 'limits_domainplan', of: 'limits_plan', column: 'plan_id' }),
];

/** How many things administrators may make, and how many there may be in a domain. */
export default defineExtension({
  id: 'limits',
  version: '0.1.0',
  sdk: '^1.0.0',
  title: t('Limits'),
  description: t('How many domains, mailboxes and aliases administrators and domains may have.'),
  requires: { admin: '^0.1.0' },
  claims: { endpoints: ['resources'] },
  parameters: [parameterForm(limitsParameters)],
  permissions: {
    'limits.change_limits': { label: t('Give resources'), roles: [RESELLERS] },
    'limits.manage_plans': { label: t('Make and change plans'), roles: [] },
  },
  migrations: [initial],
  services: [
    provide(limits, (context) => new LimitService(context)),
    provide(plans, (context) => new PlanService(context)),
  ],
  taps: [...creationGuards, quotaGuard, ...resourcesBack],
  contributes,
  // Beside dist, where this file runs.
  views: new URL('../views/', import.meta.url),
  locales: new URL('../locales/', import.meta.url),
});
