import { type Check, type Contributed, checks } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Bench, empty, lookup, populate } from './fixture.js';

/** What does not fit any more, and how it is put right. */
export function repairScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });
  const checkOf = (id: string): Check => {
    const all = b.host.kernel.generation.slots.items(checks.id) as readonly Contributed<Check>[];
    const found = all.find(({ from, item }) => `${from}.${item.id}` === id);
    if (found === undefined) throw new Error(`there is no check ${id}`);
    return found.item;
  };
  const level = async (id: string) => (await checkOf(id).run(b.context)).map((finding) => finding.level);
  const fix = async (id: string, dryRun = false) =>
    ((await checkOf(id).fix?.(b.context, { dryRun, progress: () => {} })) ?? []).map(({ subject }) => subject);
  const count = async (sql: string) => Number((await b.sql(`select count(*) as n from ${sql}`))[0]?.['n']);

  const cases: readonly {
    readonly check: string;
    /** Breaks something, in statements. */
    readonly broken: readonly string[];
    readonly subjects: readonly string[];
    /** What is there 0 times while it is broken, and once afterwards; or the other way round. */
    readonly thing: string;
    readonly isExtra?: boolean;
  }[] = [
    {
      check: 'admin.self-aliases',
      broken: ["delete from admin_alias where address = 'user@test.com' and internal = true"],
      subjects: ['user@test.com'],
      thing: "admin_alias where address = 'user@test.com' and internal = true",
    },
    {
      check: 'admin.self-aliases',
      broken: ["delete from admin_aliasrecipient where address = 'user@test2.com'"],
      subjects: ['user@test2.com'],
      thing: "admin_aliasrecipient where address = 'user@test2.com' and r_mailbox_id is not null",
    },
    {
      check: 'admin.domain-alias-entries',
      broken: ["delete from admin_alias where address = '@other.com'"],
      subjects: ['other.com'],
      thing: "admin_aliasrecipient where address = '@test.com'",
    },
    {
      check: 'admin.quota-rows',
      broken: ["delete from admin_quota where username = 'user@test.com'"],
      subjects: ['user@test.com'],
      thing: "admin_quota where username = 'user@test.com'",
    },
    {
      check: 'admin.lost-quota-rows',
      broken: ["insert into admin_quota (username, bytes, messages) values ('gone@test.com', 5, 1)"],
      subjects: ['gone@test.com'],
      thing: "admin_quota where username = 'gone@test.com'",
      isExtra: true,
    },
    {
      check: 'admin.default-quotas',
      broken: ["update admin_mailbox set quota = 3 where address = 'user' and quota = 10"],
      subjects: ['user@test.com'],
      thing: "admin_mailbox where address = 'user' and quota = 3",
      isExtra: true,
    },
    {
      check: 'admin.empty-aliases',
      broken: ["delete from admin_aliasrecipient where address = 'user@external.com'"],
      subjects: ['forward@test.com'],
      thing: "admin_alias where address = 'forward@test.com'",
      isExtra: true,
    },
    {
      check: 'admin.access-rows',
      broken: [
        `insert into core_access (user_id, kind, object_id, is_owner)
         select id, 'admin.domain', 987654, true from core_user where username = 'admin@test.com'`,
      ],
      subjects: ['admin@test.com'],
      thing: 'core_access where object_id = 987654',
      isExtra: true,
    },
  ];

  describe('test_repair', () => {
    it('finds nothing where all is well', async () => {
      await b.domainAliases.create(b.system, { name: 'other.com', target: 'test.com' });
      for (const { check } of cases) {
        expect([check, await level(check)]).toEqual([check, ['ok']]);
        expect(await fix(check)).toEqual([]);
      }
    });

    it.each(cases.map((one, at) => [`${one.check} ${at}`, one] as const))('%s', async (_name, one) => {
      await b.domainAliases.create(b.system, { name: 'other.com', target: 'test.com' });
      await b.context.data.write(async () => {
        for (const statement of one.broken) await b.sql(statement);
      });
      const [before, after] = one.isExtra === true ? [1, 0] : [0, 1];
      expect(await count(one.thing)).toBe(before);
      expect((await level(one.check))[0]).not.toBe('ok');
      expect(await fix(one.check, true)).toEqual(one.subjects);
      expect(await count(one.thing)).toBe(before);
      expect(await fix(one.check)).toEqual(one.subjects);
      expect(await count(one.thing)).toBe(after);
      expect(await level(one.check)).toEqual(['ok']);
      expect(await fix(one.check)).toEqual([]);
      expect(await lookup(b, '@other.com')).toEqual(['@test.com']);
      expect(await lookup(b, 'user@test2.com')).toEqual(['user@test2.com']);
    });

    it('sees that the audit was changed from outside, and changes nothing there', async () => {
      await b.host.kernel.audit.seal();
      expect(await level('core.audit')).toEqual(['ok']);
      const [row] = await b.sql('select id, label from core_audit where seq is not null order by id desc limit 1');
      await b.context.data.derived(() =>
        b.sql('update core_audit set label = ? where id = ?', ['forged', row?.['id']]),
      );
      expect(await level('core.audit')).toEqual(['error']);
      expect(checkOf('core.audit').fix).toBeUndefined();
      await b.context.data.derived(() =>
        b.sql('update core_audit set label = ? where id = ?', [row?.['label'], row?.['id']]),
      );
      expect(await level('core.audit')).toEqual(['ok']);
    });
  });
}
