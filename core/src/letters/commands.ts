import { type Contribution, command, field, messages } from '@posthorn/sdk';
import type { LettersService } from './letters-service.js';
import { sendTestLetter } from './test-letter.js';

const t = messages('host');

/** `posthorn mail test ADDRESS` */
export const letterCommands = (letters: LettersService): readonly Contribution[] => [
  command({
    noun: 'mail',
    verb: 'test',
    summary: t('Send a letter at once and say what the server answers'),
    description: t('With the parameters under Outgoing mail. It does not wait in the queue.'),
    examples: ['mail test postmaster@example.org'],
    permission: 'core.manage_parameters',
    positional: ['address'],
    input: {
      address: field.email({ label: t('Address') }),
      language: field.string({ label: t('Language'), max: 10 }).optional(),
    },
    run: async ({ address, language }, c) => {
      c.out.item({ address, answer: await sendTestLetter(letters, { to: address, language }) });
    },
  }),
];
