import { command, field, messages, type SessionView, sessions } from '@posthorn/sdk';
import { mailboxes } from '../contract.js';
import { nameField } from './shared-fields.js';

const t = messages('admin');
const noun = 'session';
const username = () => nameField('Username', 'Whose sessions are meant');

const row = ({ id, device, address, createdAt, seenAt, isRemembered }: SessionView) => ({
  id,
  device,
  address,
  created_at: createdAt.toISOString(),
  seen_at: seenAt.toISOString(),
  is_remembered: isRemembered,
});

export const sessionCommands = [
  command({
    noun,
    verb: 'list',
    summary: t('List where an account is signed in'),
    examples: ['session list alice@example.org'],
    permission: 'core.change_user',
    positional: ['username'],
    input: { username: username() },
    async run(input, context) {
      const { pk } = await context.get(mailboxes).show(context.actor, input.username);
      await context.out.list((await context.get(sessions).list(context.actor, pk)).map(row));
    },
  }),
  command({
    noun,
    verb: 'end',
    summary: t('Sign an account out, everywhere or in one place'),
    examples: ['session end alice@example.org', 'session end alice@example.org --id 17'],
    permission: 'core.change_user',
    positional: ['username'],
    input: {
      username: username(),
      id: field
        .integer({ label: t('Session'), help: t('Only this one, as `session list` shows it'), min: 1 })
        .optional(),
    },
    async run({ username: key, id }, context) {
      const { pk } = await context.get(mailboxes).show(context.actor, key);
      const service = context.get(sessions);
      const count =
        id === undefined ? await service.endAll(context.actor, pk) : Number(await service.end(context.actor, pk, id));
      context.out.note(t('Sessions ended: {{count}}.', { count }));
    },
  }),
];
