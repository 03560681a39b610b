import {
  action,
  type Contribution,
  field,
  isProblem,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { servingProcesses } from '../cluster/other-processes.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { dependentsOf, disableExtension, enableExtension, liftQuarantine } from '../switching.js';
import { followAssembly } from './follow-assembly.js';

const t = messages('host');

const LIST = '/core/extensions/';
const permission = 'core.manage_extensions';

/** Slots that people have a word for; others are only counted. */
const WORDS: Readonly<Record<string, Text>> = {
  'host.pages@1': t('Pages'),
  'host.menu@1': t('Menu entries'),
  'host.widgets@1': t('Widgets'),
  'host.commands@1': t('Commands'),
  'host.jobs@1': t('Jobs'),
  'host.roles@1': t('Roles'),
  'host.checks@1': t('Checks'),
  'host.map-files@1': t('Map files'),
  'host.generated-files@1': t('Generated files'),
};

const LEVELS: Readonly<Record<string, { readonly level: string; readonly label: Text }>> = {
  enabled: { level: 'success', label: t('Enabled') },
  disabled: { level: 'neutral', label: t('Disabled') },
  available: { level: 'neutral', label: t('Not enabled') },
  incompatible: { level: 'warning', label: t('Incompatible') },
  failed: { level: 'danger', label: t('Failed') },
  quarantined: { level: 'danger', label: t('Quarantined') },
};

function extensionsOf(kernel: Kernel, request: PageRequest) {
  return kernel.states.map((state) => {
    const definition = kernel.generation.order.find((d) => d.id === state.id);
    const slots = [...kernel.generation.slots.summary(state.id)];
    const others = slots.filter(([slot]) => WORDS[slot] === undefined).reduce((sum, [, count]) => sum + count, 0);
    const parts = [
      ...slots.flatMap(([slot, count]) => (WORDS[slot] === undefined ? [] : [[WORDS[slot], count] as const])),
      [t('Services'), definition?.services?.length ?? 0],
      [t('Permissions'), Object.keys(definition?.permissions ?? {}).length],
      [t('Others'), others],
    ] as const;
    return {
      ...state,
      title: request.t(definition?.title ?? state.id),
      description: request.t(definition?.description ?? ''),
      status: { ...(LEVELS[state.state] ?? { level: 'neutral', label: state.state }) },
      requires: Object.keys(definition?.requires ?? {}),
      contributes: parts.filter(([, count]) => count > 0).map(([label, count]) => `${request.t(label)}: ${count}`),
      isEssential: kernel.config.essential.includes(state.id),
      canEnable: state.desired !== 'enabled' && state.state !== 'enabled',
      canLift: kernel.quarantines.items.some(({ extension }) => extension === state.id),
      canDisable: state.desired === 'enabled' && !kernel.config.essential.includes(state.id),
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
  return view(
    'extension-disable',
    t('Disable {{id}}', { id }),
    { id, dependents, action: `${LIST}${encodeURIComponent(id)}/disable/`, cancel: LIST, complaint },
    complaint === undefined ? undefined : 422,
  );
}

/** Extensions: what is there, what it brings, and the switch. */
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
        extensions: extensionsOf(kernel(), request),
        url: request.url,
      }),
  }),
  action({
    path: '/core/extensions/:id/enable/',
    permission,
    async run(request) {
      const { id } = request.params;
      try {
        const { assembly } = await enableExtension(kernel(), id, request.actor.username);
        await tell(request, kernel(), assembly, t('{{id}} is enabled.', { id }));
      } catch (error) {
        if (!isProblem(error) || error.status >= 500) throw error;
        request.notice('danger', error.text);
      }
      return redirect(LIST);
    },
  }),
  action({
    path: '/core/extensions/:id/lift/',
    permission,
    async run(request) {
      const { id } = request.params;
      try {
        const { assembly } = await liftQuarantine(kernel(), id);
        await tell(request, kernel(), assembly, t('{{id}} gets another chance.', { id }));
      } catch (error) {
        if (!isProblem(error) || error.status >= 500) throw error;
        request.notice('danger', error.text);
      }
      return redirect(LIST);
    },
  }),
  page({
    path: '/core/extensions/:id/disable/',
    permission,
    load: async ({ params }) => questionAnswer(kernel(), params.id),
  }),
  action({
    path: '/core/extensions/:id/disable/',
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
