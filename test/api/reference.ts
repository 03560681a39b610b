/**
 * What clients of the reference rely on: its own scenarios of the resources of `admin`, over real HTTP, by their names.
 * `test_create_domain_with_mx_check` comes with the rule that it is about, which needs checks of DNS.
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, type Bench, lookup, populate } from '../admin/fixture.js';
import type { Site } from '../pages/site.js';
import { type ApiSite, emptyApi } from './api-site.js';
import { type ApiCaller, apiCaller, type Row, tokenOf } from './caller.js';

export function referenceScenarios(of: () => ApiSite): void {
  let b: Bench;
  let site: Site;
  let root: ApiCaller;
  let boss: ApiCaller;

  const as = async (username: string): Promise<ApiCaller> => apiCaller(site.base, await tokenOf(b.host, username));
  const rows = (caller: ApiCaller, path: string): Promise<Row[]> => caller.must<Row[]>(200, 'GET', path);
  const names = async (caller: ApiCaller, path: string, key: string) =>
    (await rows(caller, path)).map((row) => row[key]);
  const id = async (table: string, column: string, value: string): Promise<number> => {
    const [row] = await b.sql<{ id: number }>(`select id from ${table} where ${column} = ?`, [value]);
    return Number(row?.id);
  };
  const domain = (name: string) => id('admin_domain', 'name', name);
  const account = (name: string) => id('core_user', 'username', name);
  const PASSWORD = 'Toto1234';

  beforeAll(() => {
    ({ b, site } = of());
  });
  beforeEach(async () => {
    await emptyApi(b);
    await populate(b);
    root = await as('admin');
    boss = await as('admin@test.com');
  });

  describe('DomainAPITestCase: domains', () => {
    it('test_get_domains: are listed and shown', async () => {
      const list = await rows(root, 'domains/');
      expect(list.map((row) => [row['name'], row['mailbox_count']])).toEqual([
        ['test.com', 2],
        ['test2.com', 2],
      ]);
      const one = await root.must(200, 'GET', `domains/${await domain('test.com')}/`);
      expect(one).toEqual(list[0]);
      expect(one).toMatchObject({
        quota: 50,
        default_mailbox_quota: 10,
        enabled: true,
        type: 'domain',
        mbalias_count: 3,
      });
      expect(await names(boss, 'domains/', 'name')).toEqual(['test.com']);
      await boss.must(404, 'GET', `domains/${await domain('test2.com')}/`);
      const user = await as('user@test.com');
      expect(await rows(user, 'domains/')).toEqual([]);
      await user.must(404, 'GET', `domains/${await domain('test.com')}/`);
    });

    it('test_create_domain: are created by who may', async () => {
      const made = await root.must(201, 'POST', 'domains/', {
        name: 'Test3.com',
        quota: 0,
        default_mailbox_quota: 10,
      });
      expect(made).toMatchObject({ name: 'test3.com', default_mailbox_quota: 10, enabled: true });
      expect(await root.must(400, 'POST', 'domains/', {})).toEqual({ name: ['is required'] });
      const greater = { name: 'test5.com', quota: 10, default_mailbox_quota: 20 };
      expect(await root.must(400, 'POST', 'domains/', greater)).toEqual({
        default_mailbox_quota: [expect.any(String)],
      });
      expect(await root.must(400, 'POST', 'domains/', { name: 'test.com' })).toEqual({ name: [expect.any(String)] });
      expect(await root.must(400, 'POST', 'domains/', { name: 'no name' })).toEqual({ name: [expect.any(String)] });
      expect(await boss.must(403, 'POST', 'domains/', { name: 'test6.com' })).toEqual({ detail: expect.any(String) });
      const large = { name: 'large.com', quota: '10G', default_mailbox_quota: '1 GB' };
      expect(await root.must(201, 'POST', 'domains/', large)).toMatchObject({
        quota: 10_240,
        default_mailbox_quota: 1_024,
      });
    });

    it('test_update_domain: hand a new default quota to their mailboxes, and take them along to another name', async () => {
      const path = `domains/${await domain('test.com')}/`;
      await b.mailboxes.create(b.system, { username: 'new@test.com', passwordHash: '{PLAIN}x' });
      await root.must(200, 'PUT', path, { name: 'test.com', default_mailbox_quota: 15 });
      expect((await b.mailboxes.show(b.system, 'new@test.com')).mailbox?.quota).toBe(15);
      await root.must(200, 'PUT', path, { name: 'test42.com' });
      expect((await b.mailboxes.show(b.system, 'new@test42.com')).mailbox?.full_address).toBe('new@test42.com');
    });

    it('test_patch_domain: take a part of what they are, and all of what they answered', async () => {
      const path = `domains/${await domain('test.com')}/`;
      expect(await root.must(200, 'PUT', path, { name: 'test.com' })).toMatchObject({ quota: 50, enabled: true });
      const shown = await root.must(200, 'GET', path);
      const { last_modification: _, ...same } = await root.must(200, 'PUT', path, shown);
      expect(shown).toMatchObject(same);
      expect(await root.must(200, 'PATCH', path, { enabled: false })).toMatchObject({ quota: 50, enabled: false });
      expect(await root.must(400, 'PATCH', path, { nonsense: 1 })).toEqual({ nonsense: ['is not a known field'] });
      await boss.must(403, 'PATCH', path, { enabled: true });
    });

    it('test_delete_domain: are deleted', async () => {
      const path = `domains/${await domain('test.com')}/`;
      await boss.must(403, 'DELETE', path);
      await root.must(204, 'DELETE', path);
      await root.must(404, 'GET', path);
      expect(await names(root, 'domains/', 'name')).toEqual(['test2.com']);
    });

    it('belong to the reseller who made them', async () => {
      await addReseller(b);
      const reseller = await as('reseller');
      const { pk } = await reseller.must(201, 'POST', 'domains/', {
        name: 'sold.com',
        quota: 100,
        default_mailbox_quota: 5,
      });
      expect(await names(reseller, 'domains/', 'pk')).toEqual([pk]);
      await boss.must(404, 'GET', `domains/${pk}/`);
      await reseller.must(200, 'PATCH', `domains/${pk}/`, { enabled: false });
      await reseller.must(404, 'PATCH', `domains/${await domain('test.com')}/`, { enabled: false });
    });
  });

  describe('DomainAliasAPITestCase: domain aliases', () => {
    let one: Row;
    beforeEach(async () => {
      await b.domainAliases.create(b.system, { name: 'alias2.com', target: 'test2.com' });
      one = await root.must(201, 'POST', 'domainaliases/', { name: 'Alias.com', target: await domain('test.com') });
    });

    it('test_get: are listed, filtered and shown to who may', async () => {
      expect(one).toEqual({
        pk: expect.any(Number),
        name: 'alias.com',
        target: await domain('test.com'),
        enabled: true,
      });
      expect(await names(root, 'domainaliases/', 'name')).toEqual(['alias.com', 'alias2.com']);
      expect(await names(root, 'domainaliases/?domain=test.com', 'name')).toEqual(['alias.com']);
      expect(await rows(root, 'domainaliases/?domain=nowhere.com')).toEqual([]);
      expect(await root.must(200, 'GET', `domainaliases/${one['pk']}/`)).toEqual(one);
      expect(await rows(boss, 'domainaliases/')).toEqual([]);
      await boss.must(404, 'GET', `domainaliases/${one['pk']}/`);
    });

    it('test_post, test_put, test_delete: are created, changed and deleted by who may', async () => {
      const target = await domain('test.com');
      await boss.must(403, 'POST', 'domainaliases/', { name: 'alias3.com', target });
      expect(await root.must(400, 'POST', 'domainaliases/', { name: 'test2.com', target })).toEqual({
        name: [expect.any(String)],
      });
      expect(await root.must(400, 'POST', 'domainaliases/', { name: 'alias4.com', target: 999_999 })).toEqual({
        target: [expect.any(String)],
      });
      await addReseller(b);
      expect(await (await as('reseller')).must(400, 'POST', 'domainaliases/', { name: 'alias5.com', target })).toEqual({
        target: [expect.any(String)],
      });
      const path = `domainaliases/${one['pk']}/`;
      expect(await root.must(200, 'PUT', path, { ...one, name: 'alias6.com', enabled: false })).toMatchObject({
        name: 'alias6.com',
        enabled: false,
      });
      await root.must(204, 'DELETE', path);
      await root.must(404, 'DELETE', path);
    });
  });

  describe('AccountAPITestCase: accounts', () => {
    const simple = (more: Row = {}): Row => ({
      username: 'fromapi@test.com',
      role: 'SimpleUsers',
      password: PASSWORD,
      mailbox: { full_address: 'fromapi@test.com', quota: 10 },
      ...more,
    });
    const verified = async (username: string, password: string) =>
      (await b.host.kernel.accounts.verify(username, password)) !== null;

    it('test_get_accounts: are listed, filtered and shown', async () => {
      expect(await rows(root, 'accounts/')).toHaveLength(5);
      expect(await rows(root, 'accounts/?domain=test.com')).toHaveLength(2);
      expect(await rows(root, 'accounts/?domain=pouet.com')).toEqual([]);
      expect(await rows(root, 'accounts/?domain=')).toHaveLength(5);
      expect(await names(root, 'accounts/?search=user@test.com', 'username')).toEqual(['user@test.com']);
      expect(await names(boss, 'accounts/', 'username')).toEqual(['admin@test.com', 'user@test.com']);
      expect(await rows(await as('user@test.com'), 'accounts/')).toEqual([]);
      const one = await root.must(200, 'GET', `accounts/${await account('admin@test.com')}/`);
      expect(one).toMatchObject({
        username: 'admin@test.com',
        role: 'DomainAdmins',
        master_user: false,
        mailbox: { pk: expect.any(Number), full_address: 'admin@test.com', use_domain_quota: true, quota: 10 },
        domains: ['test.com'],
        phone_number: null,
      });
      expect(await boss.must(200, 'GET', `accounts/${one['pk']}/`)).not.toHaveProperty('master_user');
      await boss.must(404, 'GET', `accounts/${await account('user@test2.com')}/`);
    });

    it('test_create_account: are created with their mailbox, which the administrator of the domain reaches', async () => {
      const made = await root.must(201, 'POST', 'accounts/', simple({ first_name: 'Ünï', language: 'fr' }));
      expect(made).toMatchObject({
        username: 'fromapi@test.com',
        first_name: 'Ünï',
        language: 'fr',
        mailbox: { pk: expect.any(Number), full_address: 'fromapi@test.com', quota: 10, use_domain_quota: false },
      });
      expect(made).not.toHaveProperty('password');
      expect(await verified('fromapi@test.com', PASSWORD)).toBe(true);
      await boss.must(200, 'GET', `accounts/${made['pk']}/`);
      expect(await lookup(b, 'fromapi@test.com')).toEqual(['fromapi@test.com']);
      const utf8 = simple({ username: 'fromapié@test.com', mailbox: { full_address: 'fromapié@test.com', quota: 10 } });
      expect(await root.must(201, 'POST', 'accounts/', utf8)).toMatchObject({ username: 'fromapié@test.com' });
    });

    it('test_create_account_bad_password, test_create_account_with_random_password, test_create_account_default_lang: need a password that is good enough, or get one', async () => {
      const { password: _, ...without } = simple();
      expect(await root.must(400, 'POST', 'accounts/', without)).toEqual({ password: [expect.any(String)] });
      const weak = await root.must(400, 'POST', 'accounts/', simple({ password: 'toto' }));
      expect((weak['password'] as string[]).length).toBeGreaterThan(0);
      const made = await root.must(201, 'POST', 'accounts/', { ...without, random_password: true });
      expect(made).toMatchObject({ language: 'en' });
      const [row] = await b.sql('select password from core_user where id = ?', [made['pk']]);
      expect(row?.['password']).toMatch(/^\{ARGON2ID\}/);
    });

    it('test_create_domainadmin_account: that administer are created with their domains, with a mailbox or without', async () => {
      const admin = { role: 'DomainAdmins', password: PASSWORD, domains: ['test.com', 'test2.com'] };
      const made = await root.must(201, 'POST', 'accounts/', {
        ...admin,
        username: 'domain_admin',
        mailbox: { full_address: 'domain_admin@test.com', quota: 10 },
      });
      expect(made).toMatchObject({
        domains: ['test.com', 'test2.com'],
        mailbox: { full_address: 'domain_admin@test.com' },
      });
      expect(await names(await as('domain_admin'), 'domains/', 'name')).toEqual(['test.com', 'test2.com']);
      const bare = await root.must(201, 'POST', 'accounts/', { ...admin, username: 'domain_admin_2' });
      expect(bare).toMatchObject({ mailbox: null });
      expect(await root.must(400, 'POST', 'accounts/', { ...admin, username: 'x', domains: ['pouet.com'] })).toEqual({
        domains: [expect.any(String)],
      });
    });

    it('test_create_account_with_no_mailbox: of simple users without a mailbox in the call get one on the default quota of the domain', async () => {
      const made = await root.must(201, 'POST', 'accounts/', simple({ mailbox: undefined }));
      expect(made).toMatchObject({ mailbox: { full_address: 'fromapi@test.com', use_domain_quota: true, quota: 10 } });
      expect(
        await root.must(
          400,
          'POST',
          'accounts/',
          simple({ username: 'o@test.com', mailbox: { full_address: 'p@test.com' } }),
        ),
      ).toEqual({ username: [expect.any(String)] });
    });

    it('test_create_existing_account: are refused where the name or the mailbox is taken', async () => {
      await root.must(201, 'POST', 'accounts/', simple());
      expect(await root.must(400, 'POST', 'accounts/', simple({ username: 'FromAPI@test.com' }))).toEqual({
        username: [expect.any(String)],
      });
      const taken = {
        username: 'other',
        role: 'DomainAdmins',
        password: PASSWORD,
        mailbox: { full_address: 'user@test.com' },
      };
      expect(await root.must(409, 'POST', 'accounts/', taken)).toEqual(expect.any(String));
    });

    it('test_create_account_as_domadmin, test_create_account_bad_master_user: of an administrator are within his domains and their quota', async () => {
      const big = await boss.must(
        400,
        'POST',
        'accounts/',
        simple({ mailbox: { full_address: 'fromapi@test.com', quota: 1_000 } }),
      );
      expect(big).toEqual({ quota: [expect.any(String)] });
      const foreign = { username: 'fromapi@test2.com', mailbox: { full_address: 'fromapi@test2.com', quota: 10 } };
      expect(await boss.must(400, 'POST', 'accounts/', simple(foreign))).toEqual({ domain: [expect.any(String)] });
      expect(await boss.must(400, 'POST', 'accounts/', simple({ role: 'Resellers' }))).toEqual({
        role: [expect.any(String)],
      });
      expect(await root.must(400, 'POST', 'accounts/', simple({ role: 'Nobodies' }))).toEqual({
        role: [expect.any(String)],
      });
      expect(await root.must(400, 'POST', 'accounts/', simple({ master_user: true }))).toEqual({
        master_user: [expect.any(String)],
      });
      await (await as('user@test.com')).must(403, 'POST', 'accounts/', simple());
      const nowhere = { username: 'a@nowhere.com', mailbox: { full_address: 'a@nowhere.com' } };
      expect(await root.must(404, 'POST', 'accounts/', simple(nowhere))).toEqual(expect.any(String));
    });

    it('test_update_account, test_update_account_wrong_address: are changed, with another password or with the same', async () => {
      const path = `accounts/${await account('user@test.com')}/`;
      const change = {
        username: 'fromapi@test.com',
        role: 'DomainAdmins',
        mailbox: { full_address: 'fromapi@test.com', quota: 12 },
      };
      expect(await root.must(200, 'PUT', path, { ...change, password: PASSWORD })).toMatchObject({
        username: 'fromapi@test.com',
        role: 'DomainAdmins',
        mailbox: { full_address: 'fromapi@test.com', quota: 12 },
      });
      expect(await verified('fromapi@test.com', PASSWORD)).toBe(true);
      await root.must(200, 'PUT', path, { ...change, first_name: 'X', random_password: true });
      expect(await verified('fromapi@test.com', PASSWORD)).toBe(true);
      const shown = await root.must(200, 'GET', path);
      expect(await root.must(200, 'PUT', path, shown)).toEqual(shown);
      const own = await boss.must(200, 'GET', `accounts/${await account('admin@test.com')}/`);
      expect(await boss.must(200, 'PUT', `accounts/${own['pk']}/`, own)).toEqual(own);
      expect(await root.must(400, 'PATCH', path, { mailbox: { nonsense: 1 } })).toEqual({
        mailbox: [expect.any(String)],
      });
      const nowhere = { username: 'a@nowhere.com', mailbox: { full_address: 'a@nowhere.com' } };
      expect(await root.must(404, 'PUT', path, nowhere)).toEqual(expect.any(String));
      expect(await root.must(404, 'PATCH', path, { mailbox: { full_address: 'a@nowhere.com' } })).toEqual(
        expect.any(String),
      );
    });

    it('test_update_account_with_no_mailbox: get a mailbox later, and any part of it may be changed', async () => {
      const path = `accounts/${await account('user@test.com')}/`;
      expect(await root.must(200, 'PATCH', path, { mailbox: { use_domain_quota: false, quota: 7 } })).toMatchObject({
        mailbox: { quota: 7, use_domain_quota: false },
      });
      expect(await root.must(200, 'PATCH', path, { mailbox: { use_domain_quota: true } })).toMatchObject({
        mailbox: { quota: 10, use_domain_quota: true },
      });
      await addReseller(b);
      const reseller = `accounts/${await account('reseller')}/`;
      expect(
        await root.must(200, 'PUT', reseller, { username: 'reseller', role: 'Resellers', is_active: false }),
      ).toMatchObject({
        is_active: false,
        mailbox: null,
      });
      expect(await root.must(200, 'PATCH', reseller, { mailbox: { full_address: 'r@test.com' } })).toMatchObject({
        mailbox: { full_address: 'r@test.com', quota: 10 },
      });
    });

    it('test_patch_account: are renamed without another quota', async () => {
      const path = `accounts/${await account('user@test.com')}/`;
      await b.mailboxes.update(b.system, 'user@test.com', { mailbox: { quota: 9, use_domain_quota: false } });
      expect(
        await root.must(200, 'PATCH', path, {
          username: 'patched@test.com',
          mailbox: { full_address: 'patched@test.com' },
        }),
      ).toMatchObject({ username: 'patched@test.com', mailbox: { full_address: 'patched@test.com', quota: 9 } });
      const kept = { username: 'other@test.com', mailbox: { full_address: 'patched@test.com' } };
      expect(await root.must(400, 'PATCH', path, kept)).toEqual({ username: [expect.any(String)] });
    });

    it('test_update_domain_admin_account: administer what a list says, and keep their domains where none is sent', async () => {
      const path = `accounts/${await account('admin@test.com')}/`;
      expect(await root.must(200, 'PATCH', path, { domains: ['test.com', 'test2.com'] })).toMatchObject({
        domains: ['test.com', 'test2.com'],
      });
      expect(await root.must(200, 'PUT', path, { username: 'admin@test.com', role: 'DomainAdmins' })).toMatchObject({
        domains: ['test.com', 'test2.com'],
      });
      expect(await root.must(200, 'PATCH', path, { domains: ['test2.com'] })).toMatchObject({ domains: ['test2.com'] });
      expect(await root.must(400, 'PATCH', path, { domains: ['pouet.com'] })).toEqual({
        domains: [expect.any(String)],
      });
    });

    it('test_delete_account: are deleted, and nobody reaches them any more', async () => {
      const pk = await account('user@test.com');
      await boss.must(204, 'DELETE', `accounts/${pk}/`);
      await boss.must(404, 'GET', `accounts/${pk}/`);
      expect(await b.sql('select id from core_access where kind = ? and object_id = ?', ['host.account', pk])).toEqual(
        [],
      );
      const own = `accounts/${await account('admin@test.com')}/`;
      expect(await boss.must(403, 'DELETE', own)).toEqual(expect.any(String));
    });

    it('test_account_exists: exist or not, as far as one may see', async () => {
      const ask = (caller: ApiCaller, email: string) => caller.must(200, 'GET', `accounts/exists/?email=${email}`);
      expect(await ask(root, 'user@test.com')).toEqual({ exists: true });
      expect(await ask(root, 'User@Test.com')).toEqual({ exists: true });
      expect(await ask(root, 'pipo@test.com')).toEqual({ exists: false });
      expect(await ask(boss, 'user@test2.com')).toEqual({ exists: false });
      await root.must(400, 'GET', 'accounts/exists/');
    });

    it('test_change_password: get another password from who knows the present one and reaches them', async () => {
      const path = `accounts/${await account('user@test.com')}/password/`;
      await b.mailboxes.update(b.system, 'user@test.com', { password: PASSWORD });
      expect(await root.must(400, 'PUT', path, { password: PASSWORD, new_password: 'tutu' })).toMatchObject({
        new_password: expect.any(Array),
      });
      expect(await root.must(400, 'PUT', path, { password: 'Wrong1234', new_password: 'Tutu1234' })).toEqual({
        password: [expect.any(String)],
      });
      const answer = await root.ask('PUT', path, { body: { password: PASSWORD, new_password: 'Tutu1234' } });
      expect([answer.status, answer.text]).toEqual([200, '']);
      expect(await verified('user@test.com', 'Tutu1234')).toBe(true);
      const foreign = `accounts/${await account('user@test2.com')}/password/`;
      await boss.must(404, 'PUT', foreign, { password: PASSWORD, new_password: 'Tutu1234' });
      const above = `accounts/${await account('admin')}/password/`;
      await boss.must(404, 'PUT', above, { password: PASSWORD, new_password: 'Tutu1234' });
    });
  });

  describe('AliasAPITestCase: aliases', () => {
    const alias = (address: string) => id('admin_alias', 'address', address);

    it('test_get_aliases, test_get_alias: are listed, filtered and shown', async () => {
      expect(await names(root, 'aliases/', 'address')).toEqual([
        'alias@test.com',
        'forward@test.com',
        'postmaster@test.com',
      ]);
      expect(await rows(root, 'aliases/?domain=test.com')).toHaveLength(3);
      expect(await rows(root, 'aliases/?domain=test2.com')).toEqual([]);
      expect(await root.must(200, 'GET', `aliases/${await alias('postmaster@test.com')}/`)).toMatchObject({
        address: 'postmaster@test.com',
        enabled: true,
        internal: false,
        recipients: ['test@truc.fr', 'toto@titi.com'],
      });
    });

    it('test_create_alias: are created with recipients of every kind, and as a catch-all', async () => {
      const recipients = ['user@test.com', 'alias@test.com', 'user_ext@elsewhere.org'];
      const made = await root.must(201, 'POST', 'aliases/', { address: 'Fromapi@Test.com', recipients });
      expect(made).toMatchObject({ address: 'fromapi@test.com', recipients: recipients.toSorted() });
      expect(
        await root.must(201, 'POST', 'aliases/', { address: '@test.com', recipients: ['user@test.com'] }),
      ).toMatchObject({
        address: '@test.com',
      });
      expect(await root.must(409, 'POST', 'aliases/', { address: 'alias@test.com', recipients })).toEqual(
        expect.any(String),
      );
      expect(await root.must(400, 'POST', 'aliases/', { address: 'a@test.com', recipients: [] })).toEqual({
        recipients: [expect.any(String)],
      });
      expect(await root.must(400, 'POST', 'aliases/', { address: 'a@nowhere.com', recipients })).toEqual({
        address: [expect.any(String)],
      });
      expect(await root.must(404, 'POST', 'aliases/', { address: 'a@test.com', recipients: ['no@test.com'] })).toEqual(
        expect.any(String),
      );
    });

    it('test_create_alias_as_domadmin: of an administrator are in his domains', async () => {
      const recipients = ['user@test.com', 'user_ext@elsewhere.org'];
      await boss.must(201, 'POST', 'aliases/', { address: 'fromapi@test.com', recipients });
      expect(await boss.must(400, 'POST', 'aliases/', { address: 'fromapi@test2.com', recipients })).toEqual({
        address: [expect.any(String)],
      });
    });

    it('test_update_alias, test_delete_alias: are changed and deleted', async () => {
      const path = `aliases/${await alias('alias@test.com')}/`;
      const shown = await root.must(200, 'GET', path);
      expect(await root.must(200, 'PUT', path, shown)).toMatchObject({ recipients: ['user@test.com'] });
      expect(
        await root.must(200, 'PUT', path, { address: 'alias@test.com', recipients: ['other@ext.com'] }),
      ).toMatchObject({
        recipients: ['other@ext.com'],
      });
      expect(await root.must(400, 'PUT', path, { recipients: [] })).toEqual({ recipients: [expect.any(String)] });
      const until = { description: 'until then', expire_at: '2999-01-02T03:04:05Z' };
      expect(await root.must(200, 'PATCH', path, until)).toMatchObject(until);
      expect(await root.must(200, 'PATCH', path, { expire_at: null })).toMatchObject({ expire_at: null });
      const pk = await alias('alias@test.com');
      await root.must(204, 'DELETE', path);
      expect(await b.sql('select id from admin_aliasrecipient where alias_id = ?', [pk])).toEqual([]);
      const own = await b.sql<{ id: number }>(
        "select id from admin_alias where address = 'user@test.com' and internal = ?",
        [true],
      );
      expect(await root.must(403, 'DELETE', `aliases/${own[0]?.id}/`)).toEqual(expect.any(String));
    });
  });

  describe('SenderAddressAPITestCase: sender addresses', () => {
    const mailbox = (local: string, name: string) =>
      b
        .sql<{ id: number }>(
          'select m.id from admin_mailbox m inner join admin_domain d on d.id = m.domain_id where m.address = ? and d.name = ?',
          [local, name],
        )
        .then(([row]) => Number(row?.id));

    it('test_list, test_patch, test_update, test_delete: are created, listed, changed and deleted', async () => {
      const of = await mailbox('user', 'test.com');
      const made = await root.must(201, 'POST', 'senderaddresses/', { address: '@extdomain.com', mailbox: of });
      expect(made).toEqual({ pk: expect.any(Number), address: '@extdomain.com', mailbox: of });
      expect(await rows(root, 'senderaddresses/')).toEqual([made]);
      expect(await rows(await as('admin@test2.com'), 'senderaddresses/')).toEqual([]);
      const path = `senderaddresses/${made['pk']}/`;
      expect(await root.must(200, 'PATCH', path, { address: 'toto@titi.com' })).toMatchObject({
        address: 'toto@titi.com',
      });
      expect(await root.must(200, 'PUT', path, { address: 'toto@toto.com', mailbox: of })).toMatchObject({
        address: 'toto@toto.com',
      });
      expect(await root.must(400, 'POST', 'senderaddresses/', { address: 'toto@toto.com', mailbox: of })).toEqual({
        address: [expect.any(String)],
      });
      await root.must(204, 'DELETE', path);
      await root.must(404, 'GET', path);
    });

    it('test_create: of an administrator are in his domains, of his mailboxes', async () => {
      const of = await mailbox('user', 'test.com');
      await boss.must(201, 'POST', 'senderaddresses/', { address: 'any@elsewhere.org', mailbox: of });
      expect(await boss.must(400, 'POST', 'senderaddresses/', { address: 'user@test2.com', mailbox: of })).toEqual({
        address: [expect.any(String)],
      });
      const foreign = await mailbox('user', 'test2.com');
      expect(
        await boss.must(400, 'POST', 'senderaddresses/', { address: 'user@elsewhere.org', mailbox: foreign }),
      ).toEqual({
        mailbox: [expect.any(String)],
      });
    });
  });

  describe('whoever calls', () => {
    it('names himself by a token in either spelling, and is told what is wrong in a form he knows', async () => {
      const token = await tokenOf(b.host, 'admin');
      for (const scheme of ['Token', 'Bearer']) await apiCaller(site.base, token, scheme).must(200, 'GET', 'domains/');
      const guest = apiCaller(site.base, undefined);
      expect(await guest.must(401, 'GET', 'domains/')).toEqual({ detail: expect.any(String) });
      expect(await root.must(404, 'GET', 'domains/999999/')).toEqual({
        detail: expect.any(String),
        code: 'E_ADMIN_DOMAIN_NOT_FOUND',
      });
      expect(await root.must(405, 'PATCH', 'domains/', {})).toEqual({ detail: expect.any(String) });
      const told = await root.ask('POST', 'domains/', { body: {}, headers: { accept: 'application/problem+json' } });
      expect([told.headers.get('content-type'), told.json]).toMatchObject([
        'application/problem+json',
        { status: 400, code: 'E_INVALID', errors: [{ path: 'name', message: 'is required' }] },
      ]);
      expect(await rows(root, 'domains/?format=json')).toHaveLength(2);
    });

    it('leaves his name in the audit', async () => {
      await boss.must(201, 'POST', 'aliases/', { address: 'noted@test.com', recipients: ['x@elsewhere.org'] });
      const noted = await b.sql("select actor, door from core_audit where kind = 'alias' order by id desc limit 1");
      expect(noted).toMatchObject([{ actor: 'admin@test.com', door: 'api' }]);
    });
  });
}
