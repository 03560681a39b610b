import { type Contribution, command, field, messages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';

const t = messages('host');

/** `posthorn secret rotate`: what is stored sealed gets a new key. */
export const secretCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'secret',
    verb: 'rotate',
    summary: t('Encrypt stored secrets with a new key'),
    description: t(
      'Older keys stay in secrets/keys: what waits in the outbox and backups of the database need them. Where several machines serve, put the new key first on each of them and use --no-new-key here.',
    ),
    examples: ['secret rotate', 'secret rotate --no-new-key'],
    permission: 'core.manage_parameters',
    input: {
      new_key: field
        .boolean({ label: t('Make a new key; without it, the first one of the file counts') })
        .default(true),
    },
    run: async ({ new_key }, c) => {
      const { keys } = kernel();
      const key = new_key ? keys.rotate() : keys.current().id;
      c.out.item({ key, rows: await kernel().parameters.reseal() });
    },
  }),
];
