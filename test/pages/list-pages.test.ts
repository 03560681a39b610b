import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN_ALIAS_SORTS, domainAliasList } from '../../extensions/admin/pages/domain-alias-list.js';
import { DOMAIN_SORTS, domainList } from '../../extensions/admin/pages/domain-list.js';
import { IDENTITY_SORTS, identityList } from '../../extensions/admin/pages/identity-list.js';
import { COUNTED, PAGE_SIZE, type Shown } from '../../extensions/admin/pages/list-query.js';
import { QUOTA_SORTS, quotaList } from '../../extensions/admin/pages/quota-list.js';
import { refreshMailboxUse } from '../../extensions/admin/services/mailbox-use.js';
import { type Bench, bench } from '../admin/fixture.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';

/** More than the rows whose pages have numbers. */
const DOMAINS = 10_300;
const MAILBOXES = 10_400;
const FORWARDS = 700;

const numbers = (b: Bench, n: number): string =>
  b.context.data.dialect === 'mariadb'
    ? `(select seq as n from seq_1_to_${n}) numbers`
    : `(with recursive c(n) as (select 1 union all select n + 1 from c where n < ${n}) select n from c) numbers`;

/** Domains of which few have mailboxes, mailboxes of which many use the same, and forwards that sort among them. */
async function fill(b: Bench): Promise<void> {
  const now = '2026-01-01 00:00:00';
  const address = "('u' || n || '@d' || (n % 7 + 1) || '.test')";
  const times = [now, now];
  const statements: readonly (readonly [string, (readonly unknown[])?])[] = [
    [
      `insert into admin_domain (id, name, quota, enabled, creation, last_modification)
       select n, 'd' || n || '.test', n % 13, n % 2 = 0, ?, ? from ${numbers(b, DOMAINS)}`,
      times,
    ],
    [
      `insert into core_user (id, username, email, password, role, date_joined)
       select n + 1000, ${address}, '', 'x', 'SimpleUsers', ? from ${numbers(b, MAILBOXES)}`,
      [now],
    ],
    [
      `insert into admin_mailbox (id, address, quota, use_domain_quota, domain_id, user_id, creation, last_modification)
       select n, 'u' || n, n % 4, false, n % 7 + 1, n + 1000, ?, ? from ${numbers(b, MAILBOXES)}`,
      times,
    ],
    [
      `insert into admin_quota (username, bytes, messages)
       select ${address}, n % 50 * 1000, 1 from ${numbers(b, MAILBOXES)} where n % 3 <> 0`,
    ],
    [
      `insert into admin_alias (id, address, domain_id, enabled, internal, description, creation, last_modification)
       select n, 'u' || n || 'x@d' || (n % 5 + 1) || '.test', n % 5 + 1, true, false, '', ?, ? from ${numbers(b, FORWARDS)}`,
      times,
    ],
    [
      `insert into admin_domainalias (id, name, target_id, enabled, creation, last_modification)
       select n, 'a' || n || '.test', n % 9 + 1, true, ?, ? from ${numbers(b, DOMAINS)}`,
      times,
    ],
  ];
  for (const [sql, params] of statements) await b.sql(sql, params);
  await refreshMailboxUse(b.context.data);
}

interface List {
  readonly sorts: readonly string[];
  /** Keys of the rows on a page. */
  page(b: Bench, sort: string, page: number, after?: string): Promise<Shown<string>>;
  /** Every row by the plainest select, by the sort's name. */
  readonly naive: (key: string) => string;
  readonly order: Readonly<Record<string, string>>;
}

const keys = <Row>(shown: Shown<Row>, key: (row: Row) => unknown): Shown<string> => ({
  ...shown,
  rows: shown.rows.map((row) => String(key(row))),
});

