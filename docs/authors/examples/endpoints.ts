import { defineExtension, endpoint, field, messages, z } from '@posthorn/sdk';
import { create, load, notesBase } from './parts/notes.js';

const t = messages('acme-notes');
const note = { id: z.int(), text: z.string(), tags: z.array(z.string()) };

export const noteEndpoints = [
  endpoint({
    method: 'GET',
    path: '/notes/:id/',
    permission: 'acme-notes.view',
    summary: t('One note'),
    params: { id: field.integer({ label: t('Id'), min: 1 }) },
    returns: note,
    errors: ['not-found'],
    run: async ({ params, context }) => {
      const { id, text, tags } = await load(context, params.id);
      return { id, text, tags: [...tags] };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/notes/',
    permission: 'acme-notes.change',
    summary: t('Make a note'),
    body: { text: field.text({ label: t('Text') }), tags: z.array(z.string().max(20)).default([]) },
    returns: note,
    status: 201,
    run: async ({ body, actor, context }) => {
      const { id, text, tags } = await create(context, actor, body);
      return { id, text, tags: [...tags] };
    },
  }),
];

export default defineExtension({ ...notesBase, contributes: noteEndpoints });
