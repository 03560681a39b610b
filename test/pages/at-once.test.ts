import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, bench, empty, populate } from '../admin/fixture.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { filled, formTo } from './html-forms.js';
import { type Reader, type Site, startSite } from './site.js';

const servers = { postgresql: startPostgres, mariadb: startMariadb } as const;

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('forms on %s', (dialect) => {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))('that are sent at once', () => {
    let server: DatabaseServer | undefined;
    let b: Bench;
    let site: Site;
    let admin: Reader;
    let other: Reader;

    beforeAll(async () => {
      server = dialect === 'sqlite' ? undefined : await servers[dialect]();
      b = await bench(server === undefined ? {} : { database: (await server.createDatabase()).url });
      site = await startSite(b.host);
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await b?.host[Symbol.asyncDispose]();
      await server?.stop();
    });
    beforeEach(async () => {
      await empty(b);
      await populate(b);
      admin = await site.as('admin');
      other = await site.as('admin');
    });

    type Sent = Readonly<Record<string, string | readonly string[]>>;
    const formOf = async (path: string, change: Sent): Promise<Sent> =>
      filled(formTo((await admin.get(path)).text, path), change);
    const count = async (sql: string): Promise<number> => Number((await b.sql<{ n: number }>(sql))[0]?.n);

    it.each([
      [
        '/admin/domains/new/',
        { 'general.name': 'twice.test' },
        "select count(*) as n from admin_domain where name = 'twice.test'",
      ],
      [
        '/admin/accounts/new/',
        { 'general.username': 'twice@test.com', 'general.password': 'Toto1234' },
        "select count(*) as n from core_user where username = 'twice@test.com'",
      ],
      [
        '/admin/aliases/new/',
        { 'general.address': 'twice@test.com', 'general.recipients': 'user@test.com' },
        "select count(*) as n from admin_alias where address = 'twice@test.com' and internal = false",
      ],
      [
        '/admin/domainaliases/new/',
        { name: 'twice.test', target: 'test.com' },
        "select count(*) as n from admin_domainalias where name = 'twice.test'",
      ],
    ] as const)('make one thing where a button was pressed twice: %s', async (path, fields, sql) => {
      const sent = await formOf(path, fields);
      const answers = await Promise.all([
        admin.post(path, sent),
        admin.post(path, sent),
        other.post(path, { ...sent, _token: await tokenOf(other) }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([303, 422, 422]);
      const refused = answers.filter(({ status }) => status === 422);
      for (const { text } of refused)
        expect([text.includes('aria-invalid="true"'), text.includes('twice')]).toEqual([true, true]);
      expect(await count(sql)).toBe(1);
    });

    const tokenOf = async (reader: Reader): Promise<string> =>
      /name="_token" value="([^"]+)"/.exec((await reader.get('/user/')).text)?.[1] ?? '';
  });
});
