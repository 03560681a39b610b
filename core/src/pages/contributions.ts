import type { Contribution } from '@posthorn/sdk';
import { doctorPage } from '../doctor/doctor-page.js';
import type { Kernel } from '../kernel.js';
import { apiDocsPage } from './api-docs-page.js';
import { auditPages } from './audit-pages.js';
import { confirmPage } from './confirm-page.js';
import { dashboardPage } from './dashboard-page.js';
import { extensionPage } from './extension-page.js';
import { extensionPages } from './extension-pages.js';
import { galleryPage } from './gallery-page.js';
import { informationPage } from './information-page.js';
import { jobPage } from './job-page.js';
import { jobPages } from './job-pages.js';
import { logPage } from './log-page.js';
import { noticeContributions } from './notices.js';
import { packagePages } from './package-pages.js';
import { palettePage } from './palette-page.js';
import { repairPage } from './repair-page.js';
import { savedFilterPages } from './saved-filters.js';
import { uninstallExtensionPage } from './uninstall-extension-page.js';

/** Pages that are there without any extension, for those who run the installation. */
export const managementPages = (kernel: () => Kernel): readonly Contribution[] => [
  ...dashboardPage(kernel),
  ...extensionPages(kernel),
  extensionPage(kernel),
  ...packagePages(kernel),
  ...uninstallExtensionPage(kernel),
  doctorPage(kernel),
  ...jobPages(kernel),
  ...jobPage(kernel),
  ...informationPage(kernel),
  ...logPage(kernel),
  ...auditPages(kernel),
  ...palettePage(kernel),
  ...galleryPage(),
  apiDocsPage(kernel),
  ...noticeContributions(kernel),
  ...confirmPage(kernel),
  ...savedFilterPages(kernel),
  ...repairPage(kernel),
];
