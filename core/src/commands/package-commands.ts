import { resolve } from 'node:path';
import { type Contribution, command, field, messages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { addPackage } from '../packages/add-package.js';
import { exportExtension, exportToFile } from '../packages/export-extension.js';
import { typedSource } from '../packages/fetch-package.js';
import { plannedUninstall, uninstall, uninstallObstacles } from '../packages/uninstall.js';
import { tidyPackages, upgradePackage } from '../packages/upgrade.js';
import { EXTENSION_ID as ID, namesOf } from './extension-names.js';

const t = messages('host');
const FILE = field.string({ label: t('File'), min: 1, max: 4_096 });

/** What comes into an instance and leaves it: packages, and what their extensions keep. */
export const packageCommands = (kernel: () => Kernel): readonly Contribution[] => [
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
      const {
        id,
        package: name,
        version,
        sdk,
        requires,
        claims,
      } = await addPackage(directory, typedSource(input.package));
      await tidyPackages(kernel());
      c.out.item({ id, package: name, version, sdk, ...namesOf({ requires, claims }) });
      c.out.note(t('Run `posthorn extension enable {{id}}` to use it.', { id }));
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
      const source = version === undefined ? {} : typedSource(version);
      const wanted = 'name' in source ? { version: source.name } : source;
      const plan = await upgradePackage(kernel(), id, wanted, c.actor.username, o);
      c.out.item({
        ...{ id, package: plan.package, from: plan.from, version: plan.to },
        ...{ claims: plan.claims.join(', '), permissions: plan.permissions.join(', '), steps: plan.steps.join(', ') },
      });
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
];
