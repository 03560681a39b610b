import { type Contribution, command, field, messages } from '@posthorn/sdk';
import type { SignInThrottle } from './sign-in-throttle.js';

const t = messages('host');

export const signInCommands = (throttle: () => SignInThrottle): readonly Contribution[] => [
  command({
    noun: 'sign-in',
    verb: 'unlock',
    summary: t('Let an account sign in again after too many failures'),
    examples: ['sign-in unlock jane@example.com'],
    permission: 'core.manage_sessions',
    positional: ['username'],
    input: { username: field.string({ label: t('Username'), min: 1 }) },
    run: async ({ username }, c) => {
      await throttle().unlock(username);
      c.out.note(t('{{username}} may try again.', { username }));
    },
  }),
];
