import type { AccountView } from '../contract/views.js';

const before = new WeakMap<AccountView, AccountView>();

/** The account as it was before a tab of the same form changed it. */
export const accountBefore = (account: AccountView): AccountView | undefined => before.get(account);

/** Tells the tabs that are saved after this one. */
export function rememberBefore(saved: AccountView | undefined, was: AccountView | undefined): void {
  if (saved !== undefined && was !== undefined) before.set(saved, was);
}
