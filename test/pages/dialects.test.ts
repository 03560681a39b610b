import { jobQueue } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityBulk } from '../../extensions/admin/pages/identity-bulk.js';
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

    it('end sessions of others, and change many rows in a job that reports', async () => {
      const reader = await site.as('admin@test.com');
      const user = await b.mailboxes.show(b.system, 'user@test.com');
      await site.as('user@test.com');
      const path = `/admin/accounts/${user.pk}/`;
      expect((await reader.get(path)).text).toContain('Sign out everywhere');
      await reader.post(`${path}sessions/end/`, {});
      expect(await b.host.kernel.sessions.list(user.pk)).toEqual([]);

      const actor = await b.actor('admin@test.com');
      const until = await identityBulk.newest({ context: b.context, actor });
      const wish = {
        list: 'identities',
        action: 'disable',
        filter: { q: 'test.com' },
        until,
        total: 5,
        keepdir: false,
      };
      const id = await b.context.get(jobQueue).enqueue('admin.bulk-change', wish, { by: actor });
      expect(await b.host.kernel.jobs.runner(['default']).drain()).toMatchObject([{ id, outcome: 'done' }]);
      const page = await reader.get(`/core/jobs/${id}/`);
      expect(page.text).toContain('You cannot disable your own account.');
      expect((await reader.get(`/core/jobs/${id}/report/`)).text).toContain('admin@test.com,You cannot');
      expect((await b.mailboxes.show(b.system, 'user@test.com')).is_active).toBe(false);
      expect((await b.aliases.show(b.system, 'forward@test.com')).enabled).toBe(false);
      const all = { ...wish, list: 'domains', filter: {}, until: '9999', total: 2 };
      const admin = await b.actor('admin');
      await b.context.get(jobQueue).enqueue('admin.bulk-change', all, { by: admin });
      expect(await b.host.kernel.jobs.runner(['default']).drain()).toMatchObject([{ outcome: 'done', error: null }]);
      expect((await b.domains.show(b.system, 'test2.com')).enabled).toBe(false);
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
