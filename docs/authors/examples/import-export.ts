import { defineExtension, exporter, field, importer, messages } from '@posthorn/sdk';
import { create, list, notesBase } from './parts/notes.js';

const t = messages('acme-notes');

export const noteRows = [
  importer({
    kind: 'acme-notes-note',
    title: t('Notes'),
    permission: 'acme-notes.change',
    columns: {
      title: field.string({ label: t('Title'), min: 1 }),
      pinned: field.boolean({ label: t('Pinned') }),
      tags: field.list(field.string({ label: t('Tag') }), { label: t('Tags') }).default([]),
    },
    run: async (row, { context, actor }) => {
      await create(context, actor, row);
    },
  }),
  exporter({
    id: 'acme-notes',
    title: t('Notes'),
    permission: 'acme-notes.view',
    columns: ['acme-notes-note', 'title', 'pinned', 'tags'],
    async *rows({ context }) {
      for (const note of await list(context)) yield ['acme-notes-note', note.title, note.pinned, ...note.tags];
    },
  }),
];

export default defineExtension({ ...notesBase, contributes: noteRows });
