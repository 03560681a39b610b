/** Lists as files: everything that the list shows for a search and a filter, however many rows. */
import { accountColumns, domainColumns, domainFilters } from '@posthorn/admin/contract';
import { defineExtension, listColumn, listFilter } from '@posthorn/sdk';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { type Reader, type Site, startSite } from './site.js';

const asked: number[] = [];
const stranger = defineExtension({
  id: 'stranger',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Stranger',
  requires: { admin: '*' },
  contributes: [
    listColumn(domainColumns, {
      id: 'score',
      label: 'Score',
      permission: 'admin.view_domains',
      load: async (rows) => {
        asked.push(rows.length);
        return rows.map(({ name }) => (name === 'test.com' ? '=1+1' : undefined));
      },
    }),
    listColumn(accountColumns, {
      id: 'secret',
      label: 'Secret',
      permission: 'core.manage_jobs',
      load: async (rows) => rows.map(() => 7),
    }),
    listFilter(domainFilters, {
      id: 'name',
      label: 'Letter',
      permission: 'admin.view_domains',
      choices: async () => [{ value: 'test2', label: 'Second' }],
      narrow: (value, { column }) => ({
        sql: `${column} in (select x.id from admin_domain x where x.name like ?)`,
        params: [`${value}%`],
      }),
    }),
  ],
});

const NOW = '2026-01-01 00:00:00';
/** Beyond two chunks. */
const MANY = 1_203;

const scenarios = (start: () => Promise<DatabaseServer | undefined>): void => {
  let server: DatabaseServer | undefined;
  let b: Bench;
  let site: Site;
  let admin: Reader;
  beforeAll(async () => {
    server = await start();
    b = await bench({
      with: [stranger],
      ...(server === undefined ? {} : { database: (await server.createDatabase()).url }),
    });
    await populate(b);
    await b.domainAliases.create(b.system, { name: 'test.example', target: 'test.com' });
    await b.context.data.write(async () => {
      for (let i = 0; i < MANY; i += 1) {
        await b.sql(
          'insert into admin_domain (name, quota, enabled, creation, last_modification) values (?, ?, ?, ?, ?)',
          [`m${i}.example`, i % 7, i % 2 === 0, NOW, NOW],
        );
        // An account and an alias of the same name stand beside each other, also at the end of a chunk.
        await b.sql(
          "insert into core_user (username, email, password, role, date_joined) values (?, '', 'x', 'Resellers', ?)",
          [`m${i}@test.com`, NOW],
        );
        await b.sql(
          "insert into admin_alias (address, domain_id, enabled, internal, description, creation, last_modification) values (?, (select id from admin_domain where name = 'test.com'), true, false, '', ?, ?)",
          [`m${i}@test.com`, NOW, NOW],
        );
      }
    });
    site = await startSite(b.host);
    admin = await site.as('admin');
  }, 120_000);
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
    await server?.stop();
  });

  const objects = async (path: string, reader = admin): Promise<Record<string, unknown>[]> => {
    const answer = await reader.get(path);
    expect([answer.status, answer.isFile]).toEqual([200, true]);
    return answer.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };

  it('has every row once, in the order of names', async () => {
    const names = (await b.sql('select name from admin_domain order by name')).map(({ name }) => name);
    expect((await objects('/admin/domains/export/ndjson/')).map(({ name }) => name)).toEqual(names);
    const both = await b.sql(
      "select username as name, 'account' as kind from core_user union all select address as name, 'alias' as kind from admin_alias where internal = false order by name, kind",
    );
    const found = await objects('/admin/identities/export/ndjson/?sort=-name&page=3');
    expect(found.map(({ kind, name }) => `${kind} ${name}`)).toEqual(both.map(({ kind, name }) => `${kind} ${name}`));
    expect(found.length).toBeGreaterThan(2 * MANY);
  });

  it('keeps the search and the filters, those of others too, and asks for their columns a chunk at a time', async () => {
    asked.length = 0;
    const found = await objects('/admin/domains/export/ndjson/?q=.example&enabled=no');
    expect(found).toHaveLength(Math.floor(MANY / 2));
    expect(found[0]).toMatchObject({ name: 'm1.example', enabled: false, quota: 1, 'stranger.score': null });
    expect(asked).toEqual([500, 101]);
    expect(await objects('/admin/domains/export/ndjson/?stranger.name=test2')).toMatchObject([{ name: 'test2.com' }]);
    expect(await objects('/admin/identities/export/ndjson/?kind=alias&q=forward')).toMatchObject([
      { kind: 'alias', name: 'forward@test.com', recipients: 1, role: null, 'stranger.secret': 7 },
    ]);
    expect(await objects('/admin/quotas/export/ndjson/?q=user')).toMatchObject([
      { address: 'user@test.com', quota: 10 },
      { address: 'user@test2.com', quota: 0 },
    ]);
  });

  it('is CSV with headings, in which no cell is a formula', async () => {
    await b.sql("update core_user set first_name = '@SUM(A1)' where username = 'user@test.com'");
    const { text } = await admin.get('/admin/domains/export/csv/?q=test.com');
    expect(text).toBe(
      "Name,Type,Enabled,Accounts,Aliases,Quota (MB),Used (bytes),Score\r\ntest.com,domain,true,2,1206,50,0,'=1+1\r\n",
    );
    const rows: string[][] = parse((await admin.get('/admin/identities/export/csv/?q=user@test.com')).text, {
      bom: true,
    });
    expect(rows[1]?.[2]).toBe("'@SUM(A1)");
    const empty = await admin.get('/admin/domainaliases/export/csv/?q=nothing');
    expect(empty.text).toBe('Name,Domain,Enabled\r\n');
  });

  it('holds what its reader may see, and nothing for others', async () => {
    const domainAdmin = await site.as('admin@test.com');
    expect((await objects('/admin/domains/export/ndjson/', domainAdmin)).map(({ name }) => name)).toEqual(['test.com']);
    const own = await objects('/admin/identities/export/ndjson/?q=user', domainAdmin);
    expect(own.map(({ name }) => name)).toEqual(['user@test.com']);
    expect(own[0]).not.toHaveProperty(['stranger.secret']);
    for (const list of ['domains', 'identities', 'quotas', 'domainaliases']) {
      const path = `/admin/${list}/export/csv/`;
      expect((await (await site.as('user@test.com')).get(path)).status).toBe(403);
      expect((await site.guest.get(path)).isFile).toBe(false);
      const shown = await admin.get(`/admin/${list}/?q=test&page=2`);
      expect(/href="[^"]+"(?= download)/.exec(shown.text)?.[0]).toBe(`href="${path}?q=test"`);
    }
  });
};

describe('lists as files on sqlite', () => scenarios(async () => undefined));
describe.skipIf(!requireSuite('postgresql'))('lists as files on postgresql', () => scenarios(startPostgres));
describe.skipIf(!requireSuite('mariadb'))('lists as files on mariadb', () => scenarios(startMariadb));
