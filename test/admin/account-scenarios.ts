import { isProblem } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { addReseller, all, type Bench, empty, HASH, lookup, populate, refusal } from './fixture.js';

/** What the services promise about accounts and their mailboxes. */
export function accountScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });
  const create = (username: string, more: object = {}) =>
    b.mailboxes.create(b.system, { username, passwordHash: HASH, ...more });
  const usage = (username: string) => b.sql('select bytes, messages from admin_quota where username = ?', [username]);
  const operations = () => b.sql('select type, argument, mailbox_id from admin_mailboxoperation order by id');

  describe('AccountTestCase', () => {
    it('test_crud', async () => {
      const made = await create('tester@test.com', { first_name: 'Tester', last_name: 'Toto' });
      expect(made).toMatchObject({
        username: 'tester@test.com',
        email: 'tester@test.com',
        role: 'SimpleUsers',
        is_active: true,
        mailbox: { full_address: 'tester@test.com', use_domain_quota: true, quota: 10 },
        domains: [],
        quota_used_bytes: 0,
        quota_used_messages: 0,
      });
      expect(await lookup(b, 'tester@test.com')).toEqual(['tester@test.com']);
      expect(await usage('tester@test.com')).toMatchObject([{ bytes: 0, messages: 0 }]);
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({
        mailbox_count: 3,
        mbalias_count: 3,
        identities_count: 6,
      });

      await b.sql('update admin_quota set bytes = 4096, messages = 3 where username = ?', ['tester@test.com']);
      const renamed = await b.mailboxes.update(b.system, 'tester@test.com', {
        username: 'pouet@test.com',
        phone_number: '+33612345678',
      });
      expect(renamed).toMatchObject({
        pk: made.pk,
        username: 'pouet@test.com',
        email: 'pouet@test.com',
        phone_number: '+33612345678',
        mailbox: { pk: made.mailbox?.pk, full_address: 'pouet@test.com' },
        quota_used_bytes: 4096,
        quota_used_messages: 3,
      });
      expect(await usage('tester@test.com')).toEqual([]);
      expect(await lookup(b, 'tester@test.com')).toEqual([]);
      expect(await lookup(b, 'pouet@test.com')).toEqual(['pouet@test.com']);

      await b.mailboxes.remove(b.system, 'pouet@test.com');
      expect(await lookup(b, 'pouet@test.com')).toEqual([]);
      expect(await usage('pouet@test.com')).toEqual([]);
      expect(await b.sql('select * from core_access where object_id = ?', [made.pk])).toEqual([]);
      expect(await refusal(b.mailboxes.show(b.system, 'pouet@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
      expect(await operations()).toEqual([]);
    });

    it('test_aliases_update_on_rename', async () => {
      await b.aliases.create(b.system, {
        address: 'many@test2.com',
        recipients: ['user@test.com', 'user+tag@test.com', 'x@y.org'],
      });
      await b.mailboxes.update(b.system, 'user@test.com', { username: 'Müller@test2.com' });
      expect((await b.aliases.show(b.system, 'alias@test.com')).recipients).toEqual(['müller@test2.com']);
      expect((await b.aliases.show(b.system, 'many@test2.com')).recipients.toSorted()).toEqual(
        ['müller+tag@test2.com', 'müller@test2.com', 'x@y.org'].toSorted(),
      );
      expect(await b.mailboxes.show(b.system, 'müller@test2.com')).toMatchObject({
        mailbox: { quota: 0, use_domain_quota: true },
      });
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({ mailbox_count: 1 });
    });

    it('test_create_alias_on_rename', async () => {
      await b.mailboxes.update(b.system, 'user@test.com', { username: 'one@test.com' });
      expect(await lookup(b, 'user@test.com')).toEqual([]);
      await b.set({ create_alias_on_mbox_rename: true });
      await b.mailboxes.update(b.system, 'one@test.com', { username: 'two@test2.com' });
      expect(await lookup(b, 'one@test.com')).toEqual(['two@test2.com']);
      expect(await b.aliases.show(b.system, 'one@test.com')).toMatchObject({ domain: 'test.com', internal: false });
      await b.mailboxes.update(b.system, 'two@test2.com', {
        username: 'three@test.com',
        create_alias_with_old_address: false,
      });
      expect(await lookup(b, 'two@test2.com')).toEqual([]);
      expect(await lookup(b, 'one@test.com')).toEqual(['three@test.com']);
      // Back to where an alias leads to itself now.
      expect(await refusal(b.mailboxes.update(b.system, 'three@test.com', { username: 'one@test.com' }))).toBe(
        'accepted',
      );
      expect(await lookup(b, 'one@test.com')).toEqual(['one@test.com', 'one@test.com']);
    });

    it('test_password_constraints', async () => {
      const plain = (password?: string) =>
        refusal(
          b.mailboxes.create(b.system, { username: 'p@test.com', ...(password === undefined ? {} : { password }) }),
        );
      expect(await plain()).toBe('E_PASSWORD_REQUIRED password');
      expect(await plain('Toto1')).toBe('E_PASSWORD_POLICY password');
      expect(await plain('totototo1')).toBe('E_PASSWORD_POLICY password');
      expect(await plain('p@test.com')).toMatch(/^E_(PASSWORD_POLICY|INVALID) password$/);
      expect(await refusal(create('p@test.com', { password: 'Toto1234' }))).toBe('E_ADMIN_PASSWORD_TWICE password');
      expect(await refusal(create('p@test.com', { passwordHash: 'no scheme' }))).toBe('E_PASSWORD_SCHEME password');
      expect(await refusal(b.mailboxes.update(b.system, 'user@test.com', { password: 'tutu' }))).toMatch(
        /^E_\w+ password$/,
      );
    });

    it('test_authentication_unicode: passwords are set by update, absent ones stay', async () => {
      await b.mailboxes.update(b.system, 'user@test.com', { password: 'Töté1234ß' });
      expect(await b.host.kernel.accounts.verify('user@test.com', 'Töté1234ß')).toMatchObject({
        username: 'user@test.com',
      });
      await b.mailboxes.update(b.system, 'user@test.com', { first_name: 'Jane' });
      expect(await b.host.kernel.accounts.verify('user@test.com', 'Töté1234ß')).not.toBeNull();
      await b.mailboxes.update(b.system, 'user@test.com', { passwordHash: HASH });
      expect(await b.host.kernel.accounts.verify('user@test.com', 'Toto1234')).not.toBeNull();
    });

    it('test_sender_address', async () => {
      await create('s@test.com', { senderaddresses: ['toto@titi.com', 'Titi@Toto.com'] });
      const listed = await all(b.senders.list(b.system, { mailbox: 's@test.com' }));
      expect(listed.map((s) => s.address)).toEqual(['toto@titi.com', 'titi@toto.com']);
      await b.senders.remove(b.system, listed[0]?.pk ?? 0);
      expect(await all(b.senders.list(b.system, { mailbox: 's@test.com' }))).toHaveLength(1);
      expect(await refusal(b.senders.create(b.system, { address: 'titi@toto.com', mailbox: 's@test.com' }))).toBe(
        'E_ADMIN_SENDER_TAKEN address',
      );
      expect(await b.senders.create(b.system, { address: '@toto.com', mailbox: 's@test.com' })).toMatchObject({
        address: '@toto.com',
        mailbox_address: 's@test.com',
      });
      // The sender address is the person's, not the mailbox address's.
      await b.mailboxes.update(b.system, 's@test.com', { username: 't@test.com' });
      expect(await all(b.senders.list(b.system, { mailbox: 't@test.com' }))).toHaveLength(2);
      await b.mailboxes.remove(b.system, 't@test.com');
      expect(await all(b.senders.list(b.system))).toEqual([]);
    });

    it('test_sender_address_as_domainadmin', async () => {
      const da = await b.actor('admin@test.com');
      expect(await refusal(b.senders.create(da, { address: 'x@external.org', mailbox: 'user@test.com' }))).toBe(
        'accepted',
      );
      expect(await refusal(b.senders.create(da, { address: 'x@test2.com', mailbox: 'user@test.com' }))).toBe(
        'E_ADMIN_OUT_OF_REACH address',
      );
      await b.domainAliases.create(b.system, { name: 'other2.com', target: 'test2.com' });
      expect(await refusal(b.senders.create(da, { address: '@other2.com', mailbox: 'user@test.com' }))).toBe(
        'E_ADMIN_OUT_OF_REACH address',
      );
      expect(await refusal(b.senders.create(da, { address: 'x@external.org', mailbox: 'user@test2.com' }))).toBe(
        'E_ADMIN_MAILBOX_OUT_OF_REACH mailbox',
      );
      expect(await refusal(b.senders.create(da, { address: 'x@external.org', mailbox: 'nobody@test2.com' }))).toBe(
        'E_ADMIN_MAILBOX_OUT_OF_REACH mailbox',
      );
      const own = (await all(b.senders.list(da)))[0];
      expect(await refusal(b.senders.update(da, own?.pk ?? 0, { address: 'y@test2.com' }))).toBe(
        'E_ADMIN_OUT_OF_REACH address',
      );
      expect(await b.senders.update(da, own?.pk ?? 0, { address: 'Y@test.com' })).toMatchObject({
        address: 'y@test.com',
      });
      const other = await b.actor('admin@test2.com');
      expect(await all(b.senders.list(other))).toEqual([]);
      expect(await refusal(b.senders.remove(other, own?.pk ?? 0))).toBe('E_ADMIN_SENDER_NOT_FOUND');
    });

    it('test_conflicts', async () => {
      expect(await refusal(create('user@test.com'))).toBe('E_ACCOUNT_TAKEN username');
      expect(await refusal(create('USER@test.com'))).toBe('E_ACCOUNT_TAKEN username');
      expect(await refusal(b.mailboxes.update(b.system, 'user@test.com', { username: 'admin@test.com' }))).toMatch(
        /^E_(ACCOUNT_TAKEN username|ADMIN_MAILBOX_TAKEN full_address)$/,
      );
      expect(await refusal(create('boss', { role: 'Resellers', mailbox: { full_address: 'user@test.com' } }))).toBe(
        'E_ADMIN_MAILBOX_TAKEN full_address',
      );
      expect(await b.mailboxes.show(b.system, 'user@test.com')).toMatchObject({
        mailbox: { full_address: 'user@test.com' },
      });
      expect(await refusal(b.mailboxes.show(b.system, 'boss'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    });

    it('creations at the same moment: one is made, the others find the name taken', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => refusal(create('race@test.com'))));
      expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
      for (const answer of answers)
        expect(answer).toMatch(/^(accepted|E_ACCOUNT_TAKEN username|E_ADMIN_MAILBOX_TAKEN full_address)$/);
    });

    it('test_utf8_username', async () => {
      const made = await create('TéST@test.com');
      expect(made.username).toBe('tést@test.com');
      expect(await lookup(b, 'tést@test.com')).toEqual(['tést@test.com']);
      expect(await refusal(create('te\u0301st@test.com'))).toBe('E_ACCOUNT_TAKEN username');
      expect(await refusal(create('test@test.com'))).toBe('accepted');
    });

    it('test_set_nul_quota_as_superadmin', async () => {
      expect(await create('nul@test.com', { mailbox: { quota: 0 } })).toMatchObject({
        mailbox: { quota: 0, use_domain_quota: false },
      });
      const da = await b.actor('admin@test.com');
      const asAdmin = (username: string, quota: number) =>
        refusal(b.mailboxes.create(da, { username, passwordHash: HASH, mailbox: { quota } }));
      expect(await asAdmin('nul2@test.com', 0)).toBe('E_ADMIN_QUOTA_REQUIRED quota');
      expect(await refusal(b.mailboxes.update(da, 'user@test.com', { mailbox: { quota: 0 } }))).toBe(
        'E_ADMIN_QUOTA_REQUIRED quota',
      );
      // What is there already may stay.
      expect(await refusal(b.mailboxes.update(da, 'nul@test.com', { mailbox: { quota: 0 }, first_name: 'N' }))).toBe(
        'accepted',
      );
      const da2 = await b.actor('admin@test2.com');
      expect(await refusal(b.mailboxes.update(da2, 'user@test2.com', { mailbox: { quota: 0 } }))).toBe('accepted');
    });

    it('test_domain_quota', async () => {
      await b.domains.update(b.system, 'test.com', { quota: 100 });
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({
        allocated_quota: 20,
        allocated_quota_in_percent: 20,
      });
      const set = (username: string, quota: number) =>
        refusal(b.mailboxes.update(b.system, username, { mailbox: { quota } }));
      expect(await set('user@test.com', 80)).toBe('accepted');
      expect(await set('admin@test.com', 30)).toBe('E_ADMIN_QUOTA_EXCEEDED quota');
      expect(await set('admin@test.com', 20)).toBe('accepted');
      expect(await set('user@test.com', 81)).toBe('E_ADMIN_QUOTA_EXCEEDED quota');
      expect(await refusal(create('more@test.com'))).toBe('E_ADMIN_QUOTA_EXCEEDED quota');
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({ allocated_quota: 100, mailbox_count: 2 });
    });

    it('creations at the same moment never hand out more than the domain has', async () => {
      const made = await Promise.all(
        Array.from({ length: 8 }, (_, i) => refusal(create(`par${i}@test.com`, { mailbox: { quota: 10 } }))),
      );
      expect(made.filter((answer) => answer === 'accepted')).toHaveLength(3);
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({ allocated_quota: 50 });
    });

    it('a mailbox follows its domain or has a quota of its own', async () => {
      const quota = async (username: string) => (await b.mailboxes.show(b.system, username)).mailbox;
      await b.mailboxes.update(b.system, 'user@test.com', { mailbox: { quota: 15 } });
      expect(await quota('user@test.com')).toMatchObject({ quota: 15, use_domain_quota: false });
      await b.domains.update(b.system, 'test.com', { default_mailbox_quota: 20 });
      expect(await quota('user@test.com')).toMatchObject({ quota: 15 });
      expect(await quota('admin@test.com')).toMatchObject({ quota: 20 });
      await b.mailboxes.update(b.system, 'user@test.com', { mailbox: { use_domain_quota: true } });
      expect(await quota('user@test.com')).toMatchObject({ quota: 20, use_domain_quota: true });
      await b.mailboxes.update(b.system, 'user@test.com', { mailbox: {} });
      expect(await quota('user@test.com')).toMatchObject({ quota: 20, use_domain_quota: true });
      await b.mailboxes.update(b.system, 'user@test.com', { mailbox: { use_domain_quota: false } });
      expect(await quota('user@test.com')).toMatchObject({ quota: 20, use_domain_quota: false });
    });

    it('test_master_user', async () => {
      expect(await create('boss', { role: 'SuperAdmins', master_user: true })).toMatchObject({
        master_user: true,
        mailbox: null,
      });
      expect(await refusal(create('m@test.com', { master_user: true }))).toBe('E_ADMIN_MASTER_USER master_user');
      expect(await refusal(b.mailboxes.update(b.system, 'admin@test.com', { master_user: true }))).toBe(
        'E_ADMIN_MASTER_USER master_user',
      );
      const demoted = await b.mailboxes.update(b.system, 'boss', { role: 'Resellers' });
      expect(demoted).toMatchObject({ role: 'Resellers', master_user: false });
    });

    it('an account without a mailbox gets one by update, and an administrator may lose his', async () => {
      const made = await create('lead', { role: 'DomainAdmins', domains: ['test.com'] });
      expect(made).toMatchObject({ mailbox: null, email: '', domains: ['test.com'] });
      expect(await refusal(b.mailboxes.update(b.system, 'lead', { mailbox: {} }))).toBe('E_ADMIN_ADDRESS full_address');
      const given = await b.mailboxes.update(b.system, 'lead', {
        mailbox: { full_address: 'Lead@test.com', quota: 5 },
      });
      expect(given).toMatchObject({
        username: 'lead',
        email: 'lead@test.com',
        mailbox: { quota: 5 },
        domains: ['test.com'],
      });
      // His username is his own, so the mailbox moves alone.
      const moved = await b.mailboxes.update(b.system, 'lead', { mailbox: { full_address: 'chief@test.com' } });
      expect(moved).toMatchObject({ username: 'lead', email: 'chief@test.com', mailbox: { quota: 5 } });
      const without = await b.mailboxes.update(b.system, 'lead', { mailbox: null });
      expect(without).toMatchObject({ username: 'lead', email: '', mailbox: null });
      expect(await lookup(b, 'chief@test.com')).toEqual([]);
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({ mailbox_count: 2, allocated_quota: 20 });
    });

    it('simple users sign in with their address', async () => {
      expect(await refusal(create('plain'))).toBe('E_ADMIN_ADDRESS username');
      expect(await refusal(create('a@test.com', { mailbox: { full_address: 'b@test.com' } }))).toBe(
        'E_ADMIN_MAILBOX_USERNAME full_address',
      );
      expect(await refusal(create('a@nowhere.org'))).toBe('E_ADMIN_DOMAIN_UNKNOWN domain');
      expect(await create('a@test.com', { mailbox: null })).toMatchObject({ mailbox: null, email: '' });
      const moved = await b.mailboxes.update(b.system, 'user@test.com', { mailbox: { full_address: 'new@test.com' } });
      expect(moved).toMatchObject({ username: 'new@test.com', email: 'new@test.com' });
      await create('own', { role: 'DomainAdmins', mailbox: { full_address: 'own@test.com' } });
      expect(await refusal(b.mailboxes.update(b.system, 'own', { role: 'SimpleUsers' }))).toBe('accepted');
      expect(await b.mailboxes.show(b.system, 'own@test.com')).toMatchObject({
        role: 'SimpleUsers',
        username: 'own@test.com',
      });
    });

    it('a forward moves with its mailbox', async () => {
      await b.aliases.create(b.system, { address: 'user@test.com', recipients: ['me@home.org'] });
      expect(await lookup(b, 'user@test.com')).toEqual(['me@home.org']);
      await b.mailboxes.update(b.system, 'user@test.com', { username: 'moved@test2.com' });
      expect(await lookup(b, 'moved@test2.com')).toEqual(['me@home.org']);
      expect(await b.aliases.show(b.system, 'moved@test2.com')).toMatchObject({ domain: 'test2.com', internal: false });
      await b.aliases.create(b.system, { address: 'stop@test.com', recipients: ['x@y.org'] });
      expect(await refusal(b.mailboxes.update(b.system, 'moved@test2.com', { username: 'stop@test.com' }))).toBe(
        'E_ADMIN_ALIAS_TAKEN full_address',
      );
    });

    it('directories: one operation for each change, kept apart from new mailboxes at the same address', async () => {
      await b.set({ handle_mailboxes: true, mailboxes_root: '/srv/vmail', trash_days: 0 });
      const made = await create('dir@test.com');
      const id = made.mailbox?.pk;
      await b.mailboxes.update(b.system, 'dir@test.com', { username: 'dir2@test.com' });
      expect(await operations()).toEqual([{ type: 'rename', argument: 'dir@test.com', mailbox_id: id }]);
      // Mail of a new `dir@` would be moved to `dir2@` together with the old.
      expect(await refusal(create('dir@test.com'))).toBe('E_ADMIN_BUSY');
      await b.mailboxes.remove(b.system, 'dir2@test.com');
      expect(await operations()).toEqual([
        { type: 'delete', argument: 'dir@test.com', mailbox_id: null },
        { type: 'delete', argument: 'dir2@test.com', mailbox_id: null },
      ]);
      const again = await create('dir2@test.com');
      expect((await operations()).at(-1)).toEqual({
        type: 'delete',
        argument: 'dir2@test.com',
        mailbox_id: again.mailbox?.pk,
      });
      await b.mailboxes.remove(b.system, 'user@test.com', { keepdir: true });
      expect(await operations()).toHaveLength(2);
    });

    it('a deleted mailbox takes every alias of its own address with it', async () => {
      await b.aliases.create(b.system, { address: 'user@test.com', recipients: ['me@home.org', 'user@test.com'] });
      await b.mailboxes.remove(b.system, 'user@test.com');
      expect(await lookup(b, 'user@test.com')).toEqual([]);
      expect(await b.sql("select id from admin_alias where address = 'user@test.com'")).toEqual([]);
    });

    it('a mailbox goes nowhere but to a domain that is there, and takes its quota out of that one', async () => {
      const rename = (username: string) => refusal(b.mailboxes.update(b.system, 'user@test2.com', { username }));
      await b.mailboxes.update(b.system, 'user@test2.com', { mailbox: { quota: 40 } });
      expect(await rename('user@nowhere.org')).toBe('E_ADMIN_DOMAIN_UNKNOWN domain');
      expect(await rename('mover@test.com')).toBe('E_ADMIN_QUOTA_EXCEEDED quota');
      await b.mailboxes.update(b.system, 'user@test2.com', { mailbox: { quota: 30 } });
      expect(await rename('mover@test.com')).toBe('accepted');
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({ allocated_quota: 50 });
    });

    it('a deleted mailbox leaves no alias that leads nowhere', async () => {
      await b.aliases.create(b.system, { address: 'chain@test2.com', recipients: ['alias@test.com'] });
      await b.aliases.create(b.system, { address: 'both@test2.com', recipients: ['user@test.com', 'x@y.org'] });
      await b.mailboxes.remove(b.system, 'user@test.com');
      const left = (await all(b.aliases.list(b.system))).map((alias) => alias.address);
      expect(left).toEqual(['both@test2.com', 'forward@test.com', 'postmaster@test.com']);
      expect((await b.aliases.show(b.system, 'both@test2.com')).recipients).toEqual(['x@y.org']);
    });

    it('a new mailbox keeps the usage that Dovecot counted already', async () => {
      await b.sql('insert into admin_quota (username, bytes, messages) values (?, 77, 1)', ['early@test.com']);
      expect(await create('early@test.com')).toMatchObject({ quota_used_bytes: 77, quota_used_messages: 1 });
    });

    it('aliases come with the account', async () => {
      await create('with@test.com', { aliases: ['a1@test.com', 'A2@test2.com', 'with@test.com'] });
      expect(await lookup(b, 'a1@test.com')).toEqual(['with@test.com']);
      expect(await lookup(b, 'a2@test2.com')).toEqual(['with@test.com']);
      expect(await refusal(create('with2@test.com', { aliases: ['a1@test.com'] }))).toBe('E_ADMIN_ALIAS_TAKEN aliases');
      expect(await refusal(b.mailboxes.show(b.system, 'with2@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    });

    it('lists by domain, role, state and words, in pages', async () => {
      const names = async (filter: object) => (await all(b.mailboxes.list(b.system, filter))).map((a) => a.username);
      await b.mailboxes.update(b.system, 'user@test2.com', { first_name: 'Élodie', is_active: false });
      expect(await names({})).toEqual([
        'admin',
        'admin@test.com',
        'admin@test2.com',
        'user@test.com',
        'user@test2.com',
      ]);
      expect(await names({ domain: 'test.com' })).toEqual(['admin@test.com', 'user@test.com']);
      expect(await names({ role: 'DomainAdmins' })).toEqual(['admin@test.com', 'admin@test2.com']);
      expect(await names({ is_active: false })).toEqual(['user@test2.com']);
      expect(await names({ search: 'user@test.' })).toEqual(['user@test.com']);
      expect(await names({ search: '%' })).toEqual([]);
      expect(await names({ search: 'lodie' })).toEqual(['user@test2.com']);
      expect(await names({ limit: 2 })).toEqual(['admin', 'admin@test.com']);
      expect(await names({ limit: 2, after: 'admin@test.com' })).toEqual(['admin@test2.com', 'user@test.com']);
      expect(await refusal(all(b.mailboxes.list(b.system, { domain: 'nowhere.org' })))).toBe(
        'E_ADMIN_DOMAIN_NOT_FOUND',
      );
    });

    it('are made many at a time for the statements of one, each with its own answer', async () => {
      const person = (username: string) => ({ username, passwordHash: HASH, first_name: 'É' });
      const inputs = [
        ...Array.from({ length: 60 }, (_, i) => person(`many${i}@test.com`)),
        person('user@test.com'),
        person('MANY1@test.com'),
        person('many@nowhere.org'),
        { ...person('many.boss'), role: 'DomainAdmins', mailbox: null, domains: ['test.com'] },
      ];
      const before = (await all(b.mailboxes.list(b.system))).length;
      await b.domains.update(b.system, 'test.com', { quota: 0 });
      let made: Awaited<ReturnType<Bench['mailboxes']['createMany']>> = [];
      const statements = await b.count(async () => {
        made = await b.mailboxes.createMany(b.system, inputs);
      });
      const answer = (one: (typeof made)[number] | undefined) => (isProblem(one) ? one.code : one?.username);
      expect([0, 1, 59, 60, 61, 62, 63].map((i) => answer(made[i]))).toEqual([
        'many0@test.com',
        'many1@test.com',
        'many59@test.com',
        'E_ACCOUNT_TAKEN',
        'E_ACCOUNT_TAKEN',
        'E_ADMIN_DOMAIN_UNKNOWN',
        'many.boss',
      ]);
      expect(statements.length).toBeLessThanOrEqual(20);
      expect(await all(b.mailboxes.list(b.system))).toHaveLength(before + 61);
      const last = made[59];
      const view = await b.mailboxes.show(b.system, 'many59@test.com');
      expect([view.pk, view.first_name, view.mailbox?.full_address]).toEqual([
        isProblem(last) ? 0 : last?.pk,
        'É',
        'many59@test.com',
      ]);
      expect((await b.mailboxes.show(b.system, 'many.boss')).domains).toEqual(['test.com']);
      await b.domains.update(b.system, 'test.com', { quota: 640 });
      const more = Array.from({ length: 3 }, (_, i) => person(`more${i}@test.com`));
      expect(await refusal(b.mailboxes.createMany(b.system, more))).toBe('E_ADMIN_QUOTA_EXCEEDED quota');
      expect(await refusal(b.mailboxes.show(b.system, 'more0@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    });

    it('costs the same few statements whatever else there is', async () => {
      const made = await b.count(() => create('cheap@test.com'));
      expect(made.length).toBeLessThanOrEqual(12);
      const reseller = await addReseller(b);
      const domains = await b.count(() => b.domains.create(reseller, { name: 'cheap.org' }));
      expect(domains.length).toBeLessThanOrEqual(8);
    });
  });
}
