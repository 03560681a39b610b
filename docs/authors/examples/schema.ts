import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defineEntity, p } from '@mikro-orm/core';
import { Domain, DomainSchema } from '@posthorn/admin/contract';
import {
  additionTo,
  type Backfill,
  defineExtension,
  type ExtensionContext,
  hook,
  instance,
  messages,
  migration,
} from '@posthorn/sdk';

const t = messages('acme-notes');

export const initial = migration({
  name: 'acme-notes/0001-initial',
  after: ['admin/0001-initial'],
  up: (ddl) => [
    ...ddl.createTable('acme_notes_note', {
      columns: {
        id: { type: 'id' },
        domain_id: { type: 'integer', references: { table: 'admin_domain', onDelete: 'cascade' } },
        text: { type: 'text' },
      },
      indexes: [['domain_id']],
    }),
    ...ddl.addColumn('admin_domain', 'acme_notes_colour', { type: 'string(20)', nullable: true }),
  ],
  down: (ddl) => [...ddl.dropColumn('admin_domain', 'acme_notes_colour'), ...ddl.dropTable('acme_notes_note')],
});

export class Note {
  declare id: number;
  declare domain: Domain;
  declare text: string;
}

export const NoteSchema = defineEntity({
  class: Note,
  className: 'Note',
  tableName: 'acme_notes_note',
  properties: {
    id: p.integer().primary().autoincrement(),
    domain: () => p.manyToOne(Domain).fieldName('domain_id').deleteRule('cascade'),
    text: p.text(),
  },
});

export const colour = additionTo(DomainSchema, () => ({
  acmeNotesColour: p.string().length(20).nullable().fieldName('acme_notes_colour'),
}));

export const noteMade = hook.signal<{ readonly id: number; readonly domain: number }>('acme-notes.note-made@1', {
  subject: ({ id }) => `acme-notes.note/${id}`,
});

export async function addNote(context: ExtensionContext, domain: number, text: string): Promise<number> {
  return context.data.write(async (em) => {
    const note = em.create(Note, { domain: em.getReference(Domain, domain), text });
    await em.flush();
    await context.call(noteMade, { id: note.id, domain });
    return note.id;
  });
}

export const notesOf = (context: ExtensionContext, domain: number): Promise<readonly Note[]> =>
  context.data.read((em) => em.find(Note, { domain: { id: domain } }, { orderBy: { id: 'asc' } }));

export const backfill: Backfill = {
  title: t('Make a note for every older domain'),
  async run(context) {
    const missing = await context.data.execute<{ id: number }>(
      'select id from admin_domain where id not in (select domain_id from acme_notes_note) order by id',
    );
    for (const [done, { id }] of missing.entries()) {
      context.signal.throwIfAborted();
      await addNote(context, id, '');
      await context.progress(done + 1, missing.length);
    }
  },
};

export const leave = (context: ExtensionContext): Promise<void> =>
  rm(join(context.get(instance).directory, 'data', 'acme-notes'), { recursive: true, force: true });

export default defineExtension({
  id: 'acme-notes',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Notes'),
  requires: { admin: '^0.1.0' },
  migrations: [initial],
  entities: [NoteSchema],
  extend: [colour],
  backfill,
  uninstall: leave,
});
