import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { type Site, startSite } from './site.js';

const PATHS = [
  '/dashboard/',
  '/admin/domains/?q=test&enabled=yes&sort=-accounts',
  '/admin/domains/test.com/',
  '/admin/identities/?q=test',
  '/admin/identities/?domain=test.com&sort=-name',
  '/admin/identities/?role=SimpleUsers',
  '/admin/quotas/?sort=-usage',
  '/admin/domainaliases/?sort=-target',
  '/core/jobs/',
  '/core/information/',
  '/core/logs/?q=x&level=info',
];
const servers = { postgresql: startPostgres, mariadb: startMariadb } as const;

for (const [name, start] of Object.entries(servers)) {
  describe.skipIf(!requireSuite(name as keyof typeof servers))(`pages on ${name}`, () => {
    let server: DatabaseServer;
    let b: Bench;
    let site: Site;
    beforeAll(async () => {
      server = await start();
      b = await bench({ database: (await server.createDatabase()).url });
      await populate(b);
      await b.domainAliases.create(b.system, { name: 'also.test', target: 'test.com' });
      site = await startSite(b.host);
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await b?.host[Symbol.asyncDispose]();
      await server?.stop();
    });

    for (const username of ['admin', 'admin@test.com']) {
      it(`are shown to ${username}`, async () => {
        const reader = await site.as(username);
        for (const path of PATHS) {
          const { status, text } = await reader.get(path);
          const isAllowed = username === 'admin' || !/core|domainaliases/.test(path);
          expect([path, status]).toEqual([path, isAllowed ? 200 : 403]);
          expect([path, text.includes('This part cannot be shown now.')]).toEqual([path, false]);
        }
      });
    }
  });
}
