import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
let admin: Reader;
let domainAdmin: Reader;

beforeAll(async () => {
  b = await bench();
  await populate(b);
  site = await startSite(b.host);
  admin = await site.as('admin');
  domainAdmin = await site.as('admin@test.com');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const IDENTITIES = '/admin/identities/';
const ALIASES = `${IDENTITIES}?kind=alias&sort=-name`;
const SAVE = '/user/filters/save/';
const REMOVE = '/user/filters/remove/';

/** What stands between the filter bar and the list. */
const saved = (text: string): string => /<div id="filters-saved".*?<\/div>/s.exec(text)?.[0] ?? 'missing';
const names = (text: string): readonly string[] =>
  [...saved(text).matchAll(/<a class="ph-badge[^>]*>([^<]*)<\/a>/g)].map(([, name]) => name ?? '');

describe('a saved filter', () => {
  it('is offered where something is filtered, with all of the address but the page', async () => {
    expect(saved((await admin.get(IDENTITIES)).text)).not.toContain('<form');
    const { text } = await admin.get(`${ALIASES}&q=&page=1`);
    expect(saved(text)).toContain(`name="address" value="${ALIASES.replaceAll('&', '&amp;')}"`);
  });

  it('stands above its list for its reader alone, says when it is the one that is shown, and can be removed', async () => {
    const kept = await admin.post(SAVE, { address: ALIASES, name: ' <b>Aliases</b> Łódź ' });
    expect([kept.status, kept.to]).toEqual([303, ALIASES]);
    const { text } = await admin.get(IDENTITIES);
    expect(names(text)).toEqual(['&lt;b&gt;Aliases&lt;/b&gt; Łódź']);
    expect(saved(text)).toContain(`href="${ALIASES.replaceAll('&', '&amp;')}"`);
    expect(saved(text)).not.toContain('aria-current');
    const shown = saved((await admin.get(ALIASES)).text);
    expect(shown).toContain('aria-current="page"');
    expect(shown).not.toContain('<details');
    expect(names((await admin.get('/admin/domains/')).text)).toEqual([]);
    expect(names((await domainAdmin.get(IDENTITIES)).text)).toEqual([]);

    const gone = await admin.post(REMOVE, { address: ALIASES, name: '<b>Aliases</b> Łódź', next: IDENTITIES });
    expect([gone.status, gone.to]).toEqual([303, IDENTITIES]);
    expect(names((await admin.get(IDENTITIES)).text)).toEqual([]);
  });

  it('takes the place of one with its name on the same list, and of no other', async () => {
    const disabled = '/admin/domains/?enabled=no';
    await admin.post(SAVE, { address: disabled, name: 'Mine' });
    await admin.post(SAVE, { address: ALIASES, name: 'Mine' });
    await admin.post(SAVE, { address: `${IDENTITIES}?q=a`, name: 'Mine' });
    const { text } = await admin.get(IDENTITIES);
    expect(names(text)).toEqual(['Mine']);
    expect(saved(text)).toContain(`href="${IDENTITIES}?q=a"`);
    expect(names((await admin.get('/admin/domains/')).text)).toEqual(['Mine']);
  });

  it('stays when preferences are saved', async () => {
    await admin.post('/user/preferences/', { language: 'en', theme: 'dark', density: 'compact' });
    expect(names((await admin.get(IDENTITIES)).text)).toEqual(['Mine']);
  });

  it('is refused with a reason: no name, elsewhere, no filter, one too many', async () => {
    const refused = async (address: string, name: string) => (await admin.post(SAVE, { address, name })).status;
    expect(await refused(ALIASES, '')).toBe(422);
    expect(await refused(ALIASES, ' ')).toBe(422);
    expect(await refused(ALIASES, 'x'.repeat(61))).toBe(422);
    for (const address of ['//elsewhere.test/?a=b', 'https://elsewhere.test/?a=b', '/a/?b=c d', IDENTITIES, '']) {
      expect([address, await refused(address, 'x')]).toEqual([address, 422]);
    }
    const guest = await site.guest.post(SAVE, { address: ALIASES, name: 'x', _token: 'x' });
    expect(guest.status).toBe(403);
    for (let n = 1; n <= 50; n += 1) {
      expect((await domainAdmin.post(SAVE, { address: `/a/?n=${n}`, name: `n${n}` })).status).toBe(303);
    }
    const full = await domainAdmin.post(SAVE, { address: '/a/?n=51', name: 'n51' });
    expect(full.status).toBeGreaterThanOrEqual(400);
    expect(full.text).toContain('At most 50 filters can be saved.');
  });

  it('costs a list no statement', async () => {
    const count = async (who: Reader) => {
      await who.get(IDENTITIES);
      return (await b.count(() => who.get(IDENTITIES))).length;
    };
    const before = await count(admin);
    await admin.post(REMOVE, { address: `${IDENTITIES}?q=a`, name: 'Mine', next: IDENTITIES });
    expect(await count(admin)).toBe(before);
  });
});
