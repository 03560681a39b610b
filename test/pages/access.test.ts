import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
const readers: Record<string, Reader> = {};
let ids: { readonly user: number; readonly alias: number; readonly domainAlias: number };

beforeAll(async () => {
  b = await bench();
  await populate(b);
  const alias = await b.aliases.show(b.system, 'forward@test.com');
  const domainAlias = await b.domainAliases.create(b.system, { name: 'alias.test', target: 'test.com' });
  const user = await b.mailboxes.show(b.system, 'user@test.com');
  ids = { user: user.pk, alias: alias.pk, domainAlias: domainAlias.pk };
  site = await startSite(b.host);
  readers.super = await site.as('admin');
  readers.domain = await site.as('admin@test.com');
  readers.user = await site.as('user@test.com');
  readers.guest = site.guest;
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

/** What each kind of reader gets: the status; 303 is the way to the sign-in page, or to the reader's own page. */
const EXPECTED: readonly (readonly [string, Record<'super' | 'domain' | 'user' | 'guest', number>])[] = [
  ['/dashboard/', { super: 200, domain: 200, user: 303, guest: 303 }],
  ['/admin/', { super: 303, domain: 303, user: 303, guest: 303 }],
  ['/admin/domains/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/domains/new/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/admin/domains/test.com/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/domains/test2.com/', { super: 200, domain: 404, user: 403, guest: 303 }],
  ['/admin/domains/test.com/edit/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/admin/domains/test.com/delete/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/admin/identities/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/accounts/new/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/accounts/USER/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/accounts/USER/edit/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/accounts/USER/delete/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/accounts/999999/', { super: 404, domain: 404, user: 403, guest: 303 }],
  ['/admin/accounts/x/', { super: 404, domain: 404, user: 403, guest: 303 }],
  ['/admin/aliases/new/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/aliases/ALIAS/edit/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/aliases/ALIAS/delete/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/admin/domainaliases/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/admin/domainaliases/new/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/admin/domainaliases/DALIAS/delete/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/admin/quotas/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/core/extensions/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/core/extensions/admin/disable/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/core/extensions/nothing/disable/', { super: 404, domain: 403, user: 403, guest: 303 }],
  ['/core/jobs/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/core/information/', { super: 200, domain: 403, user: 403, guest: 303 }],
  ['/core/audit/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/core/audit/999999999/', { super: 404, domain: 404, user: 403, guest: 303 }],
  ['/core/audit/export/csv/', { super: 200, domain: 200, user: 403, guest: 303 }],
  ['/core/logs/', { super: 200, domain: 403, user: 403, guest: 303 }],
];

const real = (path: string): string =>
  path.replace('DALIAS', String(ids.domainAlias)).replace('ALIAS', String(ids.alias)).replace('USER', String(ids.user));

describe('who may open a page', () => {
  for (const [path, expected] of EXPECTED) {
    it(path, async () => {
      const found: Record<string, number> = {};
      for (const who of Object.keys(expected)) {
        found[who] = (await (readers[who] as Reader).get(real(path))).status;
      }
      expect(found).toEqual(expected);
    });
  }

  it('/admin/ leads to the first list that one may open', async () => {
    expect((await (readers.super as Reader).get('/admin/')).to).toBe('/admin/domains/');
    expect((await (readers.domain as Reader).get('/admin/')).to).toBe('/admin/domains/');
    expect((await (readers.user as Reader).get('/admin/')).to).toBe('/user/');
  });

  it('shows a domain administrator nothing of other domains', async () => {
    const reader = readers.domain as Reader;
    for (const path of ['/dashboard/', '/admin/domains/', '/admin/identities/', '/admin/quotas/']) {
      const { text } = await reader.get(path);
      expect([path, text.includes('test2.com')]).toEqual([path, false]);
      expect([path, text.includes('test.com')]).toEqual([path, true]);
    }
  });
});
