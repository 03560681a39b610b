/**
 * Forms of this extension that others add tabs to, and wizards that they add steps to. The subject is undefined until the
 * first step has made it.
 */
import { type FormTab, slot, type WizardStep } from '@posthorn/sdk';
import type { AccountView, AliasView, DomainView } from './views.js';

export const domainEditor = slot<FormTab<DomainView>>('admin.domain-editor@1');
export const accountEditor = slot<FormTab<AccountView>>('admin.account-editor@1');
export const aliasEditor = slot<FormTab<AliasView>>('admin.alias-editor@1');

/** Makes an alias of a random address. */
export const randomAliasEditor = slot<FormTab<AliasView>>('admin.random-alias-editor@1');

/** Makes a domain. Its steps are `general` (-100), which makes the domain, and `options` (100). */
export const domainWizard = slot<WizardStep<DomainView>>('admin.domain-wizard@1');
/** Makes an account. Its steps are `general` (-100), which makes the account, and `mail` (-90). */
export const accountWizard = slot<WizardStep<AccountView>>('admin.account-wizard@1');
