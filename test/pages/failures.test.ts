import { domainCreated, domainQuery, externalRecipient, mayCreate } from '@posthorn/admin/contract';
import { action, defineExtension, field, menuEntry, on, page, redirect, view, widget } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, bench, empty, populate } from '../admin/fixture.js';
import { filled, formTo } from './html-forms.js';
import { type Answer, type Reader, type Site, startSite } from './site.js';

type Mood = 'well' | 'throws' | 'never';
/** What each part of the extension does next. */
const mood: Record<'signal' | 'guard' | 'filter' | 'first' | 'badge', Mood> = {
  signal: 'well',
  guard: 'well',
  filter: 'well',
  first: 'well',
  badge: 'well',
};
const SECRET = 'select * from secret_table';

function moody<T>(part: keyof typeof mood, well: T): T | Promise<T> {
  if (mood[part] === 'throws') throw new Error(SECRET);
  return mood[part] === 'never' ? new Promise<T>(() => {}) : well;
}

let badgeOf = '';
const broken = defineExtension({
  id: 'rubble',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Rubble',
  requires: { admin: '*' },
  views: new URL('./views/', import.meta.url),
  taps: [
    on(domainCreated, () => moody('signal', undefined)),
    on(mayCreate, () => moody('guard', undefined)),
    on(domainQuery, (query) => moody('filter', query)),
    on(externalRecipient, () => moody('first', undefined)),
  ],
  contributes: [
    menuEntry({
      area: 'main',
      label: 'Rubble',
      href: '/rubble/',
      icon: 'puzzle',
      permission: 'signed-in',
      badge: async ({ context }) => {
        badgeOf = context.extension;
        return moody('badge', '42 stones');
      },
    }),
    page({ path: '/rubble/late/', permission: 'signed-in', load: () => new Promise(() => {}) }),
    page({
      path: '/rubble/throws/',
      permission: 'signed-in',
      load: async () => {
        throw new Error(SECRET);
      },
    }),
    page({ path: '/rubble/view/', permission: 'signed-in', load: async () => view('broken', 'Broken') }),
    page({ path: '/rubble/missing/', permission: 'signed-in', load: async () => view('not-there', 'Missing') }),
    action({ path: '/rubble/act/', permission: 'signed-in', run: () => new Promise(() => {}) }),
    action({
      path: '/rubble/form/',
      permission: 'signed-in',
      body: { n: field.integer({ label: 'N' }) },
      run: async () => redirect('/rubble/'),
      onInvalid: async () => {
        throw new Error(SECRET);
      },
    }),
    widget({
      id: 'late',
      region: 'dashboard',
      permission: 'signed-in',
      title: 'Late stones',
      load: () => new Promise(() => {}),
    }),
  ],
});

const MENU = /<nav aria-label="Main menu">.*?<\/nav>/s;

let b: Bench;
let site: Site;
/** The same pages, with less patience. */
let hasty: Site;
let admin: Reader;
let domainAdmin: Reader;

beforeAll(async () => {
  b = await bench({ with: [broken] });
  site = await startSite(b.host);
  hasty = await startSite(b.host, { deadlines: { page: 500, action: 500 } });
});
afterAll(async () => {
  await hasty?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});
beforeEach(async () => {
  for (const part of Object.keys(mood) as (keyof typeof mood)[]) mood[part] = 'well';
  await empty(b);
  await populate(b);
  admin = await site.as('admin');
  domainAdmin = await site.as('admin@test.com');
});

const NEW = '/admin/domains/new/';
async function create(name: string): Promise<Answer> {
  return admin.post(NEW, filled(formTo((await admin.get(NEW)).text, NEW), { 'general.name': name }));
}
const domainNames = async () => (await b.sql('select name from admin_domain order by name')).map(({ name }) => name);

