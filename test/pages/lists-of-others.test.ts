/** An extension of strangers in the lists of domains and identities: columns, actions, filters and widgets. */
import {
  accountColumns,
  accountFilters,
  domainActions,
  domainColumns,
  domainFilters,
  REGIONS,
} from '@posthorn/admin/contract';
import { action, defineExtension, listColumn, listFilter, redirect, rowAction, view, widget } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

const loads: number[] = [];
const pinged: string[] = [];
let isBroken = false;
const fail = (): never => {
  throw new Error('no');
};

const stranger = defineExtension({
  id: 'stranger',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Stranger',
  requires: { admin: '*' },
  views: new URL('./views/', import.meta.url),
  contributes: [
    listColumn(domainColumns, {
      id: 'score',
      label: 'Score',
      permission: 'admin.view_domains',
      load: async (rows) => {
        loads.push(rows.length);
        return rows.map(({ name }) => (isBroken ? fail() : name === 'test.com' ? '<b>high</b>' : undefined));
      },
    }),
    listColumn(domainColumns, { id: 'secret', label: 'Secret', permission: 'core.manage_jobs', load: async () => [] }),
    rowAction(domainActions, {
      id: 'look',
      label: 'Look',
      icon: 'eye',
      permission: 'admin.view_domains',
      when: ({ name }) => name === 'test.com',
      href: ({ pk }) => (isBroken ? '//elsewhere.test/' : `/stranger/${pk}/`),
    }),
    rowAction(domainActions, {
      id: 'ping',
      label: 'Ping',
      icon: 'bell',
      permission: 'admin.view_domains',
      href: ({ pk }) => `/stranger/ping/${pk}/`,
      confirm: ({ name }) => `Ping <i>${name}</i>?`,
    }),
    action({
      path: '/stranger/ping/:id/',
      permission: 'admin.view_domains',
      run: async ({ params }) => {
        pinged.push(params.id);
        return redirect('/admin/domains/');
      },
    }),
    listFilter(domainFilters, {
      id: 'name',
      label: 'Letter',
      permission: 'admin.view_domains',
      choices: async () => (isBroken ? fail() : [{ value: 'test2', label: 'Second' }]),
      narrow: (value, { column }) => ({
        sql: `${column} in (select x.id from admin_domain x where x.name like ?)`,
        params: [`${value}%`],
      }),
    }),
    listFilter(accountFilters, {
      id: 'kind',
      label: 'Only',
      permission: 'admin.view_mailboxes',
      choices: async () => [{ value: 'aliases', label: 'Aliases' }],
      narrow: (_value, { kind }) => (kind === 'account' ? undefined : { sql: '1 = 1', params: [] }),
    }),
    listColumn(accountColumns, {
      id: 'kind',
      label: 'Row',
      permission: 'admin.view_mailboxes',
      load: async (rows) => rows.map(({ kind, name }) => `${kind} of ${name}`),
    }),
    widget({
      id: 'beside',
      region: REGIONS.domains,
      title: 'Beside',
      permission: 'admin.view_domains',
      load: async () => (isBroken ? fail() : view('good', 'Beside', { word: 'beside the list' })),
    }),
  ],
});

let b: Bench;
let site: Site;
let admin: Reader;
beforeAll(async () => {
  b = await bench({ with: [stranger] });
  await populate(b);
  site = await startSite(b.host);
  admin = await site.as('admin');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});
beforeEach(() => {
  loads.length = 0;
  isBroken = false;
});

const DOMAINS = '/admin/domains/';
const enabled = async () =>
  (await b.sql('select name from admin_domain where enabled = true order by name')).map(({ name }) => name);

