import { setTimeout as sleep } from 'node:timers/promises';
import { domainEditor } from '@posthorn/admin/contract';
import {
  action,
  defineExtension,
  field,
  formTab,
  job,
  jobQueue,
  menuEntry,
  messages,
  migration,
  page,
  parameterForm,
  parameters,
  redirect,
  view,
} from '@posthorn/sdk';

const t = messages('example');
const permission = 'example.view_counting';
const STEPS = 30;

const settings = parameters(
  'example',
  'global',
  { greeting: field.string({ label: t('Greeting') }).default('Good morning') },
  { title: t('Example settings') },
);

const initial = migration({
  name: 'example/0001-initial',
  up: (ddl) =>
    ddl.createTable('example_note', {
      columns: { domain_id: { type: 'integer', primary: true }, note: { type: 'string(254)' } },
    }),
  down: (ddl) => ddl.dropTable('example_note'),
});

const notes = formTab(domainEditor, {
  id: 'notes',
  title: t('Example notes'),
  shape: { note: field.string({ label: t('Note') }).default('') },
  async load({ subject, context }) {
    if (subject === undefined) return {};
    const [row] = await context.data.execute('select note from example_note where domain_id = ?', [subject.pk]);
    return row === undefined ? {} : { note: row.note };
  },
  async save({ note }, { subject, context }) {
    if (subject === undefined) return;
    await context.data.execute('delete from example_note where domain_id = ?', [subject.pk]);
    await context.data.execute('insert into example_note (domain_id, note) values (?, ?)', [subject.pk, note]);
  },
});

/** Takes about three seconds. */
const counting = job({
  id: 'counting',
  title: t('Count slowly'),
  async run(_payload, context) {
    for (let step = 1; step <= STEPS; step += 1) {
      await sleep(100, undefined, { signal: context.signal });
      if (step % 10 === 0) await context.progress(step, STEPS);
    }
  },
});

/** A small extension that brings one thing of each kind: a page, a menu entry, a form tab, parameters and a job. */
export default defineExtension({
  id: 'example',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Example'),
  description: t('One thing of each kind.'),
  requires: { admin: '^0.1.0' },
  permissions: { [permission]: { label: t('See the counting'), roles: ['SuperAdmins'] } },
  parameters: [parameterForm(settings)],
  migrations: [initial],
  contributes: [
    menuEntry({ area: 'main', label: t('Counting'), href: '/example/', icon: 'puzzle', permission }),
    page({
      path: '/example/',
      permission,
      async load({ context }) {
        const { greeting } = await context.parameters(settings);
        return view('counting', t('Counting'), { greeting, action: '/example/' });
      },
    }),
    action({
      path: '/example/',
      permission,
      async run({ context, notice }) {
        await context.get(jobQueue).enqueue('example.counting', {});
        notice('success', t('The counting begins.'));
        return redirect('/example/');
      },
    }),
    notes,
    counting,
  ],
  views: new URL('./views/', import.meta.url),
});
