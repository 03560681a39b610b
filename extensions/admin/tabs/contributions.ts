import type { Contribution } from '@posthorn/sdk';
import { accountGeneral } from './account-general.js';
import { accountMail } from './account-mail.js';
import { aliasGeneral, aliasRandom } from './alias-general.js';
import { domainGeneral } from './domain-general.js';
import { domainOptions } from './domain-options.js';

/** This extension's own tabs in its forms, and the steps of its wizards. */
export const adminTabs: readonly Contribution[] = [
  ...domainGeneral,
  domainOptions,
  ...accountGeneral,
  ...accountMail,
  aliasGeneral,
  aliasRandom,
];
