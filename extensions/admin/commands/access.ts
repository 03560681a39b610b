import { command, field, messages, type PrintableRow, plainText, type Text } from '@posthorn/sdk';
import { type ExplanationFact, explanations } from '../contract.js';
import { ACTION_NAMES, type ActionName } from '../policy/actions.js';
import { nameField } from './shared-fields.js';

const t = messages('admin');

/** As for every command that is refused. */
const REFUSED = 5;

export const accessCommands = [
  command({
    noun: 'access',
    verb: 'explain',
    summary: t('Show why an account may do something, or may not'),
    description: t('Asks what the services ask. Ends with 5 where the account may not do it.'),
    examples: [
      'access explain alice@example.org domain.delete example.org',
      'access explain reseller role.give DomainAdmins',
      'access explain alice@example.org domain.create --json',
      'access explain alice@example.org account.delete bob@example.org --token 3',
    ],
    permission: 'admin.view_mailboxes',
    positional: ['username', 'action', 'object'],
    input: {
      username: nameField('Username', 'Whose rights are meant'),
      action: field.choice({ label: t('Action'), choices: ACTION_NAMES as [ActionName, ...ActionName[]] }),
      token: field
        .integer({ label: t('Token'), help: t('Number of one of its tokens, whose rights are meant instead') })
        .optional(),
      object: nameField('Object', 'Domain, username, address or role; of a sender address its number').optional(),
    },
    async run({ username, action, object, token }, context) {
      const { facts, isAllowed, ...rest } = await context.get(explanations).explain(context.actor, {
        account: username,
        action,
        ...(object === undefined ? {} : { object }),
        ...(token === undefined ? {} : { token }),
      });
      context.out.item({ ...rest, is_allowed: isAllowed, facts: facts.map(row) }, facts.map(line));
      context.out.note(isAllowed ? t('Allowed.') : t('Refused.'));
      if (!isAllowed) context.setExitCode(REFUSED);
    },
  }),
];

const row = ({ kind, holds, text }: ExplanationFact): PrintableRow => ({ kind, holds, text: plainText(text) });

const line = ({ holds, text }: ExplanationFact): Text =>
  holds ? t('+ {{text}}', { text }) : t('- {{text}}', { text });
