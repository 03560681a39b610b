import { defineExtension, exporter, field, hook, importer, migration, on, problems, role } from '@posthorn/sdk';

const problem = problems('shelf', {
  E_SHELF_TAKEN: { kind: 'conflict', message: 'There is a book {{title}}.' },
  E_SHELF_SHORT: { kind: 'invalid', message: 'This title is too short.' },
});

const shelved = hook.signal<{ readonly title: string }>('shelf.shelved@1');
/** What was heard of. */
export const heard: string[] = [];

/** An extension that imports books, each with its tags in a table of their own, and exports them. */
export const shelf = defineExtension({
  id: 'shelf',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Shelf',
  permissions: { 'shelf.add': { label: 'Add books', roles: ['Keepers'] } },
  migrations: [
    migration({
      name: 'shelf/0001-initial',
      up: (ddl) =>
        ddl.createTable('shelf_book', {
          columns: {
            id: { type: 'id' },
            title: { type: 'string(100)', unique: true },
            pages: { type: 'integer' },
            tags: { type: 'text' },
          },
        }),
      down: (ddl) => ddl.dropTable('shelf_book'),
    }),
  ],
  taps: [on(shelved, ({ title }) => void heard.push(title))],
  contributes: [
    role({ name: 'Keepers', label: 'Keeper', rank: 50 }),
    role({ name: 'SimpleUsers', label: 'Simple user', rank: 10 }),
    importer({
      kind: 'shelf-book',
      title: 'Books',
      permission: 'shelf.add',
      columns: {
        title: field.string({ label: 'Title', min: 1, max: 100 }),
        pages: field.integer({ label: 'Pages', min: 1 }),
        tags: field.list(field.string({ label: 'Tag', max: 10 }), { label: 'Tags' }).optional(),
      },
      validate: async ({ title }) => {
        if (title === 'x') throw problem('E_SHELF_SHORT', {}, { field: 'title' });
      },
      run: async ({ title, pages, tags }, { context }) => {
        await context.data.write(async () => {
          const insert = 'insert into shelf_book (title, pages, tags) values (?, ?, ?)';
          await context.call(shelved, { title });
          // Something is written before it is known that the title is taken.
          const spare = `spare of ${title}`;
          await context.data.execute(insert, [spare, 1, '']);
          const taken = await context.data.execute('select 1 as one from shelf_book where title = ?', [title]);
          if (taken.length > 0) throw problem('E_SHELF_TAKEN', { title }, { field: 'title' });
          await context.data.execute('delete from shelf_book where title = ?', [spare]);
          await context.data.execute(insert, [title, pages, (tags ?? []).join(' ')]);
          if (title === 'broken') throw new Error('the shelf is broken');
        });
      },
    }),
    exporter({
      id: 'books',
      title: 'Books',
      permission: 'shelf.add',
      columns: ['shelf-book', 'title', 'pages', 'tags'],
      async *rows({ context }) {
        for (const row of await context.data.execute<{ title: string; pages: number; tags: string }>(
          'select title, pages, tags from shelf_book order by title',
        )) {
          yield ['shelf-book', row.title, Number(row.pages), ...row.tags.split(' ')];
        }
      },
    }),
  ],
});
