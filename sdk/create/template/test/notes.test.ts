import { fileURLToPath } from 'node:url';
import { domains } from '@posthorn/admin/contract';
import { type TestHost, testHost } from '@posthorn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
let host: TestHost;

beforeAll(async () => {
  host = await testHost({ with: [folder('../node_modules/@posthorn/admin'), folder('../')] });
  await host.context('admin').get(domains).create(host.system, { name: 'a.test' });
});
afterAll(() => host?.[Symbol.asyncDispose]());

test('a note is written beside a domain and shown on the page', async () => {
  const root = await host.admin();
  const editor = await root.get('/admin/domains/a.test/edit/');
  const saved = await editor.tab('acme-notes').submit({ note: 'Ask Anna' });
  expect(saved.issues).toEqual([]);
  const page = await root.get('/acme-notes/');
  expect(page.table).toEqual([{ Domain: 'a.test', Note: 'Ask Anna' }]);
});

test('others see neither the page nor its menu entry', async () => {
  const user = await host.account({ role: 'SimpleUsers' });
  expect((await user.get('/acme-notes/')).status).toBe(403);
  expect((await user.get('/user/')).menu.map(({ href }) => href)).not.toContain('/acme-notes/');
});

test('old notes go at night', async () => {
  const set = await host.command(['parameter', 'set', 'acme-notes.keep_days', '7']);
  expect(set.code).toBe(0);
  await host.clock.advance('8d');
  expect(await host.jobs.drain()).toContainEqual(expect.objectContaining({ job: 'acme-notes.tidy', outcome: 'done' }));
  expect((await (await host.admin()).get('/acme-notes/')).table).toEqual([]);
});