const LISTS: Readonly<Record<string, List>> = {
  domains: {
    sorts: DOMAIN_SORTS,
    page: async (b, sort, page, after = '') => {
      const wish = { search: '', enabled: undefined, sort: sort as (typeof DOMAIN_SORTS)[number], page, after };
      return keys(await domainList(b.context, b.system, wish), ({ pk }) => pk);
    },
    naive: (by) => `select d.id as row_key, ${by} as place, d.id as id from admin_domain d`,
    order: {
      name: 'd.name',
      accounts: '(select count(*) from admin_mailbox m where m.domain_id = d.id)',
      aliases: '(select count(*) from admin_alias a where a.domain_id = d.id and a.internal = false)',
      quota: 'd.quota',
    },
  },
  'domain aliases': {
    sorts: DOMAIN_ALIAS_SORTS,
    page: async (b, sort, page, after = '') => {
      const wish = { search: '', sort: sort as (typeof DOMAIN_ALIAS_SORTS)[number], page, after };
      return keys(await domainAliasList(b.context, b.system, wish), ({ pk }) => pk);
    },
    naive: (by) =>
      `select da.id as row_key, ${by} as place, da.id as id
       from admin_domainalias da inner join admin_domain d on d.id = da.target_id`,
    order: { name: 'da.name', target: 'd.name' },
  },
  quotas: {
    sorts: QUOTA_SORTS,
    page: async (b, sort, page, after = '') => {
      const wish = { search: '', sort: sort as (typeof QUOTA_SORTS)[number], page, after };
      return keys(await quotaList(b.context, b.system, wish), ({ pk }) => pk);
    },
    naive: (by) =>
      `select u.id as row_key, ${by} as place, m.id as id from core_user u
       inner join admin_mailbox m on m.user_id = u.id inner join admin_domain d on d.id = m.domain_id
       left join admin_quota q on q.username = m.address || '@' || d.name`,
    order: {
      name: 'u.username',
      used: 'coalesce(q.bytes, 0)',
      usage: 'case when m.quota > 0 then floor(coalesce(q.bytes, 0) * 1000.0 / (m.quota * 1048576)) else 0 end',
    },
  },
  identities: {
    sorts: IDENTITY_SORTS,
    page: async (b, sort, page, after = '') => {
      const wish = { search: '', kind: '', role: '', domain: '', sort: sort as 'name', page, after } as const;
      return keys(await identityList(b.context, b.system, wish), ({ kind, pk }) => `${kind} ${pk}`);
    },
    naive: () =>
      `select 'account ' || u.id as row_key, u.username as place, u.id as id from core_user u
       union all select 'alias ' || a.id as row_key, a.address as place, a.id as id from admin_alias a where a.internal = false`,
    order: { name: '' },
  },
};

const HAYSTACK = [
  'anna',
  'ann%a',
  'a_b',
  '100%',
  'münchen',
  'Émile',
  'ÉMILE',
  'straße',
  'Łódź',
  'o!k',
  'ann',
  'x*y',
  'q[1]',
];

/** What the reader means: the text in any form somewhere in the name, whatever the case. */
const isFound = (names: readonly string[], search: string): boolean =>
  names.some((name) => name.normalize('NFC').toLowerCase().includes(search.normalize('NFC').toLowerCase()));

