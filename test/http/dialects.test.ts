import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { tokenIn } from './browser.js';
import { demo } from './demo.js';
import { PASSWORD, type Site, serve } from './site.js';

const SERVERS = { postgresql: startPostgres, mariadb: startMariadb } as const;

describe.each(['postgresql', 'mariadb'] as const)('sessions on %s', (dialect) => {
  describe.skipIf(!requireSuite(dialect))('with a server', () => {
    let server: DatabaseServer;
    let site: Site;
    beforeAll(async () => {
      server = await SERVERS[dialect]();
      site = await serve({ with: [demo], database: (await server.createDatabase()).url });
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await server?.stop();
    });

    it('are opened, remembered, left with a notice, listed and ended', async () => {
      const browser = await site.signedIn('keeper', { rememberme: 'true' });
      const token = await browser.token('/demo/kept/');
      expect((await browser.ask('/demo/kept/', { form: { name: 'é', _token: token } })).status).toBe(303);
      expect((await browser.ask('/demo/kept/')).body).toContain('Kept é');
      const page = await browser.ask('/user/devices/');
      const id = /name="id" value="(\d+)"/.exec(page.body)?.[1] ?? '';
      await browser.ask('/user/devices/revoke/', { form: { id, _token: tokenIn(page.body) } });
      expect((await browser.ask('/demo/mine/')).status).toBe(303);
      await site.host.kernel.sessions.purge();
    });

    it('are not opened after too many failures', async () => {
      const browser = site.browser();
      for (let i = 0; i < 5; i += 1) expect((await browser.signIn('root', 'wrong')).status).toBe(422);
      const refused = await browser.signIn('root', PASSWORD);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
      await site.host.kernel.throttle.unlock('root');
      expect((await browser.signIn('root', PASSWORD)).status).toBe(303);
      const root = await site.host.kernel.accounts.findByUsername('root');
      expect(Math.abs((root?.last_login?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    });
  });
});
