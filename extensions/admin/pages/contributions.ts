import type { Contribution } from '@posthorn/sdk';
import { accessPages } from './access-page.js';
import { accountPages } from './account-pages.js';
import { aliasPages } from './alias-pages.js';
import { dashboardWidgets } from './dashboard-widgets.js';
import { domainAliasPages } from './domain-alias-pages.js';
import { domainEditorPages } from './domain-editor.js';
import { domainPages } from './domain-pages.js';
import { identityPages } from './identity-pages.js';
import { paletteSources } from './palette.js';
import { quotaPages } from './quota-pages.js';
import { resolvePages } from './resolve-page.js';

/** Pages, menu entries and widgets of this extension. */
export const adminPages: readonly Contribution[] = [
  ...dashboardWidgets,
  ...domainEditorPages,
  ...domainPages,
  ...identityPages,
  ...accountPages,
  ...accessPages,
  ...aliasPages,
  ...domainAliasPages,
  ...quotaPages,
  ...resolvePages,
  ...paletteSources,
];
