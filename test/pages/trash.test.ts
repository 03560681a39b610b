import admin from '@posthorn/admin';
import { aliases, domains, mailboxes, trashPart } from '@posthorn/admin/contract';
import { defineExtension, messages, migration } from '@posthorn/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';
import { type Reader, type Site, startSite } from './site.js';

const t = messages('acme-labels');
const passwordHash = '{PLAIN}Toto1234';

/** A stranger's labels on domains, and notes on labels. */
const labels = defineExtension({
  id: 'acme-labels',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Labels'),
  requires: { admin: '*' },
  migrations: [
    migration({
      name: 'acme-labels/0001-initial',
      after: ['admin/0001-initial'],
      up: (ddl) => [
        ...ddl.createTable('acme_labels_label', {
          columns: {
            id: { type: 'id' },
            domain_id: { type: 'integer', references: { table: 'admin_domain', onDelete: 'cascade' } },
            text: { type: 'text' },
          },
        }),
        ...ddl.createTable('acme_labels_note', {
          columns: {
            id: { type: 'id' },
            label_id: { type: 'integer', references: { table: 'acme_labels_label', onDelete: 'cascade' } },
            at: { type: 'timestamp', default: 'now' },
          },
        }),
      ],
      down: (ddl) => [...ddl.dropTable('acme_labels_note'), ...ddl.dropTable('acme_labels_label')],
    }),
  ],
  contributes: [
    trashPart({ table: 'acme_labels_label', of: 'admin_domain', column: 'domain_id' }),
    trashPart({ table: 'acme_labels_note', of: 'acme_labels_label', column: 'label_id' }),
  ],
});

let host: TestHost;
let site: Site;
let root: Reader;
beforeAll(async () => {
  host = await testHost({ with: [admin, labels] });
  await host.kernel.accounts.create(host.system, { username: 'admin', role: 'SuperAdmins', passwordHash });
  const context = host.context('admin');
  await context.get(domains).create(host.system, { name: 'one.test' });
  await context.get(mailboxes).create(host.system, { username: 'anna@one.test', passwordHash });
  await context.get(aliases).create(host.system, { address: 'sales@one.test', recipients: ['anna@one.test'] });
  site = await startSite(host);
  root = await site.as('admin');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});
const sql = (text: string, params: readonly unknown[] = []) => host.kernel.database.execute(text, params);

it('a deletion is undone by the button of its notice, without a script', async () => {
  const [alias] = await sql("select id from admin_alias where address = 'sales@one.test'");
  const path = `/admin/aliases/${alias?.id}/delete/`;
  expect((await root.get(path)).text).toContain('It can be brought back from the trash for 7 days.');
  const deleted = await root.post(path, { confirmation: 'sales@one.test' });
  const list = await root.get(deleted.to ?? '');
  const [, form] = /<form class="ph-flash-action" method="post" action="([^"]+)">/.exec(list.text) ?? [];
  expect(form).toMatch(/^\/admin\/trash\/\d+\/restore\/$/);
  const undone = await root.post(form ?? '', {});
  expect((await root.get(undone.to ?? '')).text).toContain('sales@one.test is back.');
  expect(await sql("select id from admin_alias where address = 'sales@one.test'")).toEqual([alias]);
  // Pressed twice: the second says what became of it.
  expect((await root.get((await root.post(form ?? '', {})).to ?? '')).text).toContain('There is nothing in the trash');
});

it('the page lists, shows, brings back, and removes for good what is typed', async () => {
  const [domain] = await sql('select id from admin_domain');
  await sql('insert into acme_labels_label (domain_id, text) values (?, ?)', [domain?.id, 'vip']);
  await sql('insert into acme_labels_note (label_id) select id from acme_labels_label');
  const before = [await sql('select * from acme_labels_label'), await sql('select * from acme_labels_note')];
  await root.post('/admin/domains/one.test/delete/', { confirmation: 'one.test' });
  expect(await sql('select * from acme_labels_label')).toEqual([]);
  const list = await root.get('/admin/trash/?kind=domain&q=one');
  const [, href = ''] = /href="(\/admin\/trash\/\d+\/)"/.exec(list.text) ?? [];
  expect((await root.get(href)).text).toContain('Restore');
  await root.post(`${href}restore/`, {});
  expect([await sql('select * from acme_labels_label'), await sql('select * from acme_labels_note')]).toEqual(before);
  await root.post('/admin/domains/one.test/delete/', { confirmation: 'one.test' });
  const [entry] = await sql('select id from admin_trash');
  const purge = `/admin/trash/${entry?.id}/delete/`;
  expect((await root.get(purge)).text).toContain('This cannot be undone.');
  expect((await root.post(purge, { confirmation: 'two.test' })).status).toBe(422);
  expect((await root.post(purge, { confirmation: 'one.test' })).to).toBe('/admin/trash/');
  expect(await sql('select id from admin_trash')).toEqual([]);
  expect((await root.get('/admin/trash/')).text).toContain('The trash is empty');
});

it('is closed to those who may delete nothing', async () => {
  await host.kernel.accounts.create(host.system, { username: 'plain@x.org', role: 'SimpleUsers', passwordHash });
  const plain = await site.as('plain@x.org');
  expect((await plain.get('/admin/trash/')).status).toBe(403);
  expect((await plain.post('/admin/trash/1/restore/', {})).status).toBe(403);
});
