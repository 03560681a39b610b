import { accountChanged, accountLeaving, accounts, on, passwordChanged, type Tap } from '@posthorn/sdk';
import type { SessionStore } from './session-store.js';
import { visiting } from './visit.js';

/** What ends sessions without their owner's doing, in whichever process it happens. */
export const sessionTaps = (sessions: () => SessionStore): readonly Tap[] => [
  on(passwordChanged, async ({ account }) => {
    // Who changes his own password stays where he is and is thrown out everywhere else.
    const present = visiting.getStore()?.session;
    await sessions().endAll(account.id, 'password-changed', present?.accountId === account.id ? present.id : undefined);
  }),
  on(accountChanged, async ({ account }, context) => {
    const changed = await context.get(accounts).findById(account.id);
    if (changed?.is_active === false) await sessions().endAll(account.id, 'disabled');
  }),
  on(accountLeaving, async ({ account }) => {
    await sessions().endAll(account.id, 'deleted');
    return undefined;
  }),
];
