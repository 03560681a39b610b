import { defineExtension, type ExtensionContext, hook, on } from '@posthorn/sdk';
import { change, notesBase } from './parts/notes.js';

export const noteChanged = hook.signal<{ readonly id: number; readonly fields: readonly string[] }>(
  'acme-notes.note-changed@1',
  { subject: ({ id }) => `acme-notes.note/${id}` },
);

export const rewrite = (context: ExtensionContext, id: number, text: string): Promise<void> =>
  context.data.write(async () => {
    await change(context, id, text);
    await context.call(noteChanged, { id, fields: ['text'] });
  });

export const taps = [
  on(noteChanged, async ({ id }, { delivery, log }) => {
    log.info({ id, delivery: delivery.id, attempt: delivery.attempt }, 'changed');
  }),
];

export default defineExtension({ ...notesBase, taps });
