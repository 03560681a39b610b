import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve as serveInstance } from '../host/serving.js';
import { type Site, serve } from '../http/site.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { things } from './things.js';
import { tokenScenarios } from './token-scenarios.js';

const SERVERS = { postgresql: startPostgres, mariadb: startMariadb } as const;

describe('tokens on sqlite', () => {
  let site: Site;
  beforeAll(async () => {
    site = await serve({ with: [things] });
  });
  afterAll(() => site?.[Symbol.asyncDispose]());
  tokenScenarios(() => site);
});

describe.each(['postgresql', 'mariadb'] as const)('tokens on %s', (dialect) => {
  describe.skipIf(!requireSuite(dialect))('with a server', () => {
    let server: DatabaseServer;
    let site: Site;
    beforeAll(async () => {
      server = await SERVERS[dialect]();
      site = await serve({ with: [things], database: (await server.createDatabase()).url });
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await server?.stop();
    });
    tokenScenarios(() => site);
  });
});

describe('tokens at the command line', () => {
  let instance: Instance;
  beforeAll(async () => {
    instance = await freshInstance();
  });
  afterAll(() => instance?.remove());

  it('are made as the last line, listed without it, and revoked', async () => {
    await instance.must(['domain', 'create', 'one.test']);
    await instance.must(['account', 'create', 'anna@one.test']);
    const { stdout } = await instance.must(['token', 'create', 'anna@one.test', '--expires', '2999-12-31']);
    const token = stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(token).toMatch(/^pht_\w{46}$/);
    const list = await instance.must(['token', 'list', 'anna@one.test', '--json']);
    expect(list.stdout).not.toContain(token);
    expect(list.rows()).toMatchObject([
      { username: 'anna@one.test', prefix: token.slice(0, 12), expires_at: '2999-12-31T00:00:00.000Z', used_at: null },
    ]);
    expect((await instance.posthorn(['token', 'create', 'nobody'])).code).toBe(3);
    expect((await instance.posthorn(['token', 'create', 'anna@one.test', '--expires', '2020-01-01'])).code).toBe(6);
    expect((await instance.posthorn(['token', 'create', instance.admin.username, '--as', 'anna@one.test'])).code).toBe(
      5,
    );
    const scoped = ['token', 'create', instance.admin.username, '--scope', 'aliases:read', '--scope', 'rate=5/m'];
    await instance.must([...scoped, '--scope', 'domain=one.test']);
    expect((await instance.posthorn(['token', 'create', 'anna@one.test', '--scope', 'nonsense'])).code).toBe(6);
    const second = (await instance.must(['token', 'list', '--json'])).rows()[1];
    expect(second?.['scopes']).toEqual(['aliases:read', 'rate=5/m', 'domain=one.test']);
    const rotated = await instance.must(['token', 'rotate', String(second?.['id']), '--overlap-hours', '1']);
    expect(rotated.stdout.trimEnd().split('\n').at(-1)).toMatch(/^pht_\w{46}$/);
    const [, before, after] = (await instance.must(['token', 'list', '--json'])).rows();
    expect([after?.['scopes'], after?.['expires_at'], typeof before?.['expires_at']]).toEqual([
      second?.['scopes'],
      null,
      'string',
    ]);
    for (const row of [before, after]) await instance.must(['token', 'revoke', String(row?.['id'])]);
    const id = String(list.rows()[0]?.['id']);
    await instance.must(['token', 'revoke', id]);
    expect((await instance.posthorn(['token', 'revoke', id])).code).toBe(3);
    expect((await instance.must(['token', 'list', '--json'])).rows()).toEqual([]);
  });

  it('lose at once in every process what another process takes from them', async () => {
    await using serving = await serveInstance(instance.directory, { env: { POSTHORN_WORKERS: '2' } });
    const make = async (...scopes: readonly string[]): Promise<string> => {
      const { stdout } = await instance.must(['token', 'create', 'boss', ...scopes]);
      return stdout.trimEnd().split('\n').at(-1) ?? '';
    };
    await instance.must(['account', 'create', 'boss', '--role', 'DomainAdmins']);
    const [whole, part] = [await make(), await make('--scope', 'accounts:write')];
    // Each on a connection of its own, so that both workers are asked.
    const statuses = async (token: string, path: string): Promise<readonly number[]> => {
      const headers = { authorization: `Token ${token}` };
      const asked = Array.from({ length: 12 }, () => serving.ask(path, { headers }));
      return [...new Set((await Promise.all(asked)).map(({ status }) => status))];
    };
    const me = '/api/v1/core/me/';
    const listed = '/api/v1/accounts/';
    // Both know the token and the rights of its owner's role by now.
    for (const token of [whole, part]) expect(await statuses(token, me)).toEqual([200]);
    const seen = async () => (await serving.ask(listed, { headers: { authorization: `Token ${whole}` } })).body;
    expect(await seen()).toContain('"role":"DomainAdmins"');
    await instance.must(['account', 'update', 'boss', '--disable']);
    for (const token of [whole, part]) expect(await statuses(token, me)).toEqual([401]);
    await instance.must(['account', 'update', 'boss', '--enable', '--role', 'SimpleUsers']);
    expect(await statuses(whole, me)).toEqual([200]);
    expect(JSON.parse(await seen())).toEqual([]);
    const ids = (await instance.must(['token', 'list', 'boss', '--json'])).rows().map(({ id }) => String(id));
    await instance.must(['token', 'revoke', ids[0] ?? '']);
    expect([await statuses(whole, me), await statuses(part, me)]).toEqual([[401], [200]]);
  });
});
