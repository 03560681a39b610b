import { afterMigration, type Contribution, command, field, mapFiles, messages } from '@posthorn/sdk';
import { collectFigures } from '../doctor/collect.js';
import type { Kernel } from '../kernel.js';
import { addPackage } from '../packages/add-package.js';
import { plannedUninstall, uninstall } from '../packages/uninstall.js';
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
      // Without a database there is nothing but what the packages say.
      const isBlind = kernel().bootProblem !== undefined;
      const { deprecated } = isBlind ? { deprecated: [] } : await collectFigures(kernel(), { isServing: false });
      await c.out.list(
        kernel().states.map((s) => ({
          id: s.id,
          package: s.package,
          version: s.version,
          state: s.state,
          desired: s.desired,
          warnings: deprecated.filter(({ extension }) => extension === s.id).length,
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
    verb: 'add',
    summary: t('Install the package of an extension, without enabling it'),
    description: t(
      'A package of the registry, a tarball or a folder. Installing an extension is trusting its author: its code runs with the rights of this program.',
    ),
    examples: ['extension add posthorn-acme-notes@1.2.0', 'extension add ./posthorn-acme-notes-1.2.0.tgz'],
    permission: 'core.manage_extensions',
    positional: ['package'],
    input: { package: field.string({ label: t('Package'), min: 1, max: 1_000 }) },
    run: async (input, c) => {
      const { directory } = kernel().config;
      const { id, package: name, version, sdk, requires, claims } = await addPackage(directory, input.package, c.log);
      const needs = Object.entries(requires).map(([peer, range]) => `${peer} ${range}`);
      const claimed = Object.values(claims).flat();
      c.out.item({ id, package: name, version, sdk, requires: needs.join(', '), claims: claimed.join(', ') });
      c.out.note(t('Run `posthorn extension enable {{id}}` to use it.', { id }));
    },
  }),
  command({
    noun: 'extension',
    verb: 'uninstall',
    isDestructive: true,
    summary: t('Take a disabled extension away, with its tables and all that was kept for it'),
    examples: ['extension uninstall acme-notes --dry-run', 'extension uninstall acme-notes --yes'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: {
      id: ID,
      dry_run: field.boolean({ label: t('Only say what would be taken away') }).default(false),
    },
    run: async ({ id, dry_run }, c) => {
      if (dry_run) {
        await c.out.list((await plannedUninstall(kernel(), id)).map((one) => ({ ...one })));
        return;
      }
      await c.confirm(t('Take away {{id}} with its tables and everything in them?', { id }));
      const { left, packageProblem } = await uninstall(kernel(), id);
      await c.out.list(left.map((one) => ({ ...one })));
      if (packageProblem !== undefined)
        c.out.warn(t('The package is still there, because npm failed: {{reason}}', { reason: packageProblem }));
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
