import { resolve } from 'node:path';
import { afterMigration, type Contribution, command, field, mapFiles, messages } from '@posthorn/sdk';
import type { ExtensionPackage } from '../assembly/discover.js';
import { startBackfill } from '../backfill/backfills.js';
import { servingProcesses } from '../cluster/other-processes.js';
import { collectFigures } from '../doctor/collect.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { addPackage } from '../packages/add-package.js';
import { exportExtension, exportToFile } from '../packages/export-extension.js';
import { observedExtensions } from '../packages/observed-states.js';
import { plannedUninstall, uninstall, uninstallObstacles } from '../packages/uninstall.js';
import { tidyPackages, upgradePackage } from '../packages/upgrade.js';
import { disableExtension, enableExtension, liftQuarantine } from '../switching.js';
import { follow } from './follow.js';

const t = messages('host');
const FILE = field.string({ label: t('File'), min: 1, max: 4_096 });
const ID = field.string({ label: t('Extension'), max: 40 });

const NOTHING = { requires: '', claims: '' };

/** What an extension names of others, in a line each. */
const namesOf = ({ requires, claims }: Pick<ExtensionPackage, 'requires' | 'claims'>) => ({
  requires: Object.entries(requires)
    .map(([peer, range]) => `${peer} ${range}`)
    .join(', '),
  claims: Object.values(claims).flat().join(', '),
});

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
          warnings: deprecated.filter(({ extension }) => extension === s.id).length,
          reason: s.reason,
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
      const { id, package: name, version, sdk, requires, claims } = await addPackage(directory, input.package);
      await tidyPackages(kernel());
      c.out.item({ id, package: name, version, sdk, ...namesOf({ requires, claims }) });
      c.out.note(t('Run `posthorn extension enable {{id}}` to use it.', { id }));
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
    verb: 'export',
    summary: t('Write all that an extension keeps in the database, as JSON lines'),
    description: t('Without a file, to the standard output. Secrets among the parameters are left out.'),
    examples: ['extension export acme-notes acme-notes.ndjson', 'extension export acme-notes | gzip > notes.gz'],
    permission: 'core.manage_extensions',
    positional: ['id', 'file'],
    input: { id: ID, file: FILE.optional() },
    run: async ({ id, file }, c) => {
      if (file === undefined) await c.out.stream(exportExtension(kernel(), id));
      else await exportToFile(kernel(), id, resolve(file));
    },
  }),
  command({
    noun: 'extension',
    verb: 'upgrade',
    summary: t('Bring an extension to another version while everything serves on'),
    description: t(
      'A version or tag of its package, a tarball or a folder; the newest where none is given. Until workers with the new version are ready, those of the old one serve; if they never are, nothing has changed.',
    ),
    examples: [
      'extension upgrade acme-notes',
      'extension upgrade acme-notes 1.2.0 --dry-run',
      'extension upgrade acme-notes ./posthorn-acme-notes-1.2.0.tgz',
    ],
    permission: 'core.manage_extensions',
    positional: ['id', 'version'],
    input: {
      id: ID,
      version: field.string({ label: t('Version, tarball or folder'), min: 1, max: 1_000 }).optional(),
      downgrade: field.boolean({ label: t('Take a lower version, if its schema is the same') }).default(false),
      dry_run: field.boolean({ label: t('Only say what would be different') }).default(false),
    },
    run: async ({ id, version, downgrade, dry_run }, c) => {
      const o = { isDowngrade: downgrade, isDryRun: dry_run };
      const plan = await upgradePackage(kernel(), id, version, c.actor.username, o);
      c.out.item({
        ...{ id, package: plan.package, from: plan.from, version: plan.to },
        ...{ claims: plan.claims.join(', '), permissions: plan.permissions.join(', '), steps: plan.steps.join(', ') },
      });
    },
  }),
  command({
    noun: 'extension',
    verb: 'uninstall',
    isDestructive: true,
    summary: t('Take a disabled extension away, with its tables and all that was kept for it'),
    examples: [
      'extension uninstall acme-notes --dry-run',
      'extension uninstall acme-notes --export acme-notes.ndjson',
      'extension uninstall acme-notes --files /etc/acme --yes',
    ],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: {
      id: ID,
      dry_run: field.boolean({ label: t('Only say what would be taken away') }).default(false),
      export: field
        .string({ label: t('Export first'), help: t('A new file, as `extension export` writes it'), max: 4_096 })
        .optional(),
      files: field
        .list(field.string({ label: t('Directory'), max: 4_096 }), {
          label: t('Directories'),
          help: t('Where its files for other programs lie; those that were not edited are removed'),
        })
        .default([]),
      force: field.boolean({ label: t('Go on where its own tidying up fails') }).default(false),
    },
    run: async ({ id, dry_run, export: file, files, force }, c) => {
      if (dry_run) {
        await c.out.list((await plannedUninstall(kernel(), id)).map((one) => ({ ...one })));
        for (const { text } of await uninstallObstacles(kernel(), id)) c.out.warn(text);
        return;
      }
      const [obstacle] = await uninstallObstacles(kernel(), id);
      if (obstacle !== undefined) throw obstacle;
      await c.confirm(t('Take away {{id}} with its tables and everything in them?', { id }));
      if (file !== undefined) await exportToFile(kernel(), id, resolve(file));
      const directories = files.map((each) => resolve(each));
      const done = await uninstall(kernel(), id, { force, directories });
      await c.out.list(done.left.map((one) => ({ ...one })));
      for (const { path, isRemoved } of done.files) {
        if (isRemoved) c.out.note(t('Removed: {{file}}', { file: path }));
        else c.out.warn(t('Left alone because they were edited by hand: {{files}}', { files: path }));
      }
      if (done.ownProblem !== undefined)
        c.out.warn(t('Its own tidying up failed: {{reason}}', { reason: done.ownProblem }));
      if (done.packageProblem !== undefined)
        c.out.warn(t('The package is still there, because npm failed: {{reason}}', { reason: done.packageProblem }));
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
