import { type ResolutionStep, resolutions } from '@posthorn/admin/contract';
import type { Actor } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Bench, empty, HASH, populate, refusal } from './fixture.js';

/** What is said about where an address leads. */
export function resolutionScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });
  const resolve = (address: string, actor: Actor = b.system) => b.context.get(resolutions).resolve(actor, address);
  /** `outcome` and each step as `depth address kind marks`. */
  const way = async (address: string, actor?: Actor): Promise<readonly string[]> => {
    const { outcome, steps } = await resolve(address, actor);
    return [outcome, ...steps.map((s) => [s.depth, s.address, s.kind, ...s.marks].join(' '))];
  };
  const alias = (address: string, recipients: readonly string[], more: object = {}) =>
    b.aliases.create(b.system, { address, recipients, ...more });
  const subjects = (steps: readonly ResolutionStep[]) => steps.map(({ subject }) => subject?.kind ?? null);

  describe('where an address goes', () => {
    it('a mailbox, an unknown address, an address of another server', async () => {
      expect(await way('User@Test.com')).toEqual(['delivered', '0 user@test.com mailbox']);
      expect(await way('user+tag@test.com')).toEqual(['delivered', '0 user+tag@test.com mailbox extension']);
      expect(await way('user+@test.com')).toEqual(['delivered', '0 user+@test.com mailbox extension']);
      expect(await way('nobody@test.com')).toEqual(['nowhere', '0 nobody@test.com unknown']);
      expect(await way('x@external.org')).toEqual(['refused', '0 x@external.org external domain-unknown']);
      expect(await refusal(resolve('nothing'))).toBe('E_ADMIN_ADDRESS address');
      const account = await b.mailboxes.show(b.system, 'user@test.com');
      expect((await resolve('user@test.com')).steps[0]?.subject).toEqual({ kind: 'account', pk: account.pk });
    });

    it('through an alias to several, each with what it leads to below it', async () => {
      await alias('all@test.com', ['alias@test.com', 'user@test2.com', 'x@external.org']);
      const found = await resolve('all@test.com');
      expect(await way('all@test.com')).toEqual([
        'delivered',
        '0 all@test.com alias',
        '1 alias@test.com alias',
        '2 user@test.com mailbox',
        '1 user@test2.com mailbox',
        '1 x@external.org external',
      ]);
      expect(found.recipients).toEqual(['user@test.com', 'user@test2.com', 'x@external.org']);
      expect(found.steps.map(({ from }) => from)).toEqual([null, 0, 1, 0, 0]);
      expect(subjects(found.steps)).toEqual(['alias', 'alias', 'account', 'account', null]);
    });

    it('a way that two recipients share is shown once', async () => {
      await alias('one@test.com', ['alias@test.com']);
      await alias('two@test.com', ['alias@test.com']);
      await alias('both@test.com', ['one@test.com', 'two@test.com']);
      expect((await way('both@test.com')).slice(-2)).toEqual([
        '1 two@test.com alias',
        '2 alias@test.com alias repeated',
      ]);
    });

    it('a forward with and without a copy, and one that has expired', async () => {
      await alias('user@test.com', ['rcpt@dest.com']);
      expect(await way('user@test.com')).toEqual(['delivered', '0 user@test.com forward', '1 rcpt@dest.com external']);
      await b.aliases.update(b.system, 'user@test.com', { recipients: ['rcpt@dest.com', 'user@test.com'] });
      expect(await way('user@test.com')).toEqual([
        'delivered',
        '0 user@test.com forward',
        '1 rcpt@dest.com external',
        '1 user@test.com mailbox',
      ]);
      // Nobody has refreshed the mailbox's own entry, and a catch-all waits.
      await b.aliases.update(b.system, 'user@test.com', { recipients: ['rcpt@dest.com'] });
      await alias('@test.com', ['user@test2.com']);
      await b.sql('update admin_alias set expire_at = ? where address = ? and internal = false', [
        new Date(b.context.now().getTime() - 60_000),
        'user@test.com',
      ]);
      expect(await way('user@test.com')).toEqual(['delivered', '0 user@test.com mailbox expired']);
    });

    it('a catch-all only where nothing else answers', async () => {
      await alias('*@test.com', ['admin@test.com']);
      expect(await way('user@test.com')).toEqual(['delivered', '0 user@test.com mailbox']);
      const caught = ['0 nobody@test.com catch-all', '1 admin@test.com mailbox'];
      expect(await way('nobody@test.com')).toEqual(['delivered', ...caught]);
      expect(await way('*@test.com')).toEqual(['delivered', '0 @test.com catch-all', '1 admin@test.com mailbox']);
      await b.aliases.update(b.system, 'alias@test.com', { enabled: false });
      expect((await way('alias@test.com'))[1]).toBe('0 alias@test.com catch-all disabled');
    });

    it('aliases that are disabled or expired', async () => {
      const made = await alias('old@test.com', ['user@test.com'], {
        expire_at: new Date(b.context.now().getTime() - 60_000),
      });
      expect(await way('old@test.com')).toEqual(['nowhere', '0 old@test.com unknown expired']);
      expect((await resolve('old@test.com')).steps[0]?.subject).toEqual({ kind: 'alias', pk: made.pk });
      await b.aliases.update(b.system, 'old@test.com', { expire_at: null, enabled: false });
      await alias('to-old@test.com', ['old@test.com']);
      expect(await way('to-old@test.com')).toEqual([
        'nowhere',
        '0 to-old@test.com alias black-hole',
        '1 old@test.com unknown disabled',
      ]);
    });

    it('another name of a domain, and what is disabled of both', async () => {
      await b.domainAliases.create(b.system, { name: 'other.com', target: 'test.com' });
      const steps = ['0 user+x@other.com domain-alias', '1 user+x@test.com mailbox extension'];
      expect(await way('user+x@other.com')).toEqual(['delivered', ...steps]);
      expect(subjects((await resolve('user@other.com')).steps)).toEqual(['domain-alias', 'account']);
      await b.domainAliases.update(b.system, 'other.com', { enabled: false });
      expect((await way('user@other.com')).slice(0, 2)).toEqual([
        'refused',
        '0 user@other.com unknown domain-alias-disabled',
      ]);
      await b.domainAliases.update(b.system, 'other.com', { enabled: true });
      await b.domains.update(b.system, 'test.com', { enabled: false });
      expect((await way('user@other.com')).slice(0, 2)).toEqual([
        'refused',
        '0 user@other.com domain-alias domain-disabled black-hole',
      ]);
      expect(await way('user@test.com')).toEqual(['refused', '0 user@test.com mailbox domain-disabled']);
    });

    it('a disabled account still gets mail, a mailbox that is moved waits', async () => {
      const { mailbox } = await b.mailboxes.update(b.system, 'user@test.com', { is_active: false });
      expect(await way('user@test.com')).toEqual(['delivered', '0 user@test.com mailbox account-disabled']);
      await b.sql("insert into admin_mailboxoperation (mailbox_id, type, argument) values (?, 'rename', 'x')", [
        mailbox?.pk,
      ]);
      expect(await way('user+x@test.com')).toEqual([
        'deferred',
        '0 user+x@test.com mailbox account-disabled pending extension',
      ]);
      expect((await resolve('user@test.com')).isTemporary).toBe(true);
      expect((await way('alias@test.com'))[0]).toBe('deferred');
    });

    it('a mailbox that refuses mail, and one whose mail goes elsewhere', async () => {
      await b.mailboxes.update(b.system, 'user@test.com', { mailbox: { refuses_mail: true } });
      expect(await way('user@test.com')).toEqual(['refused', '0 user@test.com mailbox mail-refused']);
      expect((await way('user@other.com'))[0]).toBe('refused');
      expect(await way('alias@test.com')).toEqual([
        'nowhere',
        '0 alias@test.com alias black-hole',
        '1 user@test.com mailbox mail-refused',
      ]);
      await b.aliases.create(b.system, { address: 'user@test.com', recipients: ['x@elsewhere.org'] });
      expect((await way('user@test.com'))[0]).toBe('delivered');
      // A copy would be sent back, so none is kept.
      await b.aliases.update(b.system, 'user@test.com', { recipients: ['x@elsewhere.org', 'user@test.com'] });
      expect(await way('user@test.com')).toEqual([
        'delivered',
        '0 user@test.com forward',
        '1 x@elsewhere.org external',
      ]);
      await b.aliases.update(b.system, 'user@test.com', { recipients: ['user@test.com'] });
      expect(await way('user@test.com')).toEqual(['refused', '0 user@test.com mailbox mail-refused']);
    });

    it('a copy that is not kept ends no circle', async () => {
      const loop = 'E_ADMIN_ALIAS_LOOP recipients';
      const close = (refuses_mail: boolean) =>
        refusal(b.mailboxes.update(b.system, 'user@test.com', { mailbox: { refuses_mail } }));
      await alias('user@test.com', ['user@test.com', 'user@test2.com']);
      await alias('user@test2.com', ['user@test.com']);
      expect(await close(true)).toBe(loop);
      await b.aliases.remove(b.system, 'user@test2.com');
      expect(await close(true)).toBe('accepted');
      expect(await refusal(alias('user@test2.com', ['user@test.com']))).toBe(loop);
      await b.aliases.remove(b.system, 'user@test.com');
      expect(await refusal(alias('user@test2.com', ['user@test.com']))).toBe('accepted');
      expect(await refusal(alias('user@test.com', ['user@test.com', 'user@test2.com']))).toBe(loop);
      expect(await close(false)).toBe('accepted');
      expect(await refusal(alias('user@test.com', ['user@test.com', 'user@test2.com']))).toBe('accepted');
    });

    it('circles: no way out, and one that is none', async () => {
      await alias('a@test.com', ['user@test.com']);
      await alias('b@test.com', ['a@test.com', 'user@test2.com']);
      await b.sql(
        "update admin_aliasrecipient set address = 'b@test.com' where alias_id in (select id from admin_alias where address = 'a@test.com')",
      );
      expect(await way('b@test.com')).toEqual([
        'deferred',
        '0 b@test.com alias',
        '1 a@test.com alias black-hole',
        '2 b@test.com alias loop',
        '1 user@test2.com mailbox',
      ]);
      const { recipients, isTemporary } = await resolve('b@test.com');
      expect([recipients, isTemporary]).toEqual([[], false]);
      // user@test.com and user@test2.com send to each other, and one of them keeps a copy.
      await alias('user@test.com', ['user@test2.com']);
      await alias('user@test2.com', ['user@test.com', 'user@test2.com']);
      expect((await resolve('user@test.com')).recipients).toEqual(['user@test2.com']);
    });

    it('an address that grows with every step has an end here', async () => {
      await alias('grow@test.com', ['alias@test.com']);
      await b.sql(
        "update admin_aliasrecipient set address = 'grow+x@test.com' where alias_id in (select id from admin_alias where address = 'grow@test.com')",
      );
      const { outcome, steps } = await resolve('grow@test.com');
      expect(outcome).toBe('deferred');
      expect(steps.at(0)?.marks).toContain('too-deep');
      expect(steps.length).toBeLessThan(200);
    });

    it('a mailbox beyond ASCII is delivered under its number', async () => {
      const { mailbox } = await b.mailboxes.create(b.system, { username: 'élise@test.com', passwordHash: HASH });
      const found = await resolve('élise+t@test.com');
      expect(found.steps).toMatchObject([
        { kind: 'mailbox', marks: ['not-ascii', 'extension'], delivery: `{${mailbox?.pk}}+t@test.com` },
      ]);
      expect(found.recipients).toEqual(['élise+t@test.com']);
      await alias('élise@test.com', ['élise@test.com', 'x@external.org']);
      expect(await way('élise@test.com')).toEqual([
        'delivered',
        '0 élise@test.com forward not-ascii',
        '1 x@external.org external',
        '1 élise@test.com mailbox not-ascii',
      ]);
    });

    it('a sender address receives nothing', async () => {
      await b.senders.create(b.system, { address: 'sender@test.com', mailbox: 'user@test.com' });
      expect((await way('sender@test.com'))[0]).toBe('nowhere');
    });

    it('a relay domain needs somebody who knows the next server', async () => {
      await b.domains.create(b.system, { name: 'relayed.com', type: 'relaydomain' });
      expect(await way('x@relayed.com')).toEqual(['nowhere', '0 x@relayed.com unknown no-route']);
    });

    it('an administrator sees his own domains, and of others the address alone', async () => {
      await alias('out@test.com', ['user@test2.com', 'user@test.com', 'x@external.org']);
      await alias('user@test2.com', ['secret@external.org']);
      const admin = await b.actor('admin@test.com');
      expect(await way('out@test.com', admin)).toEqual([
        'delivered',
        '0 out@test.com alias',
        '1 user@test.com mailbox',
        '1 user@test2.com outside',
        '1 x@external.org external',
      ]);
      expect(JSON.stringify(await resolve('out@test.com', admin))).not.toContain('secret');
      for (const foreign of ['user@test2.com', 'nobody@test2.com', 'x@external.org']) {
        expect(await refusal(resolve(foreign, admin))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
      }
      expect(await refusal(resolve('user@test.com', await b.actor('user@test.com')))).toBe('E_ADMIN_FORBIDDEN');
    });

    it('four statements for each step of the longest way, however many recipients there are', async () => {
      const made = async (count: number) => {
        for (let one = 0; one < count; one += 1) await alias(`in${count}-${one}@test.com`, ['user@test.com']);
        await alias(
          `many${count}@test.com`,
          Array.from({ length: count }, (_, one) => `in${count}-${one}@test.com`),
        );
        return (await b.count(() => resolve(`many${count}@test.com`))).length;
      };
      expect(await made(2)).toBe(await made(20));
      expect(await made(3)).toBeLessThanOrEqual(4 * 3);
    });
  });
}
