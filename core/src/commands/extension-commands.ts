import { afterMigration, type Contribution, command, field, mapFiles, messages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { disableExtension, enableExtension, liftQuarantine } from '../switching.js';
import { follow } from './follow.js';

const t = messages('host');
const ID = field.string({ label: t('Extension'), max: 40 });

export const extensionCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'extension',
    verb: 'list',
    summary: t('Show the extensions of this instance, what is wanted and what is'),
    examples: ['extension list', 'extension list --json'],
    permission: 'core.manage_extensions',
    input: {},
    run: async (_, c) => {
      await c.out.list(
        kernel().states.map((s) => ({
          id: s.id,
          package: s.package,
          version: s.version,
          state: s.state,
          desired: s.desired,
          reason: s.reason,
        })),
      );
    },
  }),
  command({
    noun: 'extension',
    verb: 'enable',
    summary: t('Enable an extension while everything serves on'),
    description: t('Runs its schema steps, then replaces the workers. Nothing changes where it cannot be assembled.'),
    examples: ['extension enable admin'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: { id: ID },
    run: async ({ id }, c) => {
      const { assembly, applied, hasMaps } = await enableExtension(kernel(), id, c.actor.username);
      c.out.item({ id, state: 'enabled', desired: 'enabled' });
      if (applied.length > 0) for (const { item } of c.items(afterMigration)) c.out.note(item);
      if (hasMaps || c.items(mapFiles).some(({ from }) => from === id))
        c.out.note(t('{{id}} brings map files: write them and reload their reader.', { id }));
      await follow(kernel(), assembly, c);
    },
  }),
  command({
    noun: 'extension',
    verb: 'disable',
    summary: t('Disable an extension; its data stays'),
    examples: ['extension disable admin', 'extension disable admin --with-dependents'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: {
      id: ID,
      with_dependents: field.boolean({ label: t('Disable what needs it, too') }).default(false),
    },
    run: async ({ id, with_dependents }, c) => {
      const { assembly, disabled } = await disableExtension(kernel(), id, {
        withDependents: with_dependents,
        by: c.actor.username,
      });
      await c.out.list(disabled.map((each) => ({ id: each, state: 'disabled', desired: 'disabled' })));
      await follow(kernel(), assembly, c);
    },
  }),
  command({
    noun: 'extension',
    verb: 'lift',
    summary: t('Give a quarantined extension another chance'),
    examples: ['extension lift admin'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: { id: ID },
    run: async ({ id }, c) => {
      const { assembly } = await liftQuarantine(kernel(), id);
      c.out.item({ id, lifted: true });
      await follow(kernel(), assembly, c);
    },
  }),
];
