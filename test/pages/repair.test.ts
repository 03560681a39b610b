import { check, defineExtension } from '@posthorn/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

const runs: boolean[] = [];
const stranger = defineExtension({
  id: 'stranger',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Stranger',
  contributes: [
    check({
      id: 'things',
      title: 'Things',
      run: async () => [{ level: 'warning', message: 'a thing is odd' }],
      fix: async (context, { dryRun, progress }) => {
        runs.push(dryRun);
        progress(1, 1);
        return [{ subject: context.extension, text: '<b>straightened</b>' }];
      },
    }),
    check({ id: 'only-looks', title: 'Only looks', run: async () => [] }),
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

const PATH = '/core/repair/';

it('the page shows what can be mended, to those who run the installation alone', async () => {
  const { status, text } = await admin.get(PATH);
  expect(status).toBe(200);
  expect(text).toContain('stranger.things');
  expect(text).not.toContain('only-looks');
  const other = await site.as('admin@test.com');
  expect((await other.get(PATH)).status).toBe(403);
  expect((await other.post(PATH, { check: 'stranger.things' })).status).toBe(403);
  expect(runs).toEqual([]);
});

it('a repair says what it would do, does it, and runs in the name of its extension', async () => {
  const { text } = await admin.post(PATH, { check: 'stranger.things', dry_run: 'true' });
  expect(text).toContain('1 thing would be mended.');
  expect(text).toContain('&lt;b&gt;straightened&lt;/b&gt;');
  expect((await admin.post(PATH, { check: 'stranger.things' })).text).toContain('1 thing was mended.');
  expect(runs).toEqual([true, false]);
  expect((await admin.post(PATH, { check: 'stranger.only-looks' })).status).toBe(404);
});

it('everything can be looked at, and nothing is changed', async () => {
  runs.length = 0;
  const { text } = await admin.post(`${PATH}look/`, {});
  expect(text).toMatch(/[2-9]\d* things would be mended\./);
  expect(text).toContain('<h2 class="card-title">Things</h2>');
  expect(text).toContain('To mend: 1');
  expect(text).toContain('In order');
  expect(runs).toEqual([true]);
});

it('mailboxes get the alias back that keeps a catch-all away', async () => {
  const selves = async () =>
    Number(
      (await b.sql('select count(*) as n from admin_alias where internal = true and domain_id is not null'))[0]?.n,
    );
  const all = await selves();
  const victim = "address = 'user@test.com' and internal = true";
  await b.sql(`delete from admin_aliasrecipient where alias_id in (select id from admin_alias where ${victim})`);
  await b.sql(`delete from admin_alias where ${victim}`);
  expect(await selves()).toBe(all - 1);
  const dry = await admin.post(PATH, { check: 'admin.self-aliases', dry_run: 'true' });
  expect(dry.text).toContain('user@test.com');
  expect(await selves()).toBe(all - 1);
  expect((await admin.post(PATH, { check: 'admin.self-aliases' })).text).toContain('1 thing was mended.');
  expect(await selves()).toBe(all);
  const [row] = await b.sql(
    `select r.address, r.r_mailbox_id from admin_aliasrecipient r inner join admin_alias a on a.id = r.alias_id where a.address = 'user@test.com' and a.internal = true`,
  );
  expect(row).toMatchObject({ address: 'user@test.com', r_mailbox_id: expect.any(Number) });
  expect((await admin.post(PATH, { check: 'admin.self-aliases' })).text).toContain('There was nothing to mend.');
});
