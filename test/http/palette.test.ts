import { defineExtension, menuEntry, paletteSource, role } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, HASH, populate } from '../admin/fixture.js';
import { startSite } from '../pages/site.js';
import { type Site, serve } from './site.js';

const finder = defineExtension({
  id: 'finder',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Finder',
  permissions: { 'finder.keep': { label: 'Keep things', roles: ['Keepers'] } },
  contributes: [
    role({ name: 'Keepers', label: 'Keeper', rank: 50 }),
    role({ name: 'SimpleUsers', label: 'Simple user', rank: 10 }),
    menuEntry({ area: 'main', label: 'Gärten', href: '/finder/gardens/', icon: 'plant', permission: 'finder.keep' }),
    paletteSource({
      id: 'things',
      search: async (query, { actor, context }) => [
        { label: `${query} <b>`, text: `${actor.username} ${context.extension}`, href: '/finder/things/1/' },
        { label: 'elsewhere', href: '//evil.example/' },
        { label: 'a script', href: 'javascript:alert(1)' },
        ...Array.from({ length: 20 }, (_, i) => ({ label: `thing ${i}`, href: `/finder/things/${i}/` })),
      ],
    }),
    paletteSource({
      id: 'broken',
      search: async () => {
        throw new Error('select * from secret_table');
      },
    }),
    paletteSource({ id: 'late', search: (query) => (query === 'zz' ? new Promise(() => {}) : Promise.resolve([])) }),
  ],
});

let site: Site;
beforeAll(async () => {
  site = await serve({ with: [finder] });
});
afterAll(() => site?.[Symbol.asyncDispose]());

interface Found {
  readonly label: string;
  readonly text?: string;
  readonly href: string;
}

async function find(username: string, query: string): Promise<readonly Found[]> {
  const browser = await site.signedIn(username);
  const answer = await browser.ask(`/palette/?q=${encodeURIComponent(query)}`, {
    headers: { accept: 'application/json' },
  });
  expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
    200,
    'application/json',
    'no-store',
  ]);
  return JSON.parse(answer.body) as readonly Found[];
}

describe('the command palette', () => {
  it('asks every source, shows eight of each and no place of others, whatever fails or is late', async () => {
    const found = await find('keeper', ' zz ');
    expect(found[0]).toEqual({ label: 'zz <b>', text: 'keeper finder', href: '/finder/things/1/' });
    expect(found).toHaveLength(8);
    expect(found.filter(({ href }) => !href.startsWith('/finder/'))).toEqual([]);
  });

  it('finds pages of the navigation that the reader may open, first', async () => {
    expect((await find('keeper', 'GÄR'))[0]).toEqual({ label: 'Gärten', href: '/finder/gardens/' });
    expect((await find('plain', 'GÄR')).map(({ href }) => href)).not.toContain('/finder/gardens/');
    expect((await find('root', 'param')).map(({ href }) => href)).toContain('/core/parameters/');
    expect((await find('plain', 'param')).map(({ href }) => href)).not.toContain('/core/parameters/');
  });

  it('finds nothing for nothing', async () => {
    expect(await find('keeper', '  ')).toEqual([]);
    expect(await find('keeper', 'x'.repeat(200))).toEqual([]);
  });

  it('is not for guests', async () => {
    expect((await site.browser().ask('/palette/?q=a')).status).toBe(303);
  });
});

describe('the command palette with domains and accounts', () => {
  let b: Bench;
  let pages: Awaited<ReturnType<typeof startSite>>;
  beforeAll(async () => {
    b = await bench();
    await populate(b);
    pages = await startSite(b.host);
  });
  afterAll(async () => {
    await pages?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });

  const labels = async (username: string, query: string): Promise<readonly string[]> => {
    const reader = await pages.as(username);
    const { text } = await reader.get(`/palette/?q=${encodeURIComponent(query)}`);
    return (JSON.parse(text) as readonly Found[]).map(({ label, text: more }) => `${label} ${more}`);
  };

  it('finds what begins with the text, for a super administrator everywhere', async () => {
    expect(await labels('admin', 'TEST')).toEqual(['test.com Domain', 'test2.com Domain']);
    expect(await labels('admin', 'user@')).toEqual(['user@test.com Account', 'user@test2.com Account']);
    expect(await labels('admin', 'est.com')).toEqual([]);
    for (const wild of ['%', '_est', 'user_', "t' or 1=1 --", '!']) expect(await labels('admin', wild)).toEqual([]);
  });

  it('leads to their pages', async () => {
    const admin = await pages.as('admin');
    for (const query of ['test2', 'user@test2']) {
      const [found] = JSON.parse((await admin.get(`/palette/?q=${query}`)).text) as readonly Found[];
      expect((await admin.get(String(found?.href))).status).toBe(200);
    }
  });

  it('finds for a domain administrator what is in his reach, and nothing for a user', async () => {
    expect(await labels('admin@test.com', 'test')).toEqual(['test.com Domain']);
    expect(await labels('admin@test.com', 'user@')).toEqual(['user@test.com Account']);
    expect(await labels('user@test.com', 'test')).toEqual([]);
    expect(await labels('user@test.com', 'user@')).toEqual([]);
  });

  it('needs as many statements for many rows as for a few, and shows eight of each', async () => {
    const count = async (username: string): Promise<number> => {
      const reader = await pages.as(username);
      await reader.get('/palette/?q=u');
      return (await b.count(() => reader.get('/palette/?q=u'))).length;
    };
    const before = [await count('admin'), await count('admin@test.com')];
    await b.context.data.write(async () => {
      for (let i = 0; i < 200; i += 1) {
        await b.sql('insert into admin_domain (name, creation, last_modification) values (?, ?, ?)', [
          `u${i}.example`,
          '2026-01-01 00:00:00',
          '2026-01-01 00:00:00',
        ]);
        await b.sql('insert into core_user (username, password, role) values (?, ?, ?)', [
          `u${i}@test.com`,
          HASH,
          'SimpleUsers',
        ]);
      }
    });
    expect([await count('admin'), await count('admin@test.com')]).toEqual(before);
    expect(Math.max(...before)).toBeLessThanOrEqual(8);
    const shown = await labels('admin', 'u');
    expect(shown.filter((label) => label.endsWith(' Domain'))).toHaveLength(8);
    expect(shown.filter((label) => label.endsWith(' Account'))).toHaveLength(8);
  });
});
