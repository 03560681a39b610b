import { type Actor, defineExtension, type ExtensionContext, messages, migration, problems } from '@posthorn/sdk';

const t = messages('acme-notes');
const problem = problems('acme-notes', {
  E_NOTE_GONE: { kind: 'not-found', message: 'There is no note {{id}}.' },
});

/** What several examples keep. */
export interface Note {
  readonly id: number;
  readonly title: string;
  readonly text: string;
  readonly pinned: boolean;
  readonly tags: readonly string[];
}

const notesTable = migration({
  name: 'acme-notes/0001-initial',
  up: (ddl) => [
    ...ddl.createTable('acme_notes_note', {
      columns: {
        id: { type: 'id' },
        title: { type: 'string(100)', default: '' },
        text: { type: 'text' },
        pinned: { type: 'boolean', default: false },
        tags: { type: 'text' },
      },
    }),
    ...ddl.createTable('acme_notes_of_domain', {
      columns: { domain_id: { type: 'integer', primary: true }, text: { type: 'text' } },
    }),
  ],
  down: (ddl) => ['acme_notes_note', 'acme_notes_of_domain'].flatMap((table) => ddl.dropTable(table)),
});

/** The definition that the examples add to. */
export const notesBase = defineExtension({
  id: 'acme-notes',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Notes'),
  permissions: {
    'acme-notes.view': { label: t('See notes'), roles: ['DomainAdmins'] },
    'acme-notes.change': { label: t('Change notes'), roles: [] },
  },
  migrations: [notesTable],
  views: new URL('../views/', import.meta.url),
});

export async function list({ data }: ExtensionContext): Promise<readonly Note[]> {
  const rows = await data.execute('select id, title, text, pinned, tags from acme_notes_note order by id');
  return rows.map((row) => ({
    id: Number(row['id']),
    title: String(row['title']),
    text: String(row['text']),
    pinned: Boolean(row['pinned']),
    tags: JSON.parse(String(row['tags'])) as string[],
  }));
}

export async function load(context: ExtensionContext, id: number): Promise<Note> {
  const note = (await list(context)).find((one) => one.id === id);
  if (note === undefined) throw problem('E_NOTE_GONE', { id });
  return note;
}

export function create(context: ExtensionContext, _actor: Actor, note: Partial<Note>): Promise<Note> {
  const { title = '', text = '', pinned = false, tags = [] } = note;
  return context.data.write(async () => {
    await context.data.execute('insert into acme_notes_note (title, text, pinned, tags) values (?, ?, ?, ?)', [
      title,
      text,
      pinned,
      JSON.stringify(tags),
    ]);
    return (await list(context)).at(-1) as Note;
  });
}

export async function change({ data }: ExtensionContext, id: number, text: string): Promise<void> {
  await data.execute('update acme_notes_note set text = ? where id = ?', [text, id]);
}

export async function remove({ data }: ExtensionContext, id: number): Promise<void> {
  await data.execute('delete from acme_notes_note where id = ?', [id]);
}

/** What stands beside a domain. */
export async function textOf({ data }: ExtensionContext, { pk }: { readonly pk: number }): Promise<string> {
  const [row] = await data.execute('select text from acme_notes_of_domain where domain_id = ?', [pk]);
  return String(row?.['text'] ?? '');
}

export async function store({ data }: ExtensionContext, { pk }: { readonly pk: number }, text: string): Promise<void> {
  await data.execute('delete from acme_notes_of_domain where domain_id = ?', [pk]);
  await data.execute('insert into acme_notes_of_domain (domain_id, text) values (?, ?)', [pk, text]);
}
