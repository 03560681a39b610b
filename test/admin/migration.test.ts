import { afterAll, describe, expect, it } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { bench } from './fixture.js';

const servers: DatabaseServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

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
      expect(await migrations.down(['admin/0001-initial'])).toContain('admin/0001-initial');
      await expect(b.sql('select * from admin_domain')).rejects.toThrow();
      await expect(b.sql('select * from modoboa_admin_aliasrecipient')).rejects.toThrow();
      expect(await b.sql('select * from core_user')).toEqual([]);
      expect(await migrations.up()).toContain('admin/0001-initial');
      await b.domains.create(b.system, { name: 'second.org', aliases: ['third.org'] });
      expect(await b.domains.show(b.system, 'second.org')).toMatchObject({ domainalias_count: 1 });
    });
  }
});
