import { action, defineExtension, download, field, page, redirect, role, view } from '@posthorn/sdk';

/** What the last action did, so that a test can see that a refused one did nothing. */
export const done: string[] = [];

/** An extension with one page of every kind. */
export const demo = defineExtension({
  id: 'demo',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Demo',
  permissions: { 'demo.keep': { label: 'Keep things', roles: ['Keepers'] } },
  views: new URL('./views/', import.meta.url),
  contributes: [
    role({ name: 'Keepers', label: 'Keeper', rank: 50 }),
    role({ name: 'SimpleUsers', label: 'Simple user', rank: 10 }),
    page({
      path: '/demo/',
      permission: 'public',
      query: {
        size: field.integer({ label: 'Size', min: 1, max: 100 }).default(20),
        tag: field.list(field.string({ label: 'Tag' }), { label: 'Tags' }),
      },
      load: async ({ query, url, actor }) =>
        view('show', 'Demo', { text: JSON.stringify({ ...query, url: url.href, username: actor.username }) }),
    }),
    page({ path: '/demo/mine/', permission: 'signed-in', load: async () => view('show', 'Mine', { text: 'mine' }) }),
    page({ path: '/demo/kept/', permission: 'demo.keep', load: async () => view('show', 'Kept', { text: 'kept' }) }),
    page({
      path: '/demo/things/:id/',
      permission: 'public',
      load: async ({ params }) => view('show', 'Thing', { text: `thing ${params.id}` }),
    }),
    page({
      path: '/demo/things/new/',
      permission: 'public',
      load: async () => view('show', 'New', { text: 'a new one' }),
    }),
    page({
      path: '/demo/broken/',
      permission: 'public',
      load: async () => {
        throw new Error('select * from secret_table');
      },
    }),
    page({ path: '/demo/broken-view/', permission: 'public', load: async () => view('nowhere', 'Broken') }),
    page({ path: '/demo/away/', permission: 'public', load: async () => redirect('//evil.example/') }),
    page({
      path: '/demo/file/',
      permission: 'public',
      load: async () =>
        download({
          filename: '../..\\a\r\n"ü\u202e.csv',
          type: 'text/csv',
          content: (async function* () {
            yield 'one,';
            yield 'two\n';
          })(),
        }),
    }),
    action({
      path: '/demo/kept/',
      permission: 'demo.keep',
      body: {
        name: field.string({ label: 'Name', min: 1, max: 20 }),
        tags: field.list(field.string({ label: 'Tag' }), { label: 'Tags' }),
        on: field.boolean({ label: 'On' }),
      },
      bodyLimit: 1_000,
      run: async ({ body, notice }) => {
        done.push(JSON.stringify(body));
        notice('success', `Kept ${body.name}`);
        return redirect('/demo/kept/');
      },
      onInvalid: async ({ typed }, problem) =>
        view('show', 'Kept', { text: `wrong: ${problem.issues.map((i) => i.path).join()} typed: ${typed['name']}` }),
    }),
    action({
      path: '/demo/open/',
      permission: 'public',
      body: { n: field.integer({ label: 'N' }) },
      run: async ({ body }) => {
        done.push(String(body.n));
        return redirect('/demo/');
      },
    }),
  ],
});
