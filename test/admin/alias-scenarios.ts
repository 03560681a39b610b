import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { all, type Bench, empty, HASH, lookup, populate, refusal } from './fixture.js';

/** What the services promise about aliases, forwards and catch-alls. */
export function aliasScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });
  const create = (address: string, recipients: readonly string[], more: object = {}) =>
    b.aliases.create(b.system, { address, recipients, ...more });
  const refused = (address: string, ...recipients: readonly string[]) => refusal(create(address, recipients));
  const links = (address: string) =>
    b.sql(
      `select r.address, m.address as mailbox, a2.address as alias from admin_aliasrecipient r
       inner join admin_alias a on a.id = r.alias_id left join admin_mailbox m on m.id = r.r_mailbox_id
       left join admin_alias a2 on a2.id = r.r_alias_id where a.address = ? and a.internal = false order by r.address`,
      [address],
    );

  describe('AliasTestCase', () => {
    it('test_alias: created, shown, changed, deleted', async () => {
      const expire_at = new Date('2040-01-02T03:04:05Z');
      const made = await create('Sales@Test.com', ['user@test.com', 'alias@test.com', 'Boss@Corp.example'], {
        description: 'Sales\nteam',
        expire_at,
      });
      expect(made).toMatchObject({
        address: 'sales@test.com',
        domain: 'test.com',
        enabled: true,
        internal: false,
        description: 'Sales\nteam',
        expire_at: '2040-01-02T03:04:05Z',
        recipients: ['alias@test.com', 'boss@corp.example', 'user@test.com'],
      });
      expect(await links('sales@test.com')).toEqual([
        { address: 'alias@test.com', mailbox: null, alias: 'alias@test.com' },
        { address: 'boss@corp.example', mailbox: null, alias: null },
        { address: 'user@test.com', mailbox: 'user', alias: null },
      ]);
      expect(await b.aliases.show(b.system, made.pk)).toEqual(made);
      const changed = await b.aliases.update(b.system, 'sales@test.com', {
        recipients: ['admin@test.com'],
        enabled: false,
        expire_at: null,
        description: '',
      });
      expect(changed).toMatchObject({
        pk: made.pk,
        enabled: false,
        expire_at: null,
        description: '',
        recipients: ['admin@test.com'],
      });
      expect(await lookup(b, 'sales@test.com')).toEqual([]);
      await b.aliases.remove(b.system, 'SALES@test.com');
      expect(await refusal(b.aliases.show(b.system, 'sales@test.com'))).toBe('E_ADMIN_ALIAS_NOT_FOUND');
      expect(await links('sales@test.com')).toEqual([]);
    });

    it('test_upper_case_alias and duplicates collapse', async () => {
      const made = await create('BIG@test.com', ['USER@test.com', 'user@test.com', 'X@Y.org', 'x@y.org.']);
      expect(made.recipients).toEqual(['user@test.com', 'x@y.org']);
    });

    it('test_append_alias_with_tag: an extension is stripped for looking up and kept', async () => {
      await create('tag@test.com', ['user+spam@test.com', 'user+ham@test.com', 'alias+x@test.com']);
      expect(await links('tag@test.com')).toEqual([
        { address: 'alias+x@test.com', mailbox: null, alias: 'alias@test.com' },
        { address: 'user+ham@test.com', mailbox: 'user', alias: null },
        { address: 'user+spam@test.com', mailbox: 'user', alias: null },
      ]);
    });

    it('test_utf8_alias', async () => {
      expect(await create('Résumé@test.com', ['user@test.com'])).toMatchObject({ address: 'résumé@test.com' });
      expect(await refused('re\u0301sume\u0301@test.com', 'user@test.com')).toBe('E_ADMIN_ALIAS_TAKEN address');
    });

    it('test_forward: with and without a local copy', async () => {
      await create('user@test.com', ['rcpt@dest.com']);
      expect(await lookup(b, 'user@test.com')).toEqual(['rcpt@dest.com']);
      await b.aliases.update(b.system, 'user@test.com', { recipients: ['rcpt@dest.com', 'user@test.com'] });
      expect(new Set(await lookup(b, 'user@test.com'))).toEqual(new Set(['rcpt@dest.com', 'user@test.com']));
      expect(await links('user@test.com')).toEqual([
        { address: 'rcpt@dest.com', mailbox: null, alias: null },
        { address: 'user@test.com', mailbox: 'user', alias: null },
      ]);
      await b.aliases.update(b.system, 'user@test.com', { recipients: ['rcpt@dest.com'] });
      expect(await lookup(b, 'user@test.com')).toEqual(['rcpt@dest.com']);
      await b.aliases.update(b.system, 'user@test.com', { enabled: false });
      expect(await lookup(b, 'user@test.com')).toEqual(['user@test.com']);
      await b.aliases.update(b.system, 'user@test.com', { enabled: true });
      expect(await lookup(b, 'user@test.com')).toEqual(['rcpt@dest.com']);
      await b.aliases.remove(b.system, 'user@test.com');
      expect(await lookup(b, 'user@test.com')).toEqual(['user@test.com']);
    });

    it('a forward that has expired gives the address back', async () => {
      await create('user@test.com', ['rcpt@dest.com'], { expire_at: new Date(b.context.now().getTime() - 60_000) });
      expect(await lookup(b, 'user@test.com')).toEqual(['user@test.com']);
      await b.aliases.update(b.system, 'user@test.com', { expire_at: new Date(b.context.now().getTime() + 60_000) });
      expect(await lookup(b, 'user@test.com')).toEqual(['rcpt@dest.com']);
    });

    it('a mailbox made where an alias stands is forwarded', async () => {
      await b.mailboxes.create(b.system, { username: 'forward@test.com', passwordHash: HASH });
      expect(await lookup(b, 'forward@test.com')).toEqual(['user@external.com']);
      await b.aliases.remove(b.system, 'forward@test.com');
      expect(await lookup(b, 'forward@test.com')).toEqual(['forward@test.com']);
    });

    it('whoever sends to an alias goes on sending to the mailbox of the same address', async () => {
      await create('list@test.com', ['forward@test.com']);
      await b.mailboxes.create(b.system, { username: 'forward@test.com', passwordHash: HASH });
      await b.aliases.remove(b.system, 'forward@test.com');
      expect(await links('list@test.com')).toEqual([{ address: 'forward@test.com', mailbox: 'forward', alias: null }]);
    });

    it('test_wildcard_alias does not swallow mailboxes', async () => {
      expect(await create('*@test.com', ['user@test.com'])).toMatchObject({ address: '@test.com' });
      expect(await refused('@test.com', 'x@y.org')).toBe('E_ADMIN_ALIAS_TAKEN address');
      for (const mailbox of ['user@test.com', 'admin@test.com']) expect(await lookup(b, mailbox)).toEqual([mailbox]);
      await b.mailboxes.create(b.system, { username: 'late@test.com', passwordHash: HASH });
      expect(await lookup(b, 'late@test.com')).toEqual(['late@test.com']);
      expect(await b.aliases.show(b.system, '*@test.com')).toMatchObject({ recipients: ['user@test.com'] });
    });

    it('a catch-all is found by either way of writing it', async () => {
      await create('*@test.com', ['*@test2.com']);
      const found = async (filter: object) => (await all(b.aliases.list(b.system, filter))).map((a) => a.address);
      expect(await found({ search: '*@test.com', limit: 1 })).toEqual(['@test.com']);
      expect(await found({ recipient: '*@test2.com' })).toEqual(['@test.com']);
      const dir = await mkdtemp(join(tmpdir(), 'posthorn-csv-'));
      await writeFile(join(dir, 'all.csv'), 'alias;*@test2.com;True;user@test2.com\n');
      expect(await b.host.command(['import', join(dir, 'all.csv')])).toMatchObject({ code: 0 });
      await rm(dir, { recursive: true });
      expect((await b.aliases.show(b.system, '@test2.com')).recipients).toEqual(['user@test2.com']);
    });

    it('a catch-all that sends to a whole domain sends to nothing else', async () => {
      const alone = 'E_ADMIN_RECIPIENT_ALONE recipients';
      expect(await refused('@test.com', '@external.org', 'user@test.com')).toBe(alone);
      expect(await refused('all@test.com', '@external.org', 'user@test.com')).toBe('accepted');
      expect(await refusal(b.aliases.update(b.system, 'all@test.com', { address: '@test.com' }))).toBe(alone);
      expect(await refused('@test.com', '@external.org')).toBe('accepted');
    });

    it('a loop by way of an extension that Postfix carries along', async () => {
      await create('c@test.com', ['user@test.com']);
      await create('b@test.com', ['c@test.com']);
      expect(await refused('c+x@test.com', 'b+x@test.com')).toBe('E_ADMIN_ALIAS_LOOP recipients');
    });

    it('recipients must exist where we would know', async () => {
      expect(await refused('r1@test.com', 'nobody@test.com')).toBe('E_ADMIN_RECIPIENT_NOT_FOUND recipients');
      expect(await refused('r1@test.com', 'nobody@test2.com')).toBe('E_ADMIN_RECIPIENT_NOT_FOUND recipients');
      expect(await refused('r1@test.com')).toBe('E_ADMIN_RECIPIENTS recipients');
      expect(await refused('r1@test.com', 'nobody')).toBe('E_ADMIN_ADDRESS recipients');
      expect(await refused('r1@nowhere.org', 'x@y.org')).toBe('E_ADMIN_DOMAIN_UNKNOWN address');
      expect(await refusal(b.aliases.update(b.system, 'alias@test.com', { recipients: [] }))).toBe(
        'E_ADMIN_RECIPIENTS recipients',
      );
      await b.domains.create(b.system, { name: 'relayed.com', type: 'relaydomain' });
      expect(await refused('r1@test.com', 'anybody@relayed.com', "o'brien@corp.example", '@external.org')).toBe(
        'accepted',
      );
      expect(await refused('r2@relayed.com', 'other@relayed.com')).toBe('accepted');
    });

    it('loops are refused, with the way they take', async () => {
      const loop = 'E_ADMIN_ALIAS_LOOP recipients';
      expect(await refused('a@test.com', 'a@test.com')).toBe(loop);
      expect(await refused('@test.com', '@test.com')).toBe(loop);
      await create('a@test.com', ['user@test.com']);
      await create('b@test.com', ['a@test.com']);
      await create('c@test2.com', ['b@test.com', 'x@y.org']);
      const failed = await b.aliases
        .update(b.system, 'a@test.com', { recipients: ['c@test2.com'] })
        .catch((e: Error) => e.message);
      expect(failed).toContain('a@test.com → c@test2.com → b@test.com → a@test.com');
      expect(await refusal(b.aliases.update(b.system, 'a@test.com', { recipients: ['b+x@test.com'] }))).toBe(loop);
      expect((await b.aliases.show(b.system, 'a@test.com')).recipients).toEqual(['user@test.com']);

      // Two forwards to each other, unless one of them keeps a copy.
      await create('user@test.com', ['user@test2.com']);
      expect(await refused('user@test2.com', 'user@test.com')).toBe(loop);
      expect(await refused('user@test2.com', 'user@test.com', 'user@test2.com')).toBe('accepted');
      expect(await refused('admin@test.com', 'admin+copy@test.com')).toBe(loop);

      // Through another name of the domain.
      await b.domainAliases.create(b.system, { name: 'other.com', target: 'test.com' });
      expect(await refused('d@test.com', 'd@other.com')).toBe(loop);
      expect(await refused('@test.com', '@other.com')).toBe(loop);
      expect(await refused('d@test.com', 'user@other.com')).toBe('accepted');
      expect(await refused('@test.com', '@test2.com')).toBe('accepted');
      expect(await refused('@test2.com', '@test.com')).toBe(loop);
    });

    it('a renamed alias takes along who sends to it', async () => {
      await create('to@test2.com', ['alias@test.com', 'alias+x@test.com']);
      const moved = await b.aliases.update(b.system, 'alias@test.com', { address: 'moved@test2.com' });
      expect(moved).toMatchObject({ address: 'moved@test2.com', domain: 'test2.com', recipients: ['user@test.com'] });
      expect((await b.aliases.show(b.system, 'to@test2.com')).recipients).toEqual([
        'moved+x@test2.com',
        'moved@test2.com',
      ]);
      expect(await refusal(b.aliases.update(b.system, 'moved@test2.com', { address: 'to@test2.com' }))).toBe(
        'E_ADMIN_ALIAS_TAKEN address',
      );
      expect(await refusal(b.aliases.update(b.system, 'moved@test2.com', { address: 'user@test.com' }))).toBe(
        'accepted',
      );
      expect(await lookup(b, 'user@test.com')).toEqual(['user@test.com', 'user@test.com']);
    });

    it('internal aliases are seen and never changed', async () => {
      const internal = (await all(b.aliases.list(b.system, { internal: true, domain: 'test.com' }))).filter(
        (a) => a.internal,
      );
      expect(internal.map((a) => a.address)).toEqual(['admin@test.com', 'user@test.com']);
      expect(await refusal(b.aliases.update(b.system, internal[0]?.pk ?? 0, { enabled: false }))).toBe(
        'E_ADMIN_ALIAS_INTERNAL',
      );
      expect(await refusal(b.aliases.remove(b.system, 'user@test.com'))).toBe('E_ADMIN_ALIAS_INTERNAL');
    });

    it('a deleted alias takes along those that only sent to it', async () => {
      await create('one@test.com', ['alias@test.com']);
      await create('two@test2.com', ['one@test.com']);
      await create('three@test2.com', ['two@test2.com', 'x@y.org']);
      await b.aliases.remove(b.system, 'alias@test.com');
      expect((await all(b.aliases.list(b.system))).map((a) => a.address)).toEqual([
        'forward@test.com',
        'postmaster@test.com',
        'three@test2.com',
      ]);
      expect((await b.aliases.show(b.system, 'three@test2.com')).recipients).toEqual(['x@y.org']);
    });

    it('lists by domain, words, recipient and state, in pages', async () => {
      await create('off@test2.com', ['user@test2.com'], { enabled: false });
      const found = async (filter: object) => (await all(b.aliases.list(b.system, filter))).map((a) => a.address);
      expect(await found({})).toEqual(['alias@test.com', 'forward@test.com', 'off@test2.com', 'postmaster@test.com']);
      expect(await found({ domain: 'test2.com' })).toEqual(['off@test2.com']);
      expect(await found({ enabled: false })).toEqual(['off@test2.com']);
      expect(await found({ search: 'ward@' })).toEqual(['forward@test.com']);
      expect(await found({ recipient: 'USER@test.com' })).toEqual(['alias@test.com']);
      expect(await found({ limit: 2 })).toEqual(['alias@test.com', 'forward@test.com']);
      expect(await found({ after: 'forward@test.com', limit: 1 })).toEqual(['off@test2.com']);
      await create('user@test.com', ['x@y.org']);
      const seen = [];
      let after: string | undefined;
      for (;;) {
        const [next] = await all(
          b.aliases.list(b.system, { internal: true, limit: 1, ...(after === undefined ? {} : { after }) }),
        );
        if (next === undefined) break;
        seen.push(next.pk);
        after = `${next.address} ${next.pk}`;
      }
      expect(seen).toHaveLength(9);
      expect(new Set(seen).size).toBe(9);
    });

    it('two with the same address at the same moment: one is made', async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => refused('race@test.com', 'x@y.org')));
      expect(answers.filter((a) => a === 'accepted')).toHaveLength(1);
      expect(new Set(answers)).toEqual(new Set(['accepted', 'E_ADMIN_ALIAS_TAKEN address']));
    });
  });
}
