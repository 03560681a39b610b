import { afterAll, describe, expect, it } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { all, type Bench, bench, HASH } from './fixture.js';

const servers: DatabaseServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

const searchIndexes = async ({ sql, context }: Bench): Promise<readonly unknown[]> =>
  context.data.dialect === 'postgresql'
    ? (await sql("select indexname from pg_indexes where indexname like 'admin_search%' order by indexname")).map(
        (row) => row.indexname,
      )
    : [];

describe('the tables of admin', () => {
  for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
    it.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))(`come, go and come again on ${dialect}`, async () => {
      let database: string | undefined;
      if (dialect !== 'sqlite') {
        const server = await (dialect === 'mariadb' ? startMariadb() : startPostgres());
        servers.push(server);
        database = (await server.createDatabase()).url;
      }
      const b = await bench(database === undefined ? {} : { database });
      await using _host = b.host;
      await b.domains.create(b.system, { name: 'first.org' });
      const migrations = b.host.kernel.migrations();
      const own = [
        '0031-search-apart',
        '0030-owners',
        '0029-refuses-mail',
        '0025-lists',
        '0020-quota-warnings',
        '0010-trash',
        '0002-search',
      ]
        .concat('0001-initial')
        .map((name) => `admin/${name}`);
      const indexes = await searchIndexes(b);
      expect(indexes).toEqual(dialect === 'postgresql' ? ['admin_search_alias', 'admin_search_user'] : []);
      await expect(migrations.down(['admin/0001-initial'])).rejects.toMatchObject({ code: 'E_MIGRATION_ORDER' });
      expect(await migrations.down(own)).toEqual(own);
      await expect(b.sql('select * from admin_domain')).rejects.toThrow();
      await expect(b.sql('select * from modoboa_admin_aliasrecipient')).rejects.toThrow();
      expect(await b.sql('select * from core_user')).toEqual([]);
      expect(await migrations.up()).toEqual(own.toReversed());
      expect(await searchIndexes(b)).toEqual(indexes);
      await b.domains.create(b.system, { name: 'second.org', aliases: ['third.org'] });
      expect(await b.domains.show(b.system, 'second.org')).toMatchObject({ domainalias_count: 1 });
    });
  }

  it.skipIf(!requireSuite('postgresql'))(
    'come without indexes for searches where these are not permitted',
    async () => {
      const server = await startPostgres();
      servers.push(server);
      const { url, name } = await server.createDatabase();
      await server.sql(
        name,
        `create role modest login password 'modest'; grant connect on database ${name} to modest;
       grant create on schema public to modest`,
      );
      const modest = new URL(url);
      modest.username = 'modest';
      modest.password = 'modest';
      const b = await bench({ database: String(modest) });
      await using _host = b.host;
      expect(await searchIndexes(b)).toEqual([]);
      await b.domains.create(b.system, { name: 'first.org' });
      await b.mailboxes.create(b.system, { username: 'anna@first.org', passwordHash: HASH });
      expect(await all(b.mailboxes.list(b.system, { search: 'na@first' }))).toHaveLength(1);
    },
  );
});
