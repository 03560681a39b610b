import { collection, defineExtension, endpoint, field, messages, tokenScope, z } from '@posthorn/sdk';
import { create, list, load, notesBase } from './parts/notes.js';

const t = messages('acme-notes');
const note = { id: z.int(), text: z.string(), tags: z.array(z.string()).readonly() };

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
      return { id, text, tags };
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
      return { id, text, tags };
    },
  }),
];

export const noteRows = collection({
  path: '/notes/',
  permission: 'acme-notes.view',
  summary: t('List notes'),
  item: note,
  keyOf: (row) => String(row.id),
  rows: async function* ({ context, page }) {
    const later = (await list(context)).filter(({ id }) => id > Number(page.after ?? 0));
    for (const { id, text, tags } of later.slice(0, page.limit)) yield { id, text, tags };
  },
});

export const readNotes = tokenScope({ name: 'notes:read', label: t('See notes'), permissions: ['acme-notes.view'] });

export default defineExtension({ ...notesBase, contributes: [...noteEndpoints, noteRows, readNotes] });
