/** Forms of this extension that others add tabs to. The subject is undefined while the thing is being made. */
import { type FormTab, slot } from '@posthorn/sdk';
import type { AccountView, AliasView, DomainView } from './views.js';

export const domainEditor = slot<FormTab<DomainView>>('admin.domain-editor@1');
export const accountEditor = slot<FormTab<AccountView>>('admin.account-editor@1');
export const aliasEditor = slot<FormTab<AliasView>>('admin.alias-editor@1');
