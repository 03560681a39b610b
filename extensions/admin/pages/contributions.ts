import type { Contribution } from '@posthorn/sdk';
import { accessPages } from './access-page.js';
import { accountPages } from './account-pages.js';
import { aliasPages } from './alias-pages.js';
import { dashboardWidgets } from './dashboard-widgets.js';
import { domainAliasPages } from './domain-alias-pages.js';
import { domainEditorPages } from './domain-editor.js';
import { domainPages } from './domain-pages.js';
import { forwardPage } from './forward-page.js';
import { identityPages } from './identity-pages.js';
import { inactiveFilter } from './inactive-filter.js';
import { paletteSources } from './palette.js';
import { quotaNotices } from './quota-notices.js';
import { quotaPages } from './quota-pages.js';
import { resolvePages } from './resolve-page.js';
import { roleAddressPage } from './role-address-page.js';
import { startPage } from './start-page.js';
import { trashPages } from './trash-pages.js';

/** Pages, menu entries and widgets of this extension. */
export const adminPages: readonly Contribution[] = [
  startPage,
  ...dashboardWidgets,
  ...domainEditorPages,
  ...domainPages,
  ...identityPages,
  ...accountPages,
  ...accessPages,
  ...aliasPages,
  ...domainAliasPages,
  ...quotaPages,
  quotaNotices,
  inactiveFilter,
  ...resolvePages,
  roleAddressPage,
  ...forwardPage,
  ...trashPages,
  ...paletteSources,
];
