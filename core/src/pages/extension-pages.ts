import {
  action,
  type Contribution,
  field,
  isProblem,
  jobPath,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { startBackfill } from '../backfill/backfills.js';
import { servingProcesses } from '../cluster/other-processes.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { observedExtensions } from '../packages/observed-states.js';
import { MANAGE_EXTENSIONS as permission } from '../packages/package-jobs.js';
import { dependentsOf, disableExtension, enableExtension, liftQuarantine } from '../switching.js';
import { broughtBy } from './extension-brings.js';
import { extensionPath, EXTENSIONS as LIST, stateStatus } from './extension-state.js';
import { followAssembly } from './follow-assembly.js';

const t = messages('host');

/** Where the button was, and so where its reader goes on. */
const from = field.choice({ label: t('Page'), choices: ['list', 'page'] }).default('list');
type From = 'list' | 'page';

async function extensionsOf(kernel: Kernel, request: PageRequest) {
  return (await observedExtensions(kernel)).map((state) => {
    const definition = kernel.generation.order.find((d) => d.id === state.id);
    const brings = definition === undefined ? [] : broughtBy(definition);
    return {
      id: state.id,
      href: extensionPath(state.id),
      title: request.t(definition?.title ?? state.id),
      version: state.version,
      status: stateStatus(state.state),
      about:
        state.reason ||
        request.t(definition?.description ?? '') ||
        brings.map(({ label, items }) => `${request.t(label)}: ${items.length}`).join(' · '),
    };
  });
}

/** What is to be said while processes work with an arrangement that is not wanted any more. */
async function behind(kernel: Kernel, request: PageRequest) {
  const { assembly } = await kernel.revisionRow.read();
  const all = await servingProcesses(kernel.database);
  const late = all.filter((process) => process.assembly < assembly);
  if (late.length === 0) return undefined;
  return {
    title: request.t(
      t('{{followed}} of {{total}} processes have followed the last switch.', {
        followed: all.length - late.length,
        total: all.length,
      }),
    ),
    processes: late.map(({ role, host, pid, problems }) => ({
      title: `${role} ${pid} · ${host}`,
      text: problems.at(-1) ?? request.t(t('it has not followed yet')),
    })),
  };
}

function questionAnswer(kernel: Kernel, id: string, complaint?: Text): PageAnswer {
  if (!kernel.states.some((state) => state.id === id)) throw problem('E_EXTENSION_NOT_FOUND', { id });
  const dependents = dependentsOf(id, kernel.generation.order);
  const own = extensionPath(id);
  return view(
    'extension-disable',
    t('Disable {{id}}', { id }),
    { id, dependents, action: `${own}disable/`, list: LIST, cancel: own, complaint },
    complaint === undefined ? undefined : 422,
  );
}

/** Does what a button asks for. What a person can mend is said on the page that follows. */
async function pressed(request: PageRequest, where: From, work: () => Promise<void>): Promise<PageAnswer> {
  try {
    await work();
  } catch (error) {
    if (!isProblem(error) || error.status >= 500) throw error;
    request.notice('danger', error.text);
  }
  return redirect(where === 'page' ? extensionPath(request.params.id ?? '') : LIST);
}

/** Extensions: what is there, and the switches. */
export const extensionPages = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    { area: 'main', label: t('Extensions'), href: LIST, icon: 'puzzle', permission, group: t('System') },
    { order: 920 },
  ),
  page({
    path: LIST,
    permission,
    load: async (request) =>
      view('extensions', t('Extensions'), {
        behind: await behind(kernel(), request),
        extensions: await extensionsOf(kernel(), request),
        url: request.url,
      }),
  }),
  action({
    path: `${LIST}:id/enable/`,
    permission,
    body: { from },
    run: (request) =>
      pressed(request, request.body.from as From, async () => {
        const { id } = request.params;
        const { assembly, hasBackfill } = await enableExtension(kernel(), id, request.actor.username);
        await tell(request, kernel(), assembly, t('{{id}} is enabled.', { id }));
        if (hasBackfill && request.body.from === 'list') {
          request.notice('info', t('Its page offers to look after what was made before it was enabled.'));
        }
      }),
  }),
  action({
    path: `${LIST}:id/lift/`,
    permission,
    body: { from },
    run: (request) =>
      pressed(request, request.body.from as From, async () => {
        const { id } = request.params;
        const { assembly } = await liftQuarantine(kernel(), id);
        await tell(request, kernel(), assembly, t('{{id}} gets another chance.', { id }));
      }),
  }),
  action({
    path: `${LIST}:id/backfill/`,
    permission,
    async run(request) {
      const { id } = request.params;
      let job = 0;
      const back = await pressed(request, 'page', async () => {
        job = await startBackfill(kernel(), id, request.actor);
      });
      return job === 0 ? back : redirect(jobPath(job));
    },
  }),
  page({
    path: `${LIST}:id/disable/`,
    permission,
    load: async ({ params }) => questionAnswer(kernel(), params.id),
  }),
  action({
    path: `${LIST}:id/disable/`,
    permission,
    body: {
      confirmation: field.string({ label: t('Name'), max: 40 }).default(''),
      with_dependents: field.boolean({ label: t('Disable what needs it, too') }).default(false),
    },
    async run(request) {
      const { id } = request.params;
      const { confirmation, with_dependents: withDependents } = request.body;
      if (confirmation.trim() !== id) {
        return questionAnswer(kernel(), id, t('The name does not match. Type {{id}} to go on.', { id }));
      }
      try {
        const done = await disableExtension(kernel(), id, { withDependents, by: request.actor.username });
        const said = t('Disabled: {{ids}}.', { ids: done.disabled.join(', ') });
        await tell(request, kernel(), done.assembly, said);
      } catch (error) {
        if (!isProblem(error) || error.status >= 500) throw error;
        return questionAnswer(kernel(), id, error.text);
      }
      return redirect(LIST);
    },
  }),
];

async function tell(request: PageRequest, kernel: Kernel, assembly: number, done: Text): Promise<void> {
  const hasFollowed = await followAssembly(kernel, assembly);
  request.notice('success', done);
  if (!hasFollowed) request.notice('info', t('The change takes effect when the processes have been replaced.'));
}
