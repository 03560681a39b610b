/** What other extensions add to the lists of domains and identities. */
import { type ListColumn, type ListFilter, type RowAction, slot } from '@posthorn/sdk';
import type { DomainRef } from './hooks.js';

export const domainColumns = slot<ListColumn<DomainRef>>('admin.domain-columns@1');
export const domainActions = slot<RowAction<DomainRef>>('admin.domain-actions@1');
/** Rows are of the kind `domain`. */
export const domainFilters = slot<ListFilter>('admin.domain-filters@1');

/** A row of the list of identities. */
export interface IdentityRef {
  readonly kind: 'account' | 'alias';
  readonly pk: number;
  /** Username or address. */
  readonly name: string;
}
export const accountColumns = slot<ListColumn<IdentityRef>>('admin.account-columns@1');
export const accountActions = slot<RowAction<IdentityRef>>('admin.account-actions@1');
/** Rows are of the kinds `account` and `alias`. */
export const accountFilters = slot<ListFilter>('admin.account-filters@1');

/** Regions for widgets: beside the lists, and on the page of one domain (`params.name`) and one account (`params.id`). */
export const REGIONS = {
  domains: 'admin.domains',
  identities: 'admin.identities',
  domain: 'admin.domain',
  account: 'admin.account',
} as const;
