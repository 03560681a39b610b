import admin from '@posthorn/admin';
import { aliases, domains, mailboxes } from '@posthorn/admin/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';
import { filled, formTo } from './html-forms.js';
import { type Reader, type Site, startSite } from './site.js';

const passwordHash = '{PLAIN}Toto1234';
let host: TestHost;
let site: Site;
let root: Reader;
beforeAll(async () => {
  host = await testHost({ with: [admin] });
  await host.kernel.accounts.create(host.system, { username: 'admin', role: 'SuperAdmins', passwordHash });
  const context = host.context('admin');
  await context.get(domains).create(host.system, { name: 'one.test' });
  await context.get(domains).create(host.system, { name: 'relay.test', type: 'relaydomain' });
  await context.get(mailboxes).create(host.system, { username: 'anna@one.test', passwordHash });
  await context.get(aliases).create(host.system, { address: 'sales@one.test', recipients: ['anna@one.test'] });
  site = await startSite(host);
  root = await site.as('admin');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});
const recipients = async (address: string) =>
  (await host.context('admin').get(aliases).show(host.system, address)).recipients;

it('test_role_addresses: the page of a domain asks who reads them, and makes them', async () => {
  expect((await root.get('/admin/domains/one.test/')).text).toContain('postmaster@one.test, abuse@one.test');
  const wrong = await root.post('/admin/domains/one.test/role-addresses/', { recipient: 'nobody@one.test' });
  expect((await root.get(wrong.to ?? '')).text).toContain('The recipient nobody@one.test does not exist.');
  await root.post('/admin/domains/one.test/role-addresses/', { recipient: 'anna@one.test' });
  expect(await recipients('postmaster@one.test')).toEqual(['anna@one.test']);
  expect(await recipients('abuse@one.test')).toEqual(['anna@one.test']);
  expect((await root.get('/admin/domains/one.test/')).text).not.toContain('Nobody receives mail');
});

it('tags lead to what has the same, and a tag above the list takes that away', async () => {
  const all = (await root.get('/admin/domains/')).text;
  expect(all).toContain('href="?type=relaydomain"');
  const relays = (await root.get('/admin/domains/?type=relaydomain&q=test')).text;
  expect(relays).toContain('relay.test');
  expect(relays).not.toContain('one.test');
  expect(relays).toContain('href="/admin/domains/?q=test" aria-label="Take away the filter Relay domain"');
  const identities = (await root.get('/admin/identities/')).text;
  expect(identities).toContain('href="?kind=alias"');
  expect(identities).toContain('href="?role=SimpleUsers"');
  expect((await root.get('/admin/identities/?kind=alias')).text).toContain('Take away the filter Aliases');
});

it('a size that is none is refused at its field, with what is accepted', async () => {
  const path = '/admin/domains/one.test/edit/';
  const form = formTo((await root.get(path)).text, path);
  const refused = await root.post(path, filled(form, { 'general.quota': '2 apples' }));
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('must be a size, like 500 MB, 2G or 1.5 GiB');
  await root.post(path, filled(form, { 'general.quota': '1.5 GiB' }));
  expect((await host.context('admin').get(domains).show(host.system, 'one.test')).quota).toBe(1536);
});

it('test_create_alias_on_rename: the form leaves the old address behind where that is wanted', async () => {
  const { pk } = await host.context('admin').get(mailboxes).show(host.system, 'anna@one.test');
  const path = `/admin/accounts/${pk}/edit/`;
  const form = formTo((await root.get(path)).text, path);
  const wish = { 'general.username': 'ann@one.test', 'general.create_alias_with_old_address': 'true' };
  expect((await root.post(path, filled(form, wish))).status).toBe(303);
  expect(await recipients('anna@one.test')).toEqual(['ann@one.test']);
});
