import { beforeEach, describe, expect, it } from 'vitest';
import { type Bench, empty, populate } from './fixture.js';

/** What the mail servers and hand-written SQL need of the tables. */
export function schemaScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });

  describe('the schema', () => {
    it('takes what Dovecot writes: update, delete, insert or replace', async () => {
      const user = 'user@test.com';
      const upsert =
        b.context.data.dialect === 'mariadb'
          ? "on duplicate key update bytes = '555', messages = '1'"
          : "on conflict (username) do update set bytes = '555', messages = '1'";
      await b.sql(
        "update admin_quota set bytes = bytes + 555, messages = messages + 1 where username = 'user@test.com'",
      );
      expect(await b.mailboxes.show(b.system, user)).toMatchObject({ quota_used_bytes: 555, quota_used_messages: 1 });
      await b.sql("delete from admin_quota where username = 'user@test.com'");
      expect(await b.mailboxes.show(b.system, user)).toMatchObject({ quota_used_bytes: 0, quota_used_messages: 0 });
      for (let i = 0; i < 2; i += 1) {
        await b.sql(
          `insert into admin_quota (bytes, messages, username) values ('555', '1', 'user@test.com') ${upsert}`,
        );
      }
      expect(await b.mailboxes.show(b.system, user)).toMatchObject({ quota_used_bytes: 555, quota_used_messages: 1 });
      await b.sql("insert into admin_quota (bytes, username) values (7, 'other@test.com')");
      expect(await b.sql("select messages from admin_quota where username = 'other@test.com'")).toEqual([
        { messages: 0 },
      ]);
    });

    it('has defaults wherever a value is needed', async () => {
      await b.sql("insert into admin_domain (name) values ('hand.org')");
      const { pk } = await b.domains.show(b.system, 'hand.org');
      await b.sql("insert into admin_domainalias (name, target_id) values ('hand.net', ?)", [pk]);
      await b.sql("insert into admin_alias (address, domain_id) values ('by@hand.org', ?)", [pk]);
      const { pk: alias } = await b.aliases.show(b.system, 'by@hand.org');
      await b.sql("insert into admin_aliasrecipient (address, alias_id) values ('x@y.org', ?)", [alias]);
      await b.sql("insert into core_user (username, password) values ('u@hand.org', '{PLAIN}x')");
      await b.sql(
        "insert into admin_mailbox (address, domain_id, user_id) select 'u', ?, id from core_user where username = 'u@hand.org'",
        [pk],
      );
      expect(await b.aliases.show(b.system, alias)).toMatchObject({
        enabled: true,
        internal: false,
        recipients: ['x@y.org'],
        expire_at: null,
      });
      expect(await b.mailboxes.show(b.system, 'u@hand.org')).toMatchObject({
        mailbox: { quota: 0, use_domain_quota: false },
      });
      expect(await b.domainAliases.show(b.system, 'hand.net')).toMatchObject({ enabled: true });
    });

    it('shows the recipients under the older name too', async () => {
      const columns = 'select id, address, alias_id, r_mailbox_id, r_alias_id from';
      const table = await b.sql(`${columns} admin_aliasrecipient order by id`);
      expect(await b.sql(`${columns} modoboa_admin_aliasrecipient order by id`)).toEqual(table);
      expect(table.length).toBeGreaterThan(3);
    });

    it('refuses what would break a lookup', async () => {
      const [mailbox] = await b.sql<{ domain_id: number; user_id: number }>(
        'select domain_id, user_id from admin_mailbox',
      );
      const twice: readonly [string, readonly unknown[]][] = [
        ["insert into admin_domain (name) values ('test.com')", []],
        ["insert into admin_alias (address, internal) values ('user@test.com', true)", []],
        ["insert into admin_quota (username) values ('user@test.com')", []],
        [
          'insert into admin_mailbox (address, domain_id, user_id) values (?, ?, ?)',
          ['fresh', mailbox?.domain_id, mailbox?.user_id],
        ],
        ['insert into admin_mailbox (address, domain_id, user_id) values (?, ?, ?)', ['fresh', 999_999, 999_999]],
      ];
      for (const [statement, params] of twice) await expect(b.sql(statement, params)).rejects.toThrow();
    });

    it('finds what is looked up for each mail through an index', async () => {
      const { dialect } = b.context.data;
      if (dialect !== 'sqlite') return;
      const plan = async (sql: string) =>
        (await b.sql<{ detail: string }>(`explain query plan ${sql}`)).map((row) => row.detail).join('; ');
      for (const lookup of [
        "select name from admin_domain where name = 'x'",
        "select r.address from admin_alias a inner join admin_aliasrecipient r on r.alias_id = a.id where a.address = 'x'",
        "select mailbox_id from admin_senderaddress where address = 'x'",
        "select email from core_user where email = 'x'",
        'select alias_id from admin_aliasrecipient where r_mailbox_id = 1',
        "select bytes from admin_quota where username = 'x'",
        "select mb.id from admin_mailbox mb inner join admin_domain d on d.id = mb.domain_id where mb.address = 'x' and d.name = 'y'",
      ]) {
        expect([lookup, await plan(lookup)]).toEqual([lookup, expect.not.stringContaining('SCAN')]);
      }
    });
  });
}
