import type { Contribution } from '@posthorn/sdk';
import { accountGeneral } from './account-general.js';
import { accountMail } from './account-mail.js';
import { aliasGeneral } from './alias-general.js';
import { domainGeneral } from './domain-general.js';

/** This extension's own tabs in its forms. */
export const adminTabs: readonly Contribution[] = [domainGeneral, accountGeneral, accountMail, aliasGeneral];
