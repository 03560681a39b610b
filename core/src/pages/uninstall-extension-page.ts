import {
  action,
  type Contribution,
  download,
  field,
  isProblem,
  jobPath,
  messages,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { definitionOf } from '../packages/definitions.js';
import { exportExtension } from '../packages/export-extension.js';
import { LEFT_LABELS } from '../packages/left-labels.js';
import { MANAGE_EXTENSIONS, startUninstall } from '../packages/package-jobs.js';
import { plannedUninstall, uninstallObstacles } from '../packages/uninstall.js';
import { EXTENSIONS, extensionPath } from './extension-state.js';

const t = messages('host');

/** Taking an extension away: what would go, its export, and the question. */
export const uninstallExtensionPage = (kernel: () => Kernel): readonly Contribution[] => [
  page({
    path: `${EXTENSIONS}:id/uninstall/`,
    permission: MANAGE_EXTENSIONS,
    load: (request) => question(kernel(), request),
  }),
  page({
    path: `${EXTENSIONS}:id/export/`,
    permission: MANAGE_EXTENSIONS,
    async load({ params: { id } }) {
      await definitionOf(kernel(), id);
      return download({
        filename: `${id}.ndjson`,
        type: 'application/x-ndjson',
        content: exportExtension(kernel(), id),
      });
    },
  }),
  action({
    path: `${EXTENSIONS}:id/uninstall/`,
    permission: MANAGE_EXTENSIONS,
    body: { confirmation: field.string({ label: t('Name'), max: 40 }).default('') },
    async run(request) {
      const { id } = request.params;
      if (request.body.confirmation.trim() !== id) {
        return question(kernel(), request, t('The name does not match. Type {{id}} to go on.', { id }));
      }
      await definitionOf(kernel(), id);
      const [obstacle] = await uninstallObstacles(kernel(), id);
      if (obstacle !== undefined) return question(kernel(), request);
      try {
        return redirect(jobPath(await startUninstall(kernel(), id, request.actor)));
      } catch (error) {
        if (!isProblem(error) || error.status >= 500) throw error;
        return question(kernel(), request, error.text);
      }
    },
  }),
];

async function question(
  kernel: Kernel,
  request: Pick<PageRequest, 't' | 'url'> & { readonly params: { readonly id: string }; readonly body?: unknown },
  complaint?: Text,
): Promise<PageAnswer> {
  const { id } = request.params;
  if (!kernel.states.some((state) => state.id === id)) throw problem('E_EXTENSION_NOT_FOUND', { id });
  const left = await plannedUninstall(kernel, id);
  const obstacles = await uninstallObstacles(kernel, id);
  const own = extensionPath(id);
  return view(
    'extension-uninstall',
    t('Uninstall {{id}}', { id }),
    {
      id,
      url: request.url,
      list: EXTENSIONS,
      own,
      left: left.map(({ kind, name, rows }) => ({ kind: request.t(LEFT_LABELS[kind]), name, rows })),
      hasFiles: left.some(({ kind }) => kind === 'file'),
      obstacles: obstacles.map(({ text, hint }) => ({
        title: request.t(text),
        text: hint === undefined ? '' : request.t(hint),
      })),
      complaint,
    },
    request.body === undefined ? undefined : 422,
  );
}
