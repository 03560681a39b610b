import { explanations, trash } from '@posthorn/admin/contract';
import type { Actor } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { lowerRoles } from '../../extensions/admin/policy/scope.js';
import { addReseller, all, type Bench, empty, HASH, populate, refusal } from './fixture.js';

/** Who may do what, and what each sees. */
export function permissionScenarios(given: () => Bench): void {
  let b: Bench;
  let da: Actor;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
    da = await b.actor('admin@test.com');
  });
  const seen = async (actor: Actor) => ({
    domains: (await all(b.domains.list(actor))).map((d) => d.name),
    accounts: (await all(b.mailboxes.list(actor))).map((a) => a.username),
    aliases: (await all(b.aliases.list(actor))).map((a) => a.address),
  });
  const make = (actor: Actor, username: string, more: object = {}) =>
    b.mailboxes.create(actor, { username, passwordHash: HASH, ...more });

  describe('PermissionsTestCase', () => {
    it('test_domain_admins: promoted, then demoted', async () => {
      const promoted = await b.mailboxes.update(b.system, 'user@test.com', {
        role: 'DomainAdmins',
        domains: ['test.com', 'Test2.com'],
      });
      expect(promoted).toMatchObject({ role: 'DomainAdmins', domains: ['test.com', 'test2.com'] });
      const user = await b.actor('user@test.com');
      expect((await seen(user)).domains).toEqual(['test.com', 'test2.com']);
      await b.mailboxes.update(b.system, 'user@test.com', { domains: ['test2.com'] });
      expect((await seen(user)).domains).toEqual(['test2.com']);
      // Absent means unchanged.
      await b.mailboxes.update(b.system, 'user@test.com', { first_name: 'X' });
      expect((await seen(user)).domains).toEqual(['test2.com']);
      await b.mailboxes.update(b.system, 'user@test.com', { role: 'SimpleUsers' });
      const demoted = await b.actor('user@test.com');
      expect(await refusal(all(toIterable(() => b.domains.list(demoted))))).toBe('E_ADMIN_FORBIDDEN');
      expect(await b.mailboxes.show(demoted, 'user@test.com')).toMatchObject({ domains: [] });
      expect(await refusal(b.mailboxes.update(b.system, 'user@test.com', { domains: ['test.com'] }))).toBe(
        'E_ADMIN_NOT_AN_ADMIN domains',
      );
      expect(await refusal(b.mailboxes.update(b.system, 'admin@test.com', { domains: ['nowhere.org'] }))).toBe(
        'E_ADMIN_DOMAIN_UNKNOWN domains',
      );
    });

    it('test_superusers: promoted, then demoted', async () => {
      await b.mailboxes.update(b.system, 'user@test.com', { role: 'SuperAdmins' });
      const root = await b.actor('user@test.com');
      expect((await seen(root)).domains).toEqual(['test.com', 'test2.com']);
      await b.mailboxes.update(b.system, 'user@test.com', { role: 'SimpleUsers' });
      expect((await b.actor('user@test.com')).isSuperuser).toBe(false);
    });

    it('a simple user sees his own account and nothing else', async () => {
      const user = await b.actor('user@test.com');
      expect(await b.mailboxes.show(user, 'user@test.com')).toMatchObject({
        mailbox: { full_address: 'user@test.com' },
      });
      expect(await refusal(b.mailboxes.show(user, 'admin@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
      for (const attempt of [
        () => b.domains.show(user, 'test.com'),
        () => b.domains.create(user, { name: 'x.com' }),
        () => b.domains.update(user, 'test.com', { quota: 0 }),
        () => b.domains.remove(user, 'test.com'),
        () => b.domains.addAdmin(user, 'test.com', 'user@test.com'),
        () => b.domainAliases.create(user, { name: 'x.com', target: 'test.com' }),
        () => make(user, 'x@test.com'),
        () => b.mailboxes.update(user, 'user@test.com', { mailbox: { quota: 0 } }),
        () => b.mailboxes.remove(user, 'admin@test.com'),
        () => b.aliases.create(user, { address: 'x@test.com', recipients: ['x@y.org'] }),
        () => b.aliases.update(user, 'alias@test.com', { enabled: false }),
        () => b.aliases.remove(user, 'alias@test.com'),
        () => b.aliases.show(user, 'alias@test.com'),
        () => b.senders.create(user, { address: 'x@y.org', mailbox: 'user@test.com' }),
        async () => all(b.mailboxes.list(user)),
        async () => all(b.aliases.list(user)),
        async () => all(b.domainAliases.list(user)),
        async () => all(b.senders.list(user)),
      ]) {
        expect(await refusal(attempt())).toBe('E_ADMIN_FORBIDDEN');
      }
    });

    it('test_domadmin_access: his domain and what is inside, not above himself', async () => {
      await b.mailboxes.create(b.system, {
        username: 'root',
        role: 'SuperAdmins',
        passwordHash: HASH,
        mailbox: { full_address: 'root@test.com' },
      });
      await make(b.system, 'second@test.com', { role: 'DomainAdmins', domains: ['test.com'] });
      expect(await seen(da)).toEqual({
        domains: ['test.com'],
        accounts: ['admin@test.com', 'user@test.com'],
        aliases: ['alias@test.com', 'forward@test.com', 'postmaster@test.com'],
      });
      for (const other of ['root', 'second@test.com', 'user@test2.com', 'admin@test2.com', 'admin']) {
        expect(await refusal(b.mailboxes.show(da, other))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
        expect(await refusal(b.mailboxes.update(da, other, { password: 'Toto12345' }))).toBe(
          'E_ADMIN_ACCOUNT_NOT_FOUND',
        );
        expect(await refusal(b.mailboxes.remove(da, other))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
      }
      expect(await refusal(b.domains.show(da, 'test2.com'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
      expect(await refusal(b.domains.update(da, 'test.com', { quota: 0 }))).toBe('E_ADMIN_FORBIDDEN');
      expect(await refusal(b.domainAliases.create(da, { name: 'x.com', target: 'test.com' }))).toBe(
        'E_ADMIN_FORBIDDEN',
      );
      // Nobody decides where the mail of somebody above him goes, nor sends as that person.
      const hijack = { address: 'root@test.com', recipients: ['admin@test.com'] };
      expect(await refusal(b.aliases.create(da, hijack))).toBe('E_ADMIN_MAILBOX_OUT_OF_REACH address');
      expect(await refusal(b.aliases.update(da, 'alias@test.com', { address: 'root@test.com' }))).toBe(
        'E_ADMIN_MAILBOX_OUT_OF_REACH address',
      );
      expect(await refusal(make(da, 'x@test.com', { aliases: ['root@test.com'] }))).toBe(
        'E_ADMIN_MAILBOX_OUT_OF_REACH aliases',
      );
      expect(await refusal(b.senders.create(da, { address: 'root@test.com', mailbox: 'user@test.com' }))).toBe(
        'E_ADMIN_MAILBOX_OUT_OF_REACH address',
      );
      await b.aliases.create(b.system, { ...hijack, recipients: ['x@y.org', 'root@test.com'] });
      expect(await refusal(b.aliases.remove(da, 'root@test.com'))).toBe('E_ADMIN_MAILBOX_OUT_OF_REACH address');
      expect(await refusal(b.aliases.update(da, 'root@test.com', { recipients: ['admin@test.com'] }))).toBe(
        'E_ADMIN_MAILBOX_OUT_OF_REACH address',
      );
    });

    it('test_domainadmin_deletes_superadmin: whose mailbox lies in his domain', async () => {
      await b.mailboxes.update(b.system, 'admin', { mailbox: { full_address: 'chief@test.com' } });
      expect(await refusal(b.mailboxes.remove(da, 'admin'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
      const root = await b.host.kernel.accounts.findByUsername('admin');
      if (root === null) throw new Error('admin is missing');
      expect(await refusal(b.host.kernel.accounts.remove(da, root))).toBe('E_FORBIDDEN_ACCOUNT');
      expect(await b.mailboxes.show(b.system, 'admin')).toMatchObject({ email: 'chief@test.com' });
    });

    it('test_domadmins_permissions: what one administrator makes, the other manages', async () => {
      await make(b.system, 'second@test.com', { role: 'DomainAdmins', domains: ['test.com'] });
      const second = await b.actor('second@test.com');
      await make(second, 'shared@test.com', { mailbox: { quota: 1 } });
      await b.aliases.create(second, { address: 'shared2@test.com', recipients: ['shared@test.com'] });
      expect(await refusal(b.mailboxes.update(da, 'shared@test.com', { first_name: 'S' }))).toBe('accepted');
      expect(await refusal(b.aliases.update(da, 'shared2@test.com', { enabled: false }))).toBe('accepted');
      expect(await b.sql("select * from core_access where kind = 'admin.mailbox'")).toEqual([]);
    });

    it('test_domainadmin_dlist_local_domain_not_owned: recipients may lie in other domains', async () => {
      expect(await refusal(b.aliases.create(da, { address: 'list@test.com', recipients: ['user@test2.com'] }))).toBe(
        'accepted',
      );
      expect(await refusal(b.aliases.create(da, { address: 'list@test2.com', recipients: ['user@test.com'] }))).toBe(
        'E_ADMIN_OUT_OF_REACH address',
      );
      expect(await refusal(make(da, 'x@test2.com'))).toBe('E_ADMIN_OUT_OF_REACH domain');
      expect(await refusal(make(da, 'x@test2.com', { mailbox: null }))).toBe('E_ADMIN_OUT_OF_REACH username');
      expect(await refusal(make(da, 'x@test.com', { aliases: ['y@test2.com'] }))).toBe('E_ADMIN_OUT_OF_REACH aliases');
      expect(await refusal(b.mailboxes.update(da, 'user@test.com', { username: 'user3@test2.com' }))).toBe(
        'E_ADMIN_OUT_OF_REACH domain',
      );
    });

    it('test_self_modif: nobody lifts himself, or puts himself out', async () => {
      for (const actor of [da, await addReseller(b)]) {
        const { username } = actor;
        for (const role of ['SuperAdmins', 'Resellers', 'DomainAdmins', 'SimpleUsers'].filter(
          (r) => r !== actor.role,
        )) {
          expect(await refusal(b.mailboxes.update(actor, username, { role }))).toBe('E_ADMIN_ROLE_FORBIDDEN role');
        }
        expect(await refusal(b.mailboxes.update(actor, username, { is_active: false }))).toBe(
          'E_ADMIN_OWN_DISABLE is_active',
        );
        expect(await refusal(b.mailboxes.remove(actor, username))).toBe('E_ADMIN_OWN_DELETE');
        expect(await b.mailboxes.update(actor, username, { first_name: 'Me' })).toMatchObject({
          first_name: 'Me',
          role: actor.role,
        });
      }
      expect((await seen(da)).domains).toEqual(['test.com']);
      const root = await b.actor('admin');
      expect(await refusal(b.mailboxes.remove(root, 'admin'))).toBe('E_ADMIN_OWN_DELETE');
    });

    it('roles come from above only', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'rs.com' });
      const roleOf = (actor: Actor, role: string) =>
        refusal(
          make(actor, `${role.toLowerCase()}@${actor === da ? 'test.com' : 'rs.com'}`, { role, mailbox: { quota: 1 } }),
        );
      expect(await roleOf(da, 'DomainAdmins')).toBe('E_ADMIN_ROLE_FORBIDDEN role');
      expect(await roleOf(da, 'Nonsense')).toBe('E_ADMIN_ROLE_FORBIDDEN role');
      expect(await roleOf(da, 'SimpleUsers')).toBe('accepted');
      expect(await roleOf(reseller, 'SuperAdmins')).toBe('E_ADMIN_ROLE_FORBIDDEN role');
      expect(await roleOf(reseller, 'Resellers')).toBe('E_ADMIN_ROLE_FORBIDDEN role');
      expect(await roleOf(reseller, 'DomainAdmins')).toBe('accepted');
      expect(await refusal(b.mailboxes.update(reseller, 'domainadmins@rs.com', { role: 'SuperAdmins' }))).toBe(
        'E_ADMIN_ROLE_FORBIDDEN role',
      );
      expect(await refusal(make(b.system, 'n@test.com', { role: 'Nonsense' }))).toMatch(/^E_ROLE_UNKNOWN role$/);
    });

    it('a role that nobody contributes any more reaches nothing and nobody', async () => {
      await b.sql("update core_user set role = 'Ghosts' where username = 'admin@test.com'");
      const ghost = await b.actor('admin@test.com');
      expect(lowerRoles(b.context, ghost)).toEqual([]);
      expect(await refusal(all(toIterable(() => b.mailboxes.list(ghost))))).toBe('E_ADMIN_FORBIDDEN');
      expect(await refusal(b.mailboxes.update(await addReseller(b), 'admin@test.com', { first_name: 'G' }))).toBe(
        'E_ADMIN_ACCOUNT_NOT_FOUND',
      );
    });

    it('test_domainadmin_master_user', async () => {
      expect(await refusal(make(da, 'm@test.com', { master_user: true }))).toBe('E_ADMIN_MASTER_USER master_user');
      expect(await refusal(b.mailboxes.update(da, 'user@test.com', { master_user: true }))).toBe(
        'E_ADMIN_MASTER_USER master_user',
      );
    });

    it('a reseller owns what he makes, and reaches what his administrators own', async () => {
      const reseller = await addReseller(b);
      expect(await seen(reseller)).toEqual({ domains: [], accounts: ['reseller'], aliases: [] });
      await b.domains.create(reseller, { name: 'rs.com', aliases: ['rs.org'] });
      await make(reseller, 'boss@rs.com', { role: 'DomainAdmins', mailbox: {}, domains: ['rs.com'] });
      const boss = await b.actor('boss@rs.com');
      await make(boss, 'joe@rs.com');
      await b.aliases.create(boss, { address: 'all@rs.com', recipients: ['joe@rs.com'] });
      expect(await seen(reseller)).toEqual({
        domains: ['rs.com'],
        accounts: ['boss@rs.com', 'joe@rs.com', 'reseller'],
        aliases: ['all@rs.com'],
      });
      expect((await all(b.domainAliases.list(reseller))).map((d) => d.name)).toEqual(['rs.org']);
      // Given by the super administrator to the reseller's administrator: the reseller reaches it through him.
      await b.domains.addAdmin(b.system, 'test2.com', 'boss@rs.com');
      expect((await seen(reseller)).domains).toEqual(['rs.com', 'test2.com']);
      await b.domains.removeAdmin(reseller, 'test2.com', 'boss@rs.com');
      expect((await seen(reseller)).domains).toEqual(['rs.com']);
      // Another reseller sees nothing of it.
      const other = await addReseller(b, 'other');
      expect(await seen(other)).toEqual({ domains: [], accounts: ['other'], aliases: [] });
      expect(await refusal(b.domains.update(other, 'rs.com', { quota: 1 }))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
      expect(await refusal(b.domains.addAdmin(other, 'rs.com', 'other'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
      expect(await refusal(b.domains.addAdmin(reseller, 'rs.com', 'admin@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
      expect(await refusal(b.domains.addAdmin(reseller, 'rs.com', 'joe@rs.com'))).toBe('E_ADMIN_NOT_AN_ADMIN domains');
      expect(await refusal(b.domainAliases.create(other, { name: 'x.com', target: 'rs.com' }))).toBe(
        'E_ADMIN_OUT_OF_REACH target',
      );
      expect(await refusal(b.domainAliases.remove(other, 'rs.org'))).toBe('E_ADMIN_DOMAIN_ALIAS_NOT_FOUND');
    });

    it('administrators cost as many statements however many there are: in a list, of a domain, in an explanation', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'rs.com' });
      const costs = async () => [
        (await b.count(async () => all(b.mailboxes.list(b.system, { role: 'DomainAdmins' })))).length,
        (
          await b.count(() =>
            b.context.get(explanations).explain(b.system, {
              account: 'reseller',
              action: 'domain.update',
              object: 'test2.com',
            }),
          )
        ).length,
        (await b.count(() => b.mailboxes.update(b.system, 'boss0', { domains: [] }))).length,
      ];
      const boss = async (n: number) => {
        await make(reseller, `boss${n}`, { role: 'DomainAdmins', domains: ['rs.com'] });
        await b.domains.addAdmin(b.system, 'test2.com', `boss${n}`);
      };
      await boss(0);
      const few = await costs();
      for (const n of [1, 2, 3, 4, 5, 6, 7]) await boss(n);
      await b.mailboxes.update(b.system, 'boss0', { domains: ['rs.com', 'test2.com'] });
      expect(await costs()).toEqual(few);
      const listed = await all(b.mailboxes.list(reseller, { search: 'boss' }));
      expect(listed.map(({ username, domains }) => [username, domains])).toEqual([
        ['boss0', []],
        ...[1, 2, 3, 4, 5, 6, 7].map((n) => [`boss${n}`, ['rs.com', 'test2.com']]),
      ]);
    });

    it('an administrator taken off a domain loses all of it', async () => {
      await make(da, 'mine@test.com', { mailbox: { quota: 1 } });
      await b.domains.removeAdmin(b.system, 'test.com', 'admin@test.com');
      expect(await seen(da)).toEqual({ domains: [], accounts: ['admin@test.com'], aliases: [] });
      expect(await refusal(b.mailboxes.show(da, 'mine@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
      expect(await refusal(b.aliases.remove(da, 'alias@test.com'))).toBe('E_ADMIN_ALIAS_NOT_FOUND');
    });

    it('test_delete_default_superadmin: another one deletes the first, and roles go on working', async () => {
      await b.mailboxes.create(b.system, { username: 'root2', role: 'SuperAdmins', passwordHash: HASH });
      const root2 = await b.actor('root2');
      await b.mailboxes.remove(root2, 'admin');
      await b.mailboxes.update(root2, 'user@test.com', { role: 'DomainAdmins', domains: ['test.com'] });
      expect(await refusal(b.mailboxes.update(b.system, 'root2', { is_active: false }))).toBe('E_ACCOUNT_LAST');
    });

    it('who rises out of reach is out of reach, and who was demoted starts anew', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'rs.com' });
      await make(reseller, 'boss', { role: 'DomainAdmins', domains: ['rs.com'] });
      expect((await seen(reseller)).accounts).toEqual(['boss', 'reseller']);
      await b.mailboxes.update(b.system, 'boss', { role: 'Resellers' });
      const boss = await b.actor('boss');
      await b.domains.create(boss, { name: 'boss.com' });
      expect(await seen(reseller)).toEqual({ domains: ['rs.com'], accounts: ['reseller'], aliases: [] });
      expect(await refusal(b.mailboxes.update(reseller, 'boss', { password: 'Toto12345' }))).toBe(
        'E_ADMIN_ACCOUNT_NOT_FOUND',
      );
      // Given a list of names, what he owns stays his.
      await b.mailboxes.update(b.system, 'boss', { domains: [] });
      expect((await seen(boss)).domains).toEqual(['boss.com']);

      await b.mailboxes.update(b.system, 'admin@test.com', { role: 'SimpleUsers' });
      await b.mailboxes.update(b.system, 'admin@test.com', { role: 'DomainAdmins' });
      expect((await seen(await b.actor('admin@test.com'))).domains).toEqual([]);
    });

    it('whoever sinks reaches nothing any more through those who are not below him now', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'rs.com' });
      await make(reseller, 'boss', { role: 'DomainAdmins', domains: ['rs.com'] });
      await b.domains.addAdmin(b.system, 'test2.com', 'boss');
      expect((await seen(reseller)).domains).toEqual(['rs.com', 'test2.com']);
      await b.mailboxes.update(b.system, 'reseller', { role: 'DomainAdmins' });
      expect(await seen(await b.actor('reseller'))).toMatchObject({ domains: ['rs.com'], accounts: ['reseller'] });
      await b.mailboxes.update(b.system, 'reseller', { role: 'SimpleUsers' });
      await b.mailboxes.update(b.system, 'reseller', { role: 'Resellers' });
      expect(await seen(await b.actor('reseller'))).toEqual({ domains: [], accounts: ['reseller'], aliases: [] });
      expect((await seen(await b.actor('boss'))).domains).toEqual(['rs.com', 'test2.com']);
    });

    it('who rises above his owner, or whose owner sinks or is deleted, goes to the next one above', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'rs.com' });
      await make(reseller, 'boss@rs.com', { role: 'DomainAdmins', mailbox: {}, domains: ['rs.com'] });
      const boss = await b.actor('boss@rs.com');
      for (const name of ['rising', 'staying', 'third']) await make(boss, `${name}@rs.com`);
      const ownerOf = async (username: string) => {
        const [row] = await b.sql<{ username: string }>(
          `select o.username from core_access a inner join core_user o on o.id = a.user_id
           inner join core_user u on u.id = a.object_id where a.kind = 'host.account' and a.is_owner and u.username = ?`,
          [username],
        );
        return row?.username;
      };
      expect(await ownerOf('rising@rs.com')).toBe('boss@rs.com');
      await b.mailboxes.update(reseller, 'rising@rs.com', { role: 'DomainAdmins' });
      expect(await ownerOf('rising@rs.com')).toBe('reseller');
      await b.domains.addAdmin(b.system, 'test2.com', 'rising@rs.com');
      expect((await seen(boss)).domains).toEqual(['rs.com']);
      expect((await seen(reseller)).domains).toEqual(['rs.com', 'test2.com']);
      await b.mailboxes.update(b.system, 'boss@rs.com', { role: 'SimpleUsers' });
      expect(await ownerOf('staying@rs.com')).toBe('reseller');
      await b.mailboxes.update(b.system, 'boss@rs.com', { role: 'DomainAdmins', domains: ['rs.com'] });
      await make(await b.actor('boss@rs.com'), 'fourth@rs.com');
      await b.mailboxes.remove(reseller, 'boss@rs.com');
      expect(await ownerOf('fourth@rs.com')).toBe('reseller');
      await b.mailboxes.remove(b.system, 'reseller');
      expect(await ownerOf('fourth@rs.com')).toBeUndefined();
      expect((await seen(await b.actor('admin'))).accounts).toContain('fourth@rs.com');
    });

    it('nobody takes anything out of the quota of a domain that he does not administer', async () => {
      await b.mailboxes.update(b.system, 'admin@test.com', { domains: ['test2.com'] });
      const quotaOf = (quota: number) => refusal(b.mailboxes.update(da, 'admin@test.com', { mailbox: { quota } }));
      expect(await quotaOf(20)).toBe('E_ADMIN_OUT_OF_REACH quota');
      // A form sends what is there.
      expect(
        await refusal(b.mailboxes.update(da, 'admin@test.com', { mailbox: { quota: 10, use_domain_quota: true } })),
      ).toBe('accepted');
      await b.domains.addAdmin(b.system, 'test.com', 'admin@test.com');
      expect(await quotaOf(20)).toBe('accepted');
    });

    it('nobody sets the password of somebody who reaches further', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'rs.com' });
      const boss = { username: 'boss@rs.com', role: 'DomainAdmins', passwordHash: HASH, mailbox: {} } as const;
      // Whom the reseller made never reaches further than he does: what they administer, he reaches through them.
      await b.mailboxes.create(b.system, { ...boss, domains: ['rs.com'] });
      const set = () => refusal(b.mailboxes.update(reseller, 'boss@rs.com', { passwordHash: HASH }));
      expect(await set()).toBe('accepted');
      await b.domains.addAdmin(b.system, 'test.com', 'boss@rs.com');
      expect(await set()).toBe('E_ADMIN_REACHES_FURTHER password');
      const why = await b.context
        .get(explanations)
        .explain(b.system, { account: 'reseller', action: 'account.password', object: 'boss@rs.com' });
      expect([why.isAllowed, why.facts.at(-1)?.kind]).toEqual([false, 'rule']);
      expect(await refusal(b.mailboxes.update(reseller, 'boss@rs.com', { first_name: 'B' }))).toBe('accepted');
      await b.domains.addAdmin(b.system, 'test.com', 'reseller');
      expect(await set()).toBe('accepted');
    });

    it('nobody deletes the domain in which his own mailbox lies', async () => {
      const reseller = await addReseller(b);
      await b.domains.create(reseller, { name: 'rs.com' });
      await b.mailboxes.update(b.system, 'reseller', { mailbox: { full_address: 'me@rs.com' } });
      expect(await refusal(b.domains.remove(reseller, 'rs.com'))).toBe('E_ADMIN_OWN_DOMAIN');
      expect(await refusal(b.domains.remove(b.system, 'rs.com'))).toBe('accepted');
    });

    it('an account without a mailbox keeps the address that it has from elsewhere', async () => {
      const made = await b.host.kernel.accounts.create(b.system, {
        username: 'outside',
        role: 'SuperAdmins',
        passwordHash: HASH,
        email: 'me@elsewhere.org',
      });
      expect(await b.mailboxes.update(b.system, made.id, { first_name: 'O' })).toMatchObject({
        email: 'me@elsewhere.org',
        first_name: 'O',
      });
    });

    it('a disabled account keeps its mail', async () => {
      await b.mailboxes.update(da, 'user@test.com', { is_active: false });
      expect(await b.mailboxes.show(da, 'user@test.com')).toMatchObject({ is_active: false });
      expect(await b.host.kernel.accounts.verify('user@test.com', 'Toto1234')).toBeNull();
      const [alias] = await b.sql('select enabled from admin_alias where address = ? and internal = true', [
        'user@test.com',
      ]);
      expect(Boolean(alias?.['enabled'])).toBe(true);
    });

    it('a mailbox is closed for new mail by who may change it, and opened again', async () => {
      const refuses = async () => (await b.mailboxes.show(b.system, 'user@test.com')).mailbox?.refuses_mail;
      expect(await refuses()).toBe(false);
      await b.mailboxes.update(da, 'user@test.com', { mailbox: { refuses_mail: true } });
      expect(await refuses()).toBe(true);
      await b.mailboxes.update(da, 'user@test.com', { mailbox: { quota: 5 }, is_active: false });
      await b.mailboxes.update(da, 'user@test.com', { username: 'moved@test.com' });
      await b.mailboxes.remove(da, 'moved@test.com');
      const [entry] = await b.sql<{ id: number }>('select max(id) as id from admin_trash');
      await b.context.get(trash).restore(da, Number(entry?.id));
      expect((await b.mailboxes.show(da, 'moved@test.com')).mailbox).toMatchObject({ refuses_mail: true, quota: 5 });
      await b.mailboxes.update(da, 'moved@test.com', { mailbox: { refuses_mail: false } });
      expect((await b.mailboxes.show(da, 'moved@test.com')).mailbox?.refuses_mail).toBe(false);
      const created = await b.mailboxes.create(b.system, {
        username: 'shut@test.com',
        passwordHash: HASH,
        mailbox: { refuses_mail: true },
      });
      expect(created.mailbox?.refuses_mail).toBe(true);
    });
  });
}

/** A list that is refused before its first row throws at once; as a promise it is easier to compare. */
async function* toIterable<T>(list: () => AsyncIterable<T>): AsyncGenerator<T> {
  yield* list();
}
