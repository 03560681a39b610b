import { type DomainView, domainEditor, domainWizard } from '@posthorn/admin/contract';
import {
  action,
  defineExtension,
  type ExtensionContext,
  type FormTabDefinition,
  field,
  formTab,
  job,
  jobPath,
  jobQueue,
  menuEntry,
  messages,
  page,
  redirect,
  view,
  wizardStep,
} from '@posthorn/sdk';
import { create, list, load, notesBase, remove, store, textOf } from './parts/notes.js';

const t = messages('acme-notes');

export const notePages = [
  page({
    path: '/acme-notes/',
    permission: 'acme-notes.view',
    load: async ({ context }) => view('notes', t('Notes'), { notes: await list(context) }),
  }),
  page({
    path: '/acme-notes/:id/',
    permission: 'acme-notes.view',
    load: async ({ params, context }) => view('note', t('Note'), { note: await load(context, Number(params.id)) }),
  }),
  action({
    path: '/acme-notes/:id/delete/',
    permission: 'acme-notes.change',
    run: async ({ params, context, notice }) => {
      await remove(context, Number(params.id));
      notice('success', t('The note is gone.'));
      return redirect('/acme-notes/');
    },
  }),
  menuEntry({
    area: 'main',
    label: t('Notes'),
    href: '/acme-notes/',
    icon: 'file-text',
    permission: 'acme-notes.view',
  }),
];

export const upload = action({
  path: '/acme-notes/import/',
  permission: 'acme-notes.change',
  files: { table: { label: t('Table'), max: 1_048_576 } },
  run: async ({ files, context, actor }) => {
    if (files.table !== undefined) await create(context, actor, { text: Buffer.from(files.table.content).toString() });
    return redirect('/acme-notes/');
  },
});

export const noteTab = formTab(domainEditor, {
  id: 'notes',
  title: t('Notes'),
  shape: { text: field.text({ label: t('Text') }).default('') },
  load: async ({ subject, context }) => (subject === undefined ? {} : { text: await textOf(context, subject) }),
  save: async ({ text }, { subject, context }) => {
    if (subject !== undefined) await store(context, subject, text);
    return undefined;
  },
});

const shape = { host: field.string({ label: t('Server'), min: 1 }) };

const server: FormTabDefinition<DomainView, typeof shape> = {
  id: 'server',
  title: t('Next server'),
  shape,
  onlyIf: { step: 'general', field: 'type', is: ['relaydomain'] },
  load: async ({ subject, context }) => (subject === undefined ? {} : { host: await textOf(context, subject) }),
  save: async ({ host }, { subject, context }) => {
    if (subject !== undefined) await store(context, subject, host);
    return undefined;
  },
};

export const serverSteps = [formTab(domainEditor, server), wizardStep(domainWizard, server)];

export const tidy = [
  job({ id: 'tidy', title: t('Remove empty notes'), run: async (_payload, context) => removeEmpty(context) }),
  action({
    path: '/acme-notes/tidy/',
    permission: 'acme-notes.change',
    run: async ({ context, actor }) => {
      const id = await context.get(jobQueue).enqueue('acme-notes.tidy', null, { by: actor, uniqueKey: 'tidy' });
      return redirect(id === null ? '/acme-notes/' : jobPath(id));
    },
  }),
];

async function removeEmpty(context: ExtensionContext): Promise<void> {
  for (const { id, text } of await list(context)) if (text === '') await remove(context, id);
}

export default defineExtension({
  ...notesBase,
  requires: { admin: '^0.1.0' },
  contributes: [...notePages, upload, noteTab, ...serverSteps, ...tidy],
});
