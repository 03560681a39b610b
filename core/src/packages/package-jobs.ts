import { type Contribution, type JobContext, type JobStarter, job, messages } from '@posthorn/sdk';
import { servingProcesses } from '../cluster/other-processes.js';
import { nudgeSupervisors } from '../cluster/supervisor-file.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { addPackage } from './add-package.js';
import { LEFT_LABELS } from './left-labels.js';
import { uninstall } from './uninstall.js';
import { upgradePackage } from './upgrade.js';
import { forgetUpload, uploadPath } from './uploads.js';

const t = messages('host');

export const ADD_JOB = 'add-package';
export const UPGRADE_JOB = 'upgrade-extension';
export const UNINSTALL_JOB = 'uninstall-extension';
export const MANAGE_EXTENSIONS = 'core.manage_extensions';

/** npm has five minutes, and five more to put everything back. */
const TIMEOUT_MS = 660_000;
/** Two at once would write the same files of npm. */
const UNIQUE = 'packages';

/** What somebody typed, a name or a version but never a path, or the name of an upload. */
export type AskedPackage = { readonly typed: string } | { readonly upload: string };

/** Starts the installation of a package and returns the job's id. */
export async function startAdd(kernel: Kernel, payload: AskedPackage, by: JobStarter): Promise<number> {
  requirePages(kernel);
  return start(kernel, ADD_JOB, payload, by);
}

/** Starts bringing an extension to another version and returns the job's id. */
export async function startUpgrade(kernel: Kernel, id: string, asked: AskedPackage, by: JobStarter): Promise<number> {
  requirePages(kernel);
  return start(kernel, UPGRADE_JOB, { id, ...asked }, by);
}

/** Starts taking an extension away and returns the job's id. */
export const startUninstall = (kernel: Kernel, id: string, by: JobStarter): Promise<number> =>
  start(kernel, UNINSTALL_JOB, { id }, by);

/** Throws E_PACKAGE_PAGES_OFF where this installation does not let packages be added on its pages. */
export function requirePages(kernel: Kernel): void {
  if (kernel.config.packagePages !== true) throw problem('E_PACKAGE_PAGES_OFF');
}

async function start(kernel: Kernel, name: string, payload: unknown, by: JobStarter): Promise<number> {
  await requireOneMachine(kernel);
  const id = await kernel.jobs.queue.enqueue(`${KERNEL_ID}.${name}`, payload, { uniqueKey: UNIQUE, by });
  if (id === null) throw problem('E_PACKAGE_BUSY');
  return id;
}

/** A job runs on one machine, and every machine has packages of its own. */
async function requireOneMachine(kernel: Kernel): Promise<void> {
  const hosts = new Set((await servingProcesses(kernel.database)).map(({ host }) => host));
  if (hosts.size > 1) throw problem('E_PACKAGE_MACHINES', { hosts: [...hosts].join(', ') });
}

/** The work of npm that pages ask for. It takes too long for a request. */
export const packageJobs = (kernel: () => Kernel): readonly Contribution[] => [
  job({
    id: ADD_JOB,
    title: t('Install an extension'),
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    async run(payload, context) {
      const { directory } = kernel().config;
      const wish = payload as AskedPackage;
      try {
        await requireRight(context);
        requirePages(kernel());
        await context.progress(0, 2);
        const source = 'upload' in wish ? { path: uploadPath(directory, wish.upload) } : { name: wish.typed };
        const found = await addPackage(directory, source);
        await context.progress(1, 2);
        const text = t('{{package}} {{version}} is installed. It is not enabled yet.', {
          package: found.package,
          version: found.version,
        });
        await context.report([{ subject: found.id, text }]);
        await announce(kernel());
        await context.progress(2, 2);
      } finally {
        if ('upload' in wish) await forgetUpload(directory, wish.upload);
      }
    },
  }),
  job({
    id: UPGRADE_JOB,
    title: t('Upgrade an extension'),
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    async run(payload, context) {
      const { directory } = kernel().config;
      const wish = payload as AskedPackage & { readonly id: string };
      try {
        await requireRight(context);
        requirePages(kernel());
        await context.progress(0, 1);
        const wanted =
          'upload' in wish ? { path: uploadPath(directory, wish.upload) } : { version: wish.typed || undefined };
        const done = await upgradePackage(kernel(), wish.id, wanted, context.startedBy?.username ?? '');
        const text = t('{{package}} went from {{from}} to {{to}}.', {
          package: done.package,
          from: done.from,
          to: done.to,
        });
        await context.report([{ subject: done.id, text }]);
        await context.progress(1, 1);
      } finally {
        if ('upload' in wish) await forgetUpload(directory, wish.upload);
      }
    },
  }),
  job({
    id: UNINSTALL_JOB,
    title: t('Take an extension away'),
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    async run(payload, context) {
      const { id } = payload as { readonly id: string };
      await requireRight(context);
      await context.progress(0, 2);
      const { left, packageProblem } = await uninstall(kernel(), id);
      await context.progress(1, 2);
      await context.report([
        ...left.map(({ kind, name, rows }) => ({
          subject: name,
          text: t(
            { one: '{{kind}}, {{count}} row', other: '{{kind}}, {{count}} rows' },
            { kind: LEFT_LABELS[kind], count: rows },
          ),
        })),
        ...(packageProblem === undefined
          ? []
          : [
              {
                subject: id,
                text: t('The package is still there, because npm failed: {{reason}}', { reason: packageProblem }),
              },
            ]),
      ]);
      await announce(kernel());
      await context.progress(2, 2);
    },
  }),
];

/** Whoever started it must still be there, and still be allowed to; the operator always is. */
async function requireRight(context: JobContext): Promise<void> {
  if (context.startedBy?.id === null) return;
  const actor = await context.starter();
  if (actor?.can(MANAGE_EXTENSIONS) !== true) throw problem('E_FORBIDDEN', { permission: MANAGE_EXTENSIONS });
}

/** Processes look for packages when they start, and keep modules they have read: new ones are needed. */
async function announce(kernel: Kernel): Promise<void> {
  await kernel.database.write(() => kernel.revisionRow.raise({ assembly: true }));
  nudgeSupervisors(kernel.config.directory);
}
