import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type Bench, bench, HASH, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
let reader: Reader;
let domainAdmin: Reader;

beforeAll(async () => {
  b = await bench();
  await populate(b);
  site = await startSite(b.host);
  reader = await site.as('admin');
  domainAdmin = await site.as('admin@test.com');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const PATHS = ['/admin/domains/', '/admin/identities/', '/admin/quotas/', '/admin/domainaliases/'];
const statements = async (who: Reader, path: string): Promise<number> => {
  // The first visit may have to read grants or parameters.
  await who.get(path);
  const seen = await b.count(() => who.get(path));
  return seen.filter((sql) => !/^(begin|commit)/i.test(sql)).length;
};

const rows = (text: string): readonly string[] =>
  [...text.matchAll(/class="ph-row-link" href="[^"]*">([^<]*)</g)].map(([, name]) => name ?? '');

describe('lists', () => {
  it('need as many statements for 500 rows as for a few, and no more than seven', async () => {
    const few: Record<string, number> = {};
    for (const path of PATHS) few[path] = await statements(reader, path);
    for (const path of PATHS.slice(0, 3)) few[`${path} domain`] = await statements(domainAdmin, path);
    const domain = (await b.domains.show(b.system, 'test2.com')).pk;
    const own = (await b.domains.show(b.system, 'test.com')).pk;
    await b.context.data.write(async () => {
      const now = '2026-01-01 00:00:00';
      for (let i = 0; i < 500; i += 1) {
        await b.sql('insert into admin_domain (name, creation, last_modification) values (?, ?, ?)', [
          `d${i}.example`,
          now,
          now,
        ]);
        await b.sql('insert into core_user (username, password, role, email) values (?, ?, ?, ?)', [
          `u${i}@test2.com`,
          HASH,
          'SimpleUsers',
          `u${i}@test2.com`,
        ]);
        await b.sql(
          `insert into admin_mailbox (address, quota, use_domain_quota, domain_id, user_id, creation, last_modification)
           select ?, 0, ?, ?, id, ?, ? from core_user where username = ?`,
          [`u${i}`, true, i % 2 === 0 ? domain : own, now, now, `u${i}@test2.com`],
        );
      }
    });
    const many: Record<string, number> = {};
    for (const path of PATHS) many[path] = await statements(reader, path);
    for (const path of PATHS.slice(0, 3)) many[`${path} domain`] = await statements(domainAdmin, path);
    expect(many).toEqual(few);
    expect(Math.max(...Object.values(many))).toBeLessThanOrEqual(7);
  });

  it('read a deep page of the trash as they read the first', async () => {
    const at = '2026-01-01 00:00:00';
    await b.context.data.write(async () => {
      for (let i = 0; i < 600; i += 1) {
        await b.sql(
          `insert into admin_trash (kind, name, object_id, role, deleted_at, deleted_by) values ('alias', ?, ?, '', ?, 'admin')`,
          [`gone${i}@test.com`, 100_000 + i, at],
        );
      }
    });
    expect(await statements(reader, '/admin/trash/?page=20')).toBe(await statements(reader, '/admin/trash/'));
    const { text } = await reader.get('/admin/trash/?page=20');
    expect(text).toContain('>gone124@test.com<');
    expect(text).not.toContain('>gone125@test.com<');
    expect((await reader.get('/admin/trash/?page=999')).text).toContain('>gone0@test.com<');
  });

  it('go page by page, and to the last where there are fewer', async () => {
    const names: string[] = [];
    for (let page = 1; page <= 21; page += 1) {
      names.push(...rows((await reader.get(`/admin/domains/?page=${page}`)).text));
    }
    expect(names.length).toBe(502);
    expect(new Set(names).size).toBe(502);
    const beyond = await reader.get('/admin/domains/?page=9999');
    expect(rows(beyond.text)).toEqual(names.slice(500));
  });

  it('search, filter and sort', async () => {
    expect(rows((await reader.get('/admin/domains/?q=D49.')).text)).toEqual(['d49.example']);
    expect(rows((await reader.get('/admin/domains/?enabled=no')).text)).toEqual([]);
    expect(rows((await reader.get('/admin/domains/?sort=-name')).text)[0]).toBe('test2.com');
    expect(rows((await reader.get('/admin/domains/?sort=-aliases')).text)[0]).toBe('test.com');
    expect(rows((await reader.get('/admin/identities/?kind=alias')).text)).toEqual([
      'alias@test.com',
      'forward@test.com',
      'postmaster@test.com',
    ]);
    expect(rows((await reader.get('/admin/identities/?role=DomainAdmins')).text)).toEqual([
      'admin@test.com',
      'admin@test2.com',
    ]);
    expect(rows((await reader.get('/admin/identities/?q=forward')).text)).toEqual(['forward@test.com']);
    expect(rows((await reader.get('/admin/identities/?domain=test.com&q=admin')).text)).toEqual(['admin@test.com']);
    expect((await reader.get('/admin/domains/?sort=nonsense&page=-1&enabled=maybe')).status).toBe(200);
    for (const sort of ['usage', '-usage', 'used', '-name']) {
      expect((await reader.get(`/admin/quotas/?sort=${sort}`)).status).toBe(200);
    }
  });

  it('show an administrator exactly what the service lists', async () => {
    const actor = await b.actor('admin@test.com');
    const accounts = (await all(b.mailboxes.list(actor))).map((one) => one.username);
    const shown: string[] = [];
    for (let page = 1; page <= Math.ceil(accounts.length / 25); page += 1) {
      shown.push(...rows((await domainAdmin.get(`/admin/identities/?kind=account&page=${page}`)).text));
    }
    expect(shown.toSorted()).toEqual(accounts.toSorted());
  });

  it('show names as they are written', async () => {
    const hostile = `<script>alert(1)</script>"'&amp; ‮{{name}}`;
    await b.sql('update core_user set first_name = ? where username = ?', [hostile, 'user@test.com']);
    await b.sql('update admin_alias set description = ? where address = ?', [hostile, 'forward@test.com']);
    await b.sql('insert into core_log (level, logger, message) values (?, ?, ?)', ['info', 'x', hostile]);
    const user = await b.mailboxes.show(b.system, 'user@test.com');
    const alias = await b.aliases.show(b.system, 'forward@test.com');
    for (const path of [
      '/dashboard/',
      '/admin/identities/?q=user',
      '/admin/identities/?kind=alias',
      `/admin/identities/?q=${encodeURIComponent(hostile)}`,
      `/admin/accounts/${user.pk}/`,
      `/admin/accounts/${user.pk}/edit/`,
      `/admin/aliases/${alias.pk}/edit/`,
      '/core/logs/',
    ]) {
      const { status, text } = await reader.get(path);
      expect([path, status, text.includes('<script>alert')]).toEqual([path, 200, false]);
    }
  });
});
