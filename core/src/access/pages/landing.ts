import { type Account, type Contributed, type Page, pages } from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';

/** A role whose holders have only pages of their own. */
const SIMPLE = 'SimpleUsers';

/** Where somebody begins after signing in. */
export function landingPath(kernel: Kernel, account: Pick<Account, 'role'>): string {
  if (account.role === SIMPLE) return '/user/';
  const contributed = kernel.generation.slots.items(pages.id) as readonly Contributed<Page>[];
  return contributed.some(({ item }) => item.path === '/dashboard/') ? '/dashboard/' : '/user/';
}
