import { beforeEach, describe, expect, it } from 'vitest';
import { addReseller, all, type Bench, empty, HASH, lookup, populate, refusal } from './fixture.js';

/** What the services promise about domains and their other names. */
export function domainScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });
  const names = async () => (await all(b.domains.list(b.system))).map((d) => d.name);
  const usernames = async () => (await all(b.mailboxes.list(b.system))).map((a) => a.username);
  const rows = async (table: string) => Number((await b.sql(`select count(*) as n from ${table}`))[0]?.['n']);

  describe('DomainTestCase', () => {
    it('test_create', async () => {
      const made = await b.domains.create(b.system, {
        name: 'Pouet.COM.',
        quota: 1000,
        default_mailbox_quota: 100,
        aliases: ['pouet.org'],
      });
      expect(made).toMatchObject({
        name: 'pouet.com',
        quota: 1000,
        default_mailbox_quota: 100,
        enabled: true,
        type: 'domain',
        enable_dns_checks: true,
        enable_dkim: false,
        dkim_key_selector: 'modoboa',
        dkim_key_length: null,
        domainalias_count: 1,
        mailbox_count: 0,
        allocated_quota: 0,
        used_quota: 0,
      });
      expect(Object.isFrozen(made)).toBe(true);
      expect(await b.domains.show(b.system, made.pk)).toEqual(made);
      expect(await b.domains.show(b.system, 'POUET.com')).toEqual(made);
      expect(await lookup(b, '@pouet.org')).toEqual(['@pouet.com']);
    });

    it('test_create_utf8', async () => {
      const made = await b.domains.create(b.system, { name: 'Pouét.com' });
      expect(made.name).toBe('pouét.com');
      expect(await b.domains.show(b.system, 'xn--pout-dpa.com')).toEqual(made);
      expect(await refusal(b.domains.create(b.system, { name: 'xn--pout-dpa.com' }))).toBe('E_ADMIN_DOMAIN_TAKEN name');
      expect(await refusal(b.domains.create(b.system, { name: 'poue\u0301t.com' }))).toBe('E_ADMIN_DOMAIN_TAKEN name');
      await b.mailboxes.create(b.system, { username: 'é@xn--pout-dpa.com', passwordHash: HASH });
      expect(await usernames()).toContain('é@pouét.com');
      await b.aliases.create(b.system, { address: 'a@test.com', recipients: ['é@xn--pout-dpa.com', 'é@pouét.com'] });
      expect(await lookup(b, 'a@test.com')).toEqual(['é@pouét.com']);
    });

    it('test_quota_constraint on create and edit', async () => {
      const create = (quota: number, default_mailbox_quota: number) =>
        refusal(b.domains.create(b.system, { name: `q${quota}.com`, quota, default_mailbox_quota }));
      expect(await create(10, 100)).toBe('E_ADMIN_DEFAULT_QUOTA default_mailbox_quota');
      expect(await create(0, 100)).toBe('accepted');
      expect(await create(-1, 0)).toBe('E_INVALID quota');
      expect(await create(2 ** 31, 0)).toBe('E_INVALID quota');
      expect(await create(1.5, 0)).toBe('E_INVALID quota');
      const update = (change: object) => refusal(b.domains.update(b.system, 'test.com', change));
      expect(await update({ default_mailbox_quota: 51 })).toBe('E_ADMIN_DEFAULT_QUOTA default_mailbox_quota');
      expect(await update({ quota: 9 })).toBe('E_ADMIN_DEFAULT_QUOTA default_mailbox_quota');
      expect(await update({ quota: 15 })).toBe('E_ADMIN_QUOTA_ALLOCATED quota');
      expect(await update({ default_mailbox_quota: 26 })).toBe('E_ADMIN_QUOTA_ALLOCATED default_mailbox_quota');
      expect(await update({ default_mailbox_quota: 25 })).toBe('accepted');
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({
        allocated_quota: 50,
        allocated_quota_in_percent: 100,
      });
      expect(await update({ quota: 0 })).toBe('accepted');
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({ quota: 0, allocated_quota: 0 });
    });

    it('an overdrawn pool can be mended step by step', async () => {
      await b.sql('update admin_domain set quota = 15 where name = ?', ['test.com']);
      const update = (quota: number) => refusal(b.domains.update(b.system, 'test.com', { quota }));
      expect(await update(14)).toBe('E_ADMIN_QUOTA_ALLOCATED quota');
      expect(await update(16)).toBe('accepted');
      expect(await refusal(b.mailboxes.update(b.system, 'user@test.com', { mailbox: { quota: 11 } }))).toBe(
        'E_ADMIN_QUOTA_EXCEEDED quota',
      );
      expect(await refusal(b.mailboxes.update(b.system, 'user@test.com', { mailbox: { quota: 9 } }))).toBe('accepted');
    });

    it('test_defaults from parameters', async () => {
      await b.set({ default_domain_quota: 500, default_mailbox_quota: 50 });
      expect(await b.domains.create(b.system, { name: 'd1.com' })).toMatchObject({
        quota: 500,
        default_mailbox_quota: 50,
      });
      expect(await b.domains.create(b.system, { name: 'd2.com', quota: 20 })).toMatchObject({
        quota: 20,
        default_mailbox_quota: 20,
      });
      expect(await b.domains.create(b.system, { name: 'd3.com', quota: 0, default_mailbox_quota: 0 })).toMatchObject({
        quota: 0,
      });
    });

    it('used and allocated quota are shown', async () => {
      await b.sql('update admin_quota set bytes = ? where username = ?', [20 * 1024 * 1024, 'user@test.com']);
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({
        allocated_quota: 20,
        allocated_quota_in_percent: 40,
        used_quota: 20,
        used_quota_in_percent: 40,
      });
      await b.sql('update admin_quota set bytes = ? where username = ?', [3_000_000_000_000, 'user@test.com']);
      expect((await b.mailboxes.show(b.system, 'user@test.com')).quota_used_bytes).toBe(3_000_000_000_000);
    });

    it('test_rename', async () => {
      const { system } = b;
      await b.mailboxes.create(system, {
        username: 'lead',
        role: 'DomainAdmins',
        passwordHash: HASH,
        mailbox: { full_address: 'lead@test.com' },
      });
      await b.domainAliases.create(system, { name: 'alias-of.com', target: 'test.com' });
      await b.aliases.create(system, { address: '@test.com', recipients: ['user+all@test.com'] });
      await b.aliases.create(system, {
        address: 'list@test2.com',
        recipients: ['user@test.com', 'forward@test.com', 'user+x@test.com', 'user@pouet.com', 'other@external.com'],
      });
      await b.senders.create(system, { address: 'sales@test.com', mailbox: 'user@test2.com' });
      await b.senders.create(system, { address: '@test.com', mailbox: 'user@test2.com' });
      await b.senders.create(system, { address: 'sales@pouet.com', mailbox: 'user@test2.com' });
      await b.sql('update admin_quota set bytes = 4242 where username = ?', ['user@test.com']);
      await b.sql('insert into admin_quota (username, bytes, messages) values (?, 1, 1)', ['user@pouet.com']);
      // Looks like the suffix to a careless LIKE.
      await b.domains.create(system, { name: 'atest.com' });
      await b.mailboxes.create(system, { username: 'user@atest.com', passwordHash: HASH });
      await b.aliases.create(system, { address: 'x@atest.com', recipients: ['user@atest.com', 'who@sub.test.com'] });

      const renamed = await b.domains.update(system, 'test.com', { name: 'pouet.com' });
      expect(renamed).toMatchObject({ name: 'pouet.com', mailbox_count: 3, mbalias_count: 4, domainalias_count: 1 });
      expect(await usernames()).toEqual([
        'admin',
        'admin@pouet.com',
        'admin@test2.com',
        'lead',
        'user@atest.com',
        'user@pouet.com',
        'user@test2.com',
      ]);
      expect(await b.mailboxes.show(system, 'lead')).toMatchObject({ email: 'lead@pouet.com' });
      expect(await b.mailboxes.show(system, 'user@pouet.com')).toMatchObject({
        email: 'user@pouet.com',
        quota_used_bytes: 4242,
      });
      expect(await b.mailboxes.show(system, 'admin@pouet.com')).toMatchObject({ domains: ['pouet.com'] });
      expect(await lookup(b, 'user@pouet.com')).toEqual(['user@pouet.com']);
      expect(await lookup(b, 'forward@pouet.com')).toEqual(['user@external.com']);
      expect(await lookup(b, 'alias@pouet.com')).toEqual(['user@pouet.com']);
      expect(await lookup(b, '@pouet.com')).toEqual(['user+all@pouet.com']);
      expect(await lookup(b, '@alias-of.com')).toEqual(['@pouet.com']);
      expect(await lookup(b, 'list@test2.com')).toEqual([
        'forward@pouet.com',
        'other@external.com',
        'user+x@pouet.com',
        'user@pouet.com',
      ]);
      expect(await lookup(b, 'x@atest.com')).toEqual(['user@atest.com', 'who@sub.test.com']);
      const senders = await all(b.senders.list(system, { mailbox: 'user@test2.com' }));
      expect(senders.map((s) => s.address).toSorted()).toEqual(['@pouet.com', 'sales@pouet.com']);
      for (const table of ['admin_alias', 'admin_aliasrecipient', 'admin_senderaddress']) {
        expect(await b.sql(`select address from ${table} where address like '%@test.com'`)).toEqual([]);
      }
      expect(await b.sql("select username from admin_quota where username like '%@test.com'")).toEqual([]);
      expect(await b.sql('select * from admin_mailboxoperation')).toEqual([]);
      // And back: nothing was left behind that is in the way.
      expect(await refusal(b.domains.update(system, 'pouet.com', { name: 'test.com' }))).toBe('accepted');
      expect(await lookup(b, '@alias-of.com')).toEqual(['@test.com']);
    });

    it('a rename writes one operation for each mailbox, and a fixed number of statements', async () => {
      await b.set({ handle_mailboxes: true, mailboxes_root: '/srv/vmail', trash_days: 0 });
      const few = await b.count(() => b.domains.update(b.system, 'test.com', { name: 'few.com' }));
      expect(await b.sql('select type, argument from admin_mailboxoperation order by argument')).toEqual([
        { type: 'rename', argument: 'admin@test.com' },
        { type: 'rename', argument: 'user@test.com' },
      ]);
      await b.domains.update(b.system, 'few.com', { quota: 0 });
      for (let i = 0; i < 20; i += 1) {
        await b.mailboxes.create(b.system, {
          username: `m${i}@few.com`,
          passwordHash: HASH,
          aliases: [`a${i}@few.com`],
        });
      }
      const many = await b.count(() => b.domains.update(b.system, 'few.com', { name: 'many.com' }));
      expect(many.length).toBeLessThanOrEqual(few.length);
      expect(await lookup(b, 'a7@many.com')).toEqual(['m7@many.com']);
      await b.sql('delete from admin_mailboxoperation');
      await b.mailboxes.remove(b.system, 'm0@many.com');
      const [left] = await b.sql('select argument, mailbox_id from admin_mailboxoperation');
      expect(left).toEqual({ argument: 'm0@many.com', mailbox_id: null });
    });

    it('a rename to a name that is taken, or whose accounts are, changes nothing', async () => {
      const rename = (name: string) => refusal(b.domains.update(b.system, 'test.com', { name }));
      await b.domainAliases.create(b.system, { name: 'taken.org', target: 'test2.com' });
      expect(await rename('test2.com')).toBe('E_ADMIN_DOMAIN_TAKEN name');
      expect(await rename('taken.org')).toBe('E_ADMIN_DOMAIN_IS_ALIAS name');
      expect(await rename('..')).toBe('E_ADMIN_DOMAIN_NAME name');
      await b.mailboxes.create(b.system, { username: 'user@kept.com', role: 'Resellers', passwordHash: HASH });
      expect(await rename('kept.com')).toBe('E_ADMIN_ACCOUNT_TAKEN name');
      expect(await rename('TEST.com')).toBe('accepted');
      expect(await usernames()).toContain('user@test.com');
    });

    it('test_delete keeps accounts', async () => {
      await b.aliases.create(b.system, { address: 'far@test2.com', recipients: ['user@test.com'] });
      await b.aliases.create(b.system, {
        address: 'farther@test2.com',
        recipients: ['far@test2.com', 'alias@test.com'],
      });
      await b.aliases.create(b.system, { address: 'user@test2.com', recipients: ['forward@test.com'] });
      expect(await lookup(b, 'user@test2.com')).toEqual(['forward@test.com']);
      await b.domains.remove(b.system, 'test.com');
      expect(await names()).toEqual(['test2.com']);
      expect(await usernames()).toEqual([
        'admin',
        'admin@test.com',
        'admin@test2.com',
        'user@test.com',
        'user@test2.com',
      ]);
      expect(await b.mailboxes.show(b.system, 'user@test.com')).toMatchObject({ mailbox: null, email: '' });
      expect((await all(b.aliases.list(b.system))).map((a) => a.address)).toEqual([]);
      // Its forward is gone with the domain, so the mailbox gets its mail again.
      expect(await lookup(b, 'user@test2.com')).toEqual(['user@test2.com']);
      expect(await rows('admin_quota')).toBe(2);
      expect(await b.sql("select * from core_access where kind = 'admin.domain'")).toHaveLength(1);
      await b.domains.create(b.system, { name: 'test.com' });
      expect(await refusal(b.mailboxes.create(b.system, { username: 'user@test.com', passwordHash: HASH }))).toBe(
        'E_ACCOUNT_TAKEN username',
      );
      expect(await b.mailboxes.update(b.system, 'user@test.com', { mailbox: {} })).toMatchObject({
        email: 'user@test.com',
        mailbox: { full_address: 'user@test.com' },
      });
    });

    it('test_delete with auto_account_removal', async () => {
      await b.set({ auto_account_removal: true, handle_mailboxes: true, mailboxes_root: '/srv/vmail', trash_days: 0 });
      await b.domains.remove(b.system, 'test.com');
      expect(await usernames()).toEqual(['admin', 'admin@test2.com', 'user@test2.com']);
      expect(await b.sql('select type, argument, mailbox_id from admin_mailboxoperation order by argument')).toEqual([
        { type: 'delete', argument: 'admin@test.com', mailbox_id: null },
        { type: 'delete', argument: 'user@test.com', mailbox_id: null },
      ]);
      await b.domains.remove(b.system, 'test2.com', { keepdir: true });
      expect(await rows('admin_mailboxoperation')).toBe(2);
      expect(await usernames()).toEqual(['admin']);
    });

    it('nobody deletes the domain of his own mailbox, nor one with an account above him', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'own.com' });
      await b.mailboxes.update(reseller, 'reseller', { mailbox: { full_address: 'me@own.com' } });
      expect(await refusal(b.domains.remove(reseller, 'own.com'))).toBe('E_ADMIN_OWN_DOMAIN');
      await b.domains.create(reseller, { name: 'other.com' });
      await b.mailboxes.create(b.system, {
        username: 'root',
        role: 'SuperAdmins',
        passwordHash: HASH,
        mailbox: { full_address: 'root@other.com' },
      });
      expect(await refusal(b.domains.remove(reseller, 'other.com'))).toBe('E_ADMIN_RANK');
      expect(await refusal(b.domains.update(reseller, 'other.com', { name: 'mine.com' }))).toBe('E_ADMIN_RANK');
      expect(await refusal(b.domains.update(reseller, 'other.com', { enabled: false }))).toBe('accepted');
      const root = await b.actor('root');
      expect(await refusal(b.domains.remove(root, 'other.com'))).toBe('E_ADMIN_OWN_DOMAIN');
      expect(await refusal(b.domains.remove(root, 'own.com'))).toBe('accepted');
    });

    it('test_counters and lists', async () => {
      expect(await b.domains.show(b.system, 'test.com')).toMatchObject({
        domainalias_count: 0,
        mailbox_count: 2,
        mbalias_count: 3,
        identities_count: 5,
      });
      await b.domains.create(b.system, { name: 'off.org', enabled: false });
      const found = async (filter: object) => (await all(b.domains.list(b.system, filter))).map((d) => d.name);
      expect(await found({})).toEqual(['off.org', 'test.com', 'test2.com']);
      expect(await found({ enabled: false })).toEqual(['off.org']);
      expect(await found({ search: 'EST2' })).toEqual(['test2.com']);
      expect(await found({ search: '_est' })).toEqual([]);
      expect(await found({ type: 'relaydomain' })).toEqual([]);
      expect(await found({ limit: 1 })).toEqual(['off.org']);
      expect(await found({ after: 'off.org', limit: 1 })).toEqual(['test.com']);
    });

    it('streams more than a page, one statement each', async () => {
      await b.context.data.write(async () => {
        for (let i = 0; i < 1_100; i += 1) {
          await b.sql('insert into admin_domain (name) values (?)', [`n${String(i).padStart(4, '0')}.org`]);
        }
      });
      let seen: string[] = [];
      const statements = await b.count(async () => {
        seen = await names();
      });
      expect(seen).toHaveLength(1_102);
      expect(seen).toEqual(seen.toSorted());
      expect(statements).toHaveLength(3);
      // Rows made by hand have everything that they need.
      expect(await b.domains.show(b.system, 'n0000.org')).toMatchObject({ enabled: true, type: 'domain', quota: 0 });
    });

    it('updates only what is given', async () => {
      const before = await b.domains.show(b.system, 'test.com');
      const after = await b.domains.update(b.system, 'test.com', {
        enable_dns_checks: false,
        dkim_key_selector: 'mail',
        dkim_key_length: 2048,
      });
      expect({ ...after, last_modification: '' }).toEqual({
        ...before,
        enable_dns_checks: false,
        dkim_key_selector: 'mail',
        dkim_key_length: 2048,
        last_modification: '',
      });
      for (const [field, value] of [
        ['dkim_key_selector', 'a b'],
        ['dkim_key_selector', '../x'],
        ['dkim_key_selector', ''],
        ['dkim_key_length', 512],
        ['type', 'nothing'],
        ['enabled', 'yes'],
      ] as const) {
        expect(await refusal(b.domains.update(b.system, 'test.com', { [field]: value } as object))).toBe(
          `E_INVALID ${field}`,
        );
      }
    });

    it('two with the same name at the same moment: one is made', async () => {
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => refusal(b.domains.create(b.system, { name: 'same.com' }))),
      );
      expect(answers.toSorted()).toEqual([
        'E_ADMIN_DOMAIN_TAKEN name',
        'E_ADMIN_DOMAIN_TAKEN name',
        'E_ADMIN_DOMAIN_TAKEN name',
        'E_ADMIN_DOMAIN_TAKEN name',
        'accepted',
      ]);
    });
  });

  describe('test_domain_alias', () => {
    it('is made with its catch-all, changed with it and deleted with it', async () => {
      const made = await b.domainAliases.create(b.system, { name: 'Domalias.net', target: 'test.com' });
      expect(made).toMatchObject({ name: 'domalias.net', target_name: 'test.com', enabled: true });
      const catchAll = () => b.sql('select address, enabled from admin_alias where domain_id is null');
      expect(await lookup(b, '@domalias.net')).toEqual(['@test.com']);
      await b.domainAliases.update(b.system, 'domalias.net', { enabled: false });
      expect(await lookup(b, '@domalias.net')).toEqual([]);
      await b.domainAliases.update(b.system, made.pk, { enabled: true, name: 'domaliás.net' });
      expect(await lookup(b, '@domalias.net')).toEqual([]);
      expect(await lookup(b, '@domaliás.net')).toEqual(['@test.com']);
      await b.domainAliases.update(b.system, 'domaliás.net', { target: 'test2.com' });
      expect(await lookup(b, '@domaliás.net')).toEqual(['@test2.com']);
      await b.domainAliases.remove(b.system, 'domaliás.net');
      expect(await catchAll()).toEqual([]);
      expect(await all(b.domainAliases.list(b.system))).toEqual([]);
    });

    it('is disabled where it is made for a disabled domain, and by itself', async () => {
      await b.domains.create(b.system, { name: 'off.com', enabled: false, aliases: ['also-off.com'] });
      expect(await b.domainAliases.show(b.system, 'also-off.com')).toMatchObject({ enabled: false });
      expect(await lookup(b, '@also-off.com')).toEqual([]);
      await b.domains.update(b.system, 'off.com', { aliases: ['also-off.com', 'more-off.com'] });
      expect(await b.domainAliases.show(b.system, 'more-off.com')).toMatchObject({ enabled: false });
      await b.domains.update(b.system, 'off.com', { enabled: true });
      expect(await b.domainAliases.show(b.system, 'also-off.com')).toMatchObject({ enabled: false });
      expect(await b.domainAliases.create(b.system, { name: 'on.com', target: 'off.com' })).toMatchObject({
        enabled: true,
      });
    });

    it('comes and goes through the domain', async () => {
      await b.domains.update(b.system, 'test.com', { aliases: ['toto.com', 'tötö.com'] });
      expect(await lookup(b, '@tötö.com')).toEqual(['@test.com']);
      await b.domains.update(b.system, 'test.com', { aliases: ['toto.com'] });
      expect((await all(b.domainAliases.list(b.system, { domain: 'test.com' }))).map((d) => d.name)).toEqual([
        'toto.com',
      ]);
      expect(await lookup(b, '@tötö.com')).toEqual([]);
      await b.domains.update(b.system, 'test.com', { quota: 60 });
      expect(await lookup(b, '@toto.com')).toEqual(['@test.com']);
      await b.domains.remove(b.system, 'test.com');
      expect(await b.sql('select address from admin_alias where domain_id is null')).toEqual([]);
    });

    it('has a name that nothing else has', async () => {
      const create = (name: string, target: string | number = 'test.com') =>
        refusal(b.domainAliases.create(b.system, { name, target }));
      expect(await create('test.com')).toBe('E_ADMIN_DOMAIN_ALIAS_SELF name');
      expect(await create('test2.com')).toBe('E_ADMIN_DOMAIN_TAKEN name');
      expect(await create('new.com')).toBe('accepted');
      expect(await create('NEW.com')).toBe('E_ADMIN_DOMAIN_IS_ALIAS name');
      expect(await create('more.com', 'nowhere.org')).toBe('E_ADMIN_DOMAIN_UNKNOWN target');
      expect(await create('more.com', 9_999_999)).toBe('E_ADMIN_DOMAIN_UNKNOWN target');
      expect(await refusal(b.domains.create(b.system, { name: 'new.com' }))).toBe('E_ADMIN_DOMAIN_IS_ALIAS name');
      expect(await refusal(b.domains.create(b.system, { name: 'fresh.com', aliases: ['fresh.com'] }))).toBe(
        'E_ADMIN_DOMAIN_ALIAS_SELF aliases',
      );
      expect(await refusal(b.domains.create(b.system, { name: 'fresh.com', aliases: ['new.com'] }))).toBe(
        'E_ADMIN_DOMAIN_IS_ALIAS aliases',
      );
      expect(await names()).toEqual(['test.com', 'test2.com']);
      const answers = await Promise.all(Array.from({ length: 4 }, () => create('race.com')));
      expect(answers.filter((a) => a === 'accepted')).toHaveLength(1);
    });
  });
}