for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))(`lists on ${dialect}`, () => {
    let server: DatabaseServer | undefined;
    let b: Bench;
    beforeAll(async () => {
      if (dialect !== 'sqlite') server = await (dialect === 'postgresql' ? startPostgres() : startMariadb());
      b = await bench(server === undefined ? {} : { database: (await server.createDatabase()).url });
      await fill(b);
    }, 120_000);
    afterAll(async () => {
      await b?.host[Symbol.asyncDispose]();
      await server?.stop();
    });

    for (const [name, list] of Object.entries(LISTS)) {
      it(`${name} go by pages as the whole list does, near and far, whatever the sort`, async () => {
        for (const sort of list.sorts) {
          const key = sort.replace('-', '');
          const direction = sort.startsWith('-') ? 'desc' : 'asc';
          const all = (
            await b.sql(`${list.naive(list.order[key] ?? '')} order by place ${direction}, id ${direction}`)
          ).map((row) => String(row.row_key));
          const last = COUNTED / PAGE_SIZE;
          expect(all.length).toBeGreaterThan(COUNTED + 4 * PAGE_SIZE);
          const slice = (at: number) => all.slice((at - 1) * PAGE_SIZE, at * PAGE_SIZE);
          const counted = { total: COUNTED, isMore: true, pages: last };
          for (const page of [1, 2, 11, 200, last - 1, last, last + 1, 9_999]) {
            const at = Math.min(page, last);
            const shown = await list.page(b, sort, page);
            expect([sort, page, shown]).toEqual([
              sort,
              page,
              { ...counted, rows: slice(at), pageNumber: at, after: at === last ? shown.after : '' },
            ]);
          }
          // Beyond the numbers, row by row to the end.
          let { after } = await list.page(b, sort, last);
          for (let at = last + 1; after !== ''; at += 1) {
            const shown = await list.page(b, sort, 1, after);
            const isEnd = at * PAGE_SIZE >= all.length;
            expect([sort, at, shown]).toEqual([
              sort,
              at,
              { ...counted, rows: slice(at), pageNumber: 0, after: isEnd ? '' : shown.after },
            ]);
            expect(shown.after === '').toBe(isEnd);
            after = shown.after;
          }
        }
      }, 240_000);
    }

    it('what is no row of the list leads to the page that the number names', async () => {
      const first = await LISTS.identities?.page(b, 'name', 1);
      for (const after of [
        'x',
        '{}',
        '[]',
        '["a"]',
        '["a","account","1"]',
        '["a\u0000","account",1]',
        '["a","account",99999999999]',
      ]) {
        expect([after, await LISTS.identities?.page(b, 'name', 1, after)]).toEqual([after, first]);
      }
    });

    it('a far page needs no statement more', async () => {
      const near = await b.count(() => LISTS.identities?.page(b, 'name', 1) ?? Promise.resolve());
      const far = await b.count(() => LISTS.identities?.page(b, 'name', 440) ?? Promise.resolve());
      expect(far.length).toBe(near.length);
    });

    it('a search finds what has the text in it, in whatever case, and nothing else', async () => {
      const people = HAYSTACK.map((last_name, i) => ({
        username: `p${i}-${last_name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')}@${['münchen.example', 'xn--mnchen-3ya.example', 'plain.example'][i % 3]}`,
        first_name: HAYSTACK[(i * 5 + 3) % HAYSTACK.length] ?? '',
        last_name,
      }));
      await b.sql("delete from core_user where username like 'p%-%'");
      for (const one of people) {
        await b.sql(
          "insert into core_user (username, email, password, role, first_name, last_name, date_joined) values (?, '', 'x', 'Resellers', ?, ?, '2026-01-01 00:00:00')",
          [one.username, one.first_name, one.last_name],
        );
      }
      const found = async (search: string): Promise<readonly string[]> => {
        const wish = {
          search,
          kind: 'account',
          role: 'Resellers',
          domain: '',
          sort: 'name',
          page: 1,
          size: 100,
        } as const;
        return (await identityList(b.context, b.system, wish)).rows.map((row) => row.name).toSorted();
      };
      const wanted = (search: string): readonly string[] =>
        people
          .filter((one) => isFound([one.username, one.first_name, one.last_name], search))
          .map((one) => one.username)
          .toSorted();
      const texts = people.flatMap((one) => [one.username, one.first_name, one.last_name]);
      const pieces = fc
        .tuple(fc.constantFrom(...texts), fc.nat(30), fc.integer({ min: 1, max: 6 }), fc.boolean())
        .map(([text, from, length, isUpper]) => {
          const piece = [...text]
            .slice(from % [...text].length)
            .slice(0, length)
            .join('');
          return isUpper && !piece.includes('ß') ? piece.toUpperCase() : piece;
        });
      const noise = fc.string({ unit: fc.constantFrom(...'a%_*?[]!^-é ü'), minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(fc.oneof(pieces, noise), async (search) => {
          expect([search, await found(search)]).toEqual([search, wanted(search)]);
        }),
        { numRuns: 150 },
      );
      const both = people
        .map((one) => one.username)
        .filter((name) => !name.endsWith('plain.example'))
        .toSorted();
      for (const search of ['münchen.example', 'XN--MNCHEN-3YA.example', '@MÜNCHEN.example', '@xn--mnchen-3ya.e']) {
        expect([search, await found(search)]).toEqual([search, search.endsWith('.e') ? expect.anything() : both]);
      }
    }, 120_000);
  });
}