it('columns are asked once for all rows, and escaped; who may not see one does not', async () => {
  const { text } = await admin.get(DOMAINS);
  expect(loads).toEqual([2]);
  expect(text).toContain('>Score</th>');
  expect(text).toContain('&lt;b&gt;high&lt;/b&gt;');
  expect(text).toMatch(/data-label="Score">–</);
  expect(text).toContain('>Secret</th>');
  expect((await (await site.as('admin@test.com')).get(DOMAINS)).text).not.toContain('>Secret</th>');
});

it('a page costs as many statements however many rows it has', async () => {
  const cost = async (path: string) => (await b.count(() => admin.get(path))).length;
  await cost(DOMAINS);
  expect(await cost(`${DOMAINS}?q=test2`)).toBe(await cost(DOMAINS));
});

it('actions lead where they say, and one that changes something asks first', async () => {
  const { text } = await admin.get(DOMAINS);
  const pk = (await b.domains.show(b.system, 'test.com')).pk;
  expect(text.match(/href="\/stranger\/\d+\/"/g)).toHaveLength(1);
  expect(text).toContain(`href="/stranger/${pk}/"`);
  const [asking = ''] = [...text.matchAll(/href="(\/core\/confirm\/[^"]+)"/g)].map(([, href]) => href);
  const asked = await admin.get(asking);
  expect(asked.text).toMatch(/Ping &lt;i&gt;test2?\.com&lt;\/i&gt;\?/);
  const to = /<form[^>]*action="(\/stranger\/ping\/\d+\/)"/.exec(asked.text)?.[1] ?? '';
  expect(pinged).toEqual([]);
  expect((await admin.post(to, {})).to).toBe(DOMAINS);
  expect(pinged).toEqual([to.split('/')[3]]);
  const stolen = await (await site.as('admin@test.com')).get(asking);
  expect([stolen.status, stolen.to]).toEqual([303, '/']);
  expect((await admin.get(asking.replace('v1.', 'v2.'))).to).toBe('/');
});

it('filters stand in the bar and the address, and count for all that match', async () => {
  expect((await admin.get(DOMAINS)).text).toContain(
    '<select class="form-select" name="stranger.name" aria-label="Letter">',
  );
  const { text } = await admin.get(`${DOMAINS}?stranger.name=test2`);
  expect(text).toContain('<option value="test2" selected>Second</option>');
  expect(text).toContain('1 domain<');
  expect(text).toContain('name="others" value="stranger.name=test2"');
  expect(text).not.toContain('>test.com</a>');
  const sent = { action: 'disable', all: 'true', total: '1', q: '', enabled: '', others: 'stranger.name=test2' };
  expect((await admin.post(DOMAINS, sent)).to).toBe(`${DOMAINS}?stranger.name=test2`);
  expect(await enabled()).toEqual(['test.com']);
  // One whose extension is gone means no row: never all of them.
  const gone = { ...sent, total: '2', others: 'elsewhere.name=x' };
  expect((await admin.post(DOMAINS, gone)).status).toBe(409);
  expect(await enabled()).toEqual(['test.com']);
});

it('filters of accounts and aliases say which kind they mean', async () => {
  const all = (await admin.get('/admin/identities/')).text;
  expect(all).toMatch(/account of admin@test\.com/);
  const { text } = await admin.get('/admin/identities/?stranger.kind=aliases');
  expect(text).not.toMatch(/account of /);
  expect(text).toMatch(/alias of /);
});

it('widgets stand in the region', async () => {
  expect((await admin.get(DOMAINS)).text).toContain('<p id="good">beside the list</p>');
});

it('what fails is a dash, or missing, and the page works', async () => {
  isBroken = true;
  const { status, text } = await admin.get(DOMAINS);
  expect(status).toBe(200);
  expect(text).toContain('>test.com</a>');
  expect(text).not.toContain('high');
  expect(text.match(/data-label="Score">–</g)).toHaveLength(2);
  expect(text).not.toContain('elsewhere.test');
  expect(text).not.toContain('stranger.name');
  expect(text).toContain('This part cannot be shown now.');
  expect(text).toContain('Ping: ');
});
