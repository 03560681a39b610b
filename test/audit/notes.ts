import { defineEntity, p } from '@mikro-orm/core';
import { auditedTable, auditReach, command, defineExtension, field, migration } from '@posthorn/sdk';

export class Note {
  declare id: number;
  declare title: string;
  declare isOpen: boolean;
  declare apiToken: string;
}
const NoteSchema = defineEntity({
  class: Note,
  className: 'AuditNote',
  tableName: 'notes_note',
  properties: {
    id: p.integer().primary().autoincrement(),
    title: p.string(),
    isOpen: p.boolean().fieldName('is_open').default(true),
    apiToken: p.string().fieldName('api_token').default(''),
  },
});

/** An extension that says nothing about the audit of its second table. */
export const notes = defineExtension({
  id: 'notes',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Notes',
  entities: [NoteSchema],
  migrations: [
    migration({
      name: 'notes/0001-initial',
      up: (ddl) => [
        ...ddl.createTable('notes_note', {
          columns: {
            id: { type: 'id' },
            title: { type: 'text' },
            is_open: { type: 'boolean', default: true },
            api_token: { type: 'string(100)', default: '' },
          },
        }),
        ...ddl.createTable('notes_plain', {
          columns: {
            id: { type: 'id' },
            name: { type: 'text' },
            password: { type: 'text', default: '' },
            note_id: { type: 'integer', nullable: true, references: { table: 'notes_note', onDelete: 'cascade' } },
          },
        }),
      ],
      down: (ddl) => ['notes_plain', 'notes_note'].flatMap((table) => ddl.dropTable(table)),
    }),
  ],
  contributes: [
    auditedTable({ table: 'notes_note', kind: 'note', title: 'Note' }),
    auditReach({
      kind: 'note',
      condition: async () => {
        throw new Error('no idea');
      },
    }),
    command({
      noun: 'notes',
      verb: 'add',
      summary: 'Add a note',
      examples: ['notes add x'],
      permission: 'public',
      positional: ['title'],
      input: { title: field.string({ label: 'Title' }) },
      run: async ({ title }, { data }) => {
        await data.write(async (em) => void em.persist(em.create(Note, { title, isOpen: true, apiToken: '' })));
      },
    }),
  ],
});
