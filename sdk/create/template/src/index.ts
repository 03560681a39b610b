import { defineExtension, messages, parameterForm } from '@posthorn/sdk';
import { initial } from './migrations/0001-initial.js';
import { notePages } from './pages.js';
import { settings } from './parameters.js';
import { permissions } from './permissions.js';
import { noteTab } from './tab.js';
import { tidyJob } from './tidy-job.js';

const t = messages('acme-notes');

/** Plain data: importing this module opens nothing and starts nothing. */
export default defineExtension({
  id: 'acme-notes',
  version: '0.1.0',
  sdk: '^1.0.0',
  title: t('Acme notes'),
  description: t('Keeps a note beside every domain.'),
  requires: { admin: '^0.1.0' },
  parameters: [parameterForm(settings)],
  permissions,
  migrations: [initial],
  contributes: [...notePages, noteTab, tidyJob],
  views: new URL('../views/', import.meta.url),
  locales: new URL('../locales/', import.meta.url),
});
