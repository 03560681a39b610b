import { accountChanged, accountsLeaving, on, passwordChanged, type Tap } from '@posthorn/sdk';
import type { SessionStore } from './session-store.js';
import { visiting } from './visit.js';

/** What ends sessions without their owner's doing, in whichever process it happens. */
export const sessionTaps = (sessions: () => SessionStore): readonly Tap[] => [
  on(passwordChanged, async ({ account }) => {
    // Who changes his own password stays where he is and is thrown out everywhere else.
    const present = visiting.getStore()?.session;
    await sessions().endAll(account.id, 'password-changed', present?.accountId === account.id ? present.id : undefined);
  }),
  on(accountChanged, ({ account }) => sessions().endDisabled(account.id)),
  on(accountsLeaving, async ({ accounts }) => {
    await sessions().endLeaving(accounts.map(({ id }) => id));
    return undefined;
  }),
];
