import type { AccountView } from '../contract/views.js';

const before = new WeakMap<AccountView, string>();

/** The address that the mailbox had before a tab of the same form gave it another. */
export const oldAddressOf = (account: AccountView): string | undefined => before.get(account);

/** Tells the tabs that are saved after this one. */
export function rememberAddress(saved: AccountView | undefined, was: AccountView | undefined): void {
  const address = was?.mailbox?.full_address;
  if (saved === undefined || address === undefined || saved.mailbox?.full_address === address) return;
  before.set(saved, address);
}
