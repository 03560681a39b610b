/** The page "Where does this address go?", and an extension of strangers that says where mail goes instead. */
import { addressResolver } from '@posthorn/admin/contract';
import { defineExtension } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

const asked: string[][] = [];
let isBroken = false;

const relay = defineExtension({
  id: 'relay',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Relay',
  requires: { admin: '*' },
  contributes: [
    addressResolver({
      id: 'relay',
      resolve: async (addresses) => {
        if (isBroken) throw new Error('no');
        asked.push(addresses.map(({ address }) => address));
        return addresses.map(({ domain }) =>
          domain?.type === 'relaydomain' ? 'relayed to <b>mail.example</b>:25' : undefined,
        );
      },
    }),
  ],
});

let b: Bench;
let site: Site;
let root: Reader;
beforeAll(async () => {
  b = await bench({ with: [relay] });
  site = await startSite(b.host);
  await populate(b);
  await b.domains.create(b.system, { name: 'relayed.test', type: 'relaydomain' });
  await b.aliases.create(b.system, { address: 'out@test.com', recipients: ['x@relayed.test', 'user@test.com'] });
  await b.aliases.create(b.system, { address: 'far@test.com', recipients: ['user@test2.com', 'x@relayed.test'] });
  root = await site.as('admin');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});
beforeEach(() => {
  isBroken = false;
  asked.length = 0;
});
const of = (address: string, reader = root) => reader.get(`/admin/resolve/?address=${encodeURIComponent(address)}`);

it('asks one question, which stands in the address', async () => {
  const { status, text } = await root.get('/admin/resolve/');
  expect(status).toBe(200);
  expect(text).toMatch(/<form[^>]*method="get"[^>]*action="\/admin\/resolve\/"/);
  expect(text).toMatch(/<label[^>]*for="address"/);
  expect(text).not.toContain('ph-tree');
});

it('shows each step, linked to what is behind it', async () => {
  const { status, text } = await of('out@test.com');
  const alias = await b.aliases.show(b.system, 'out@test.com');
  const account = await b.mailboxes.show(b.system, 'user@test.com');
  expect(status).toBe(200);
  expect(text).toContain('Mail to out@test.com reaches 2 recipients.');
  expect(text).toContain(`<a class="ph-list-title" href="/admin/aliases/${alias.pk}/edit/">out@test.com</a>`);
  expect(text).toContain(`<a class="ph-list-title" href="/admin/accounts/${account.pk}/">user@test.com</a>`);
});

it('asks extensions once about everything at the end, and shows what they say as text', async () => {
  const { text } = await of('out@test.com');
  expect(text).toContain('relayed to &lt;b&gt;mail.example&lt;/b&gt;:25');
  expect(asked).toEqual([['x@relayed.test']]);
  isBroken = true;
  const broken = await of('out@test.com');
  expect(broken.status).toBe(200);
  expect(broken.text).toContain('an extension did not answer');
  expect(broken.text).toContain('the domain has no next server');
});

it('says of addresses of others that they are outside, and nothing of what is behind', async () => {
  const administrator = await site.as('admin@test.com');
  const { text } = await of('far@test.com', administrator);
  expect(text).toContain('user@test2.com');
  expect(text).toContain('outside of what you manage');
  expect(text).not.toContain('relayed to');
  for (const foreign of ['user@test2.com', 'nobody@test2.com', 'nobody@nowhere.test']) {
    const { status, text: said } = await of(foreign, administrator);
    expect([foreign, status]).toEqual([foreign, 404]);
    expect(said).toMatch(/There is no domain/);
  }
  expect((await of('user@test.com', await site.as('user@test.com'))).status).toBe(403);
});

it('says what is wrong with an address, beside the field and with what was typed in it', async () => {
  const { status, text } = await of('<b>@');
  expect(status).toBe(422);
  expect(text).toContain('aria-invalid="true"');
  expect(text).toContain('value="&lt;b&gt;@"');
});

it('is reached from the list of identities', async () => {
  const { text } = await root.get('/admin/identities/');
  expect(text).toContain('href="/admin/resolve/?address=out%40test.com"');
  expect(text).toContain('href="/admin/resolve/"');
});

it('makes an alias of a random address, and shows where it goes', async () => {
  expect((await root.get('/admin/aliases/random/')).status).toBe(200);
  const made = await root.post('/admin/aliases/random/', {
    'general.domain': 'test.com',
    'general.recipients': 'user@test.com',
  });
  expect(made.status).toBe(303);
  const address = new URL(made.to ?? '', site.base).searchParams.get('address') ?? '';
  expect(address).toMatch(/^[0-9a-f]{20}@test\.com$/);
  expect((await b.aliases.show(b.system, address)).recipients).toEqual(['user@test.com']);
  const wrong = await root.post('/admin/aliases/random/', {
    'general.domain': 'nowhere.test',
    'general.recipients': 'user@test.com',
  });
  expect(wrong.status).not.toBe(303);
  expect(wrong.text).toContain('nowhere.test');
});

it('finds a catch-all by the way people write it', async () => {
  await b.aliases.create(b.system, { address: '*@test2.com', recipients: ['user@test2.com'] });
  const { text } = await root.get('/admin/identities/?q=*%40test2.com');
  expect(text).toContain('data-ph-found="Results: 1"');
  expect(text).toContain('>@test2.com</a>');
});
