import { afterMigration, type Contribution, command, field, mapFiles, messages } from '@posthorn/sdk';
import { startBackfill } from '../backfill/backfills.js';
import { servingProcesses } from '../cluster/other-processes.js';
import { collectFigures } from '../doctor/collect.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { observedExtensions } from '../packages/observed-states.js';
import { disableExtension, enableExtension, liftQuarantine } from '../switching.js';
import { EXTENSION_ID as ID, namesOf } from './extension-names.js';
import { follow } from './follow.js';

const t = messages('host');

const NOTHING = { requires: '', claims: '' };

/** Looking at extensions, and switching them. */
export const extensionCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'extension',
    verb: 'list',
    summary: t('Show the extensions of this instance, what is wanted and what is'),
    examples: ['extension list', 'extension list --json'],
    permission: 'core.manage_extensions',
    input: {},
    run: async (_, c) => {
      // Without a database there is nothing but what the packages say.
      const isBlind = kernel().bootProblem !== undefined;
      const { deprecated } = isBlind ? { deprecated: [] } : await collectFigures(kernel(), { isServing: false });
      await c.out.list(
        (await observedExtensions(kernel())).map((s) => ({
          id: s.id,
          package: s.package,
          version: s.version,
          state: s.state,
          desired: s.desired,
          reason: s.reason,
          warnings: deprecated.filter(({ extension }) => extension === s.id).length,
        })),
      );
    },
  }),
  command({
    noun: 'extension',
    verb: 'show',
    summary: t('Show one extension: what it needs and claims, and which processes run it'),
    examples: ['extension show admin', 'extension show admin --json'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: { id: ID },
    run: async ({ id }, c) => {
      const s = (await observedExtensions(kernel())).find((each) => each.id === id);
      if (s === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
      const found = kernel().packages.find((each) => each.id === id);
      const running = (await servingProcesses(kernel().database)).filter(({ versions }) => Object.hasOwn(versions, id));
      c.out.item({
        ...{ id, package: s.package, version: s.version, state: s.state, desired: s.desired, reason: s.reason },
        sdk: found?.sdk ?? '',
        ...(found === undefined ? NOTHING : namesOf(found)),
        folder: found?.directory ?? '',
        processes: running.map(({ host, pid, versions }) => `${host}/${pid} ${versions[id]}`).join(', '),
      });
    },
  }),
  command({
    noun: 'extension',
    verb: 'enable',
    summary: t('Enable an extension while everything serves on'),
    description: t('Runs its schema steps, then replaces the workers. Nothing changes where it cannot be assembled.'),
    examples: ['extension enable admin', 'extension enable acme-notes --despite sdk'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: {
      id: ID,
      despite: field.choice({ label: t('What does not fit and is to be overlooked'), choices: ['sdk'] }).optional(),
    },
    run: async ({ id, despite }, c) => {
      const o = { despiteSdk: despite === 'sdk' };
      const { assembly, applied, hasMaps, hasBackfill } = await enableExtension(kernel(), id, c.actor.username, o);
      c.out.item({ id, state: 'enabled', desired: 'enabled' });
      if (applied.length > 0) for (const { item } of c.items(afterMigration)) c.out.note(item);
      if (hasMaps || c.items(mapFiles).some(({ from }) => from === id))
        c.out.note(t('{{id}} brings map files: write them and reload their reader.', { id }));
      if (hasBackfill)
        c.out.note(t('Run `posthorn extension backfill {{id}}` for what was made before it was enabled.', { id }));
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
    verb: 'backfill',
    summary: t('Let an extension look after what was made before it was enabled'),
    description: t('Starts a job. It can be started again at any time.'),
    examples: ['extension backfill acme-notes'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: { id: ID },
    run: async ({ id }, c) => {
      const job = await startBackfill(kernel(), id, c.actor);
      c.out.item({ id, job });
      c.out.note(t('`posthorn jobs list` shows how far it is.'));
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