describe('a page of an extension that', () => {
  it.each([
    ['throws', 'GET', '/rubble/throws/'],
    ['never settles', 'GET', '/rubble/late/'],
    ['has a view that throws', 'GET', '/rubble/view/'],
    ['has no such view', 'GET', '/rubble/missing/'],
    ['never ends an action', 'POST', '/rubble/act/'],
    ['throws while a mistake is shown', 'POST', '/rubble/form/'],
  ] as const)('%s is named to super administrators only, and its words to nobody', async (_what, method, path) => {
    const ask = (who: Reader) =>
      method === 'GET' ? who.get(path) : who.post(path, path.endsWith('form/') ? { n: 'x' } : {});
    const [told, quiet] = await Promise.all([ask(await hasty.as('admin')), ask(await hasty.as('admin@test.com'))]);
    expect([told.status, quiet.status]).toEqual([500, 500]);
    expect(told.text).toContain('<code>rubble</code>');
    // Its entry in the menu is the one place that names it.
    expect(quiet.text.replace(MENU, '')).not.toMatch(/rubble/i);
    // The place where it failed is told with its name: of a view, which one.
    expect(told.text.replace('<code>view not-there</code>', '') + quiet.text).not.toMatch(
      /secret_table|not-there|no answer in/,
    );
    // Everything else serves on.
    expect((await domainAdmin.get('/admin/identities/')).status).toBe(200);
  });
});

describe('a badge of the menu', () => {
  it('is asked in the name of its extension', async () => {
    expect((await admin.get('/admin/domains/')).text).toContain('42 stones');
    expect(badgeOf).toBe('rubble');
  });

  it.each(['throws', 'never'] as const)('that %s leaves the page and its entry', async (how) => {
    mood.badge = how;
    const { status, text } = await admin.get('/admin/domains/');
    expect([status, text.includes('href="/rubble/"'), text.includes('stones')]).toEqual([200, true, false]);
    expect(text).toContain('test2.com');
  });
});

describe('a widget that never settles', () => {
  it('leaves its neighbours', async () => {
    const { status, text } = await admin.get('/dashboard/');
    expect(status).toBe(200);
    expect(text).toContain('Needs attention');
    expect(text.match(/This part cannot be shown now\./g)).toHaveLength(1);
  });
});

describe.each(['throws', 'never'] as const)('a listener that %s', (how) => {
  it('as a guard keeps the domain from being made; the form comes back, and goes through later', async () => {
    mood.guard = how;
    const answer = await create('kept.test');
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).toContain('value="kept.test"');
    expect(await domainNames()).toEqual(['test.com', 'test2.com']);
    mood.guard = 'well';
    expect((await create('kept.test')).status).toBe(303);
  });

  it('as a guard is named to super administrators only, and its words to nobody else', async () => {
    const path = '/admin/aliases/new/';
    const alias = async (who: Reader) =>
      who.post(
        path,
        filled(formTo((await who.get(path)).text, path), {
          'general.address': 'new@test.com',
          'general.recipients': 'user@test.com',
        }),
      );
    mood.guard = how;
    const [told, quiet] = [await alias(admin), await alias(domainAdmin)];
    expect([told.status, quiet.status]).toEqual([422, 422]);
    expect(told.text).toContain('the extension rubble failed here');
    expect(quiet.text).toContain('something went wrong in this part');
    // Its entry in the menu is the one place that names it.
    expect(quiet.text).not.toMatch(/secret_table|no answer in|may-create|extension rubble/);
  });

  it('as a signal, a filter or a first changes nothing', async () => {
    mood.signal = mood.filter = mood.first = how;
    const aliasForm = '/admin/aliases/new/';
    const [made, list, alias] = await Promise.all([
      create('signal.test'),
      admin.get('/admin/domains/?q=test2'),
      admin.get(aliasForm).then(({ text }) =>
        admin.post(
          aliasForm,
          filled(formTo(text, aliasForm), {
            'general.address': 'nobody@test.com',
            'general.recipients': 'missing@test.com',
          }),
        ),
      ),
    ]);
    expect([made.status, list.status, alias.status]).toEqual([303, 200, 422]);
    expect(list.text).toContain('test2.com');
    expect(await domainNames()).toContain('signal.test');
  });
});
