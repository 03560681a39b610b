import { expect, it } from 'vitest';
import type { Site } from '../http/site.js';

/** Tokens over whatever database the site has. */
export function tokenScenarios(site: () => Site): void {
  const me = async (token: string) =>
    (await fetch(`http://127.0.0.1:${site().port}/api/v1/core/me/`, { headers: { authorization: `Bearer ${token}` } }))
      .status;

  it('are made, used, listed, and end with their time, by themselves or with their owner', async () => {
    const { kernel, system } = site().host;
    const { tokens } = kernel;
    const account = await kernel.accounts.create(system, {
      username: 'anna',
      role: 'Keepers',
      passwordHash: '{PLAIN}x',
    });
    const create = (expiresAt?: Date) => tokens.create({ accountId: account.id, label: 'é', expiresAt });
    const [lasting, short, over] = [
      await create(),
      await create(new Date(Date.now() + 60_000)),
      await create(new Date(1)),
    ];
    expect([await me(lasting), await me(short), await me(over)]).toEqual([200, 200, 401]);
    const rows = await tokens.list(account.id);
    expect(rows).toMatchObject([
      { username: 'anna', label: 'é', prefix: lasting.slice(0, 12), expiresAt: null, usedAt: expect.any(Number) },
      { expiresAt: expect.any(Number) },
      { expiresAt: 1, usedAt: null },
    ]);
    const stored = JSON.stringify(await kernel.database.execute('select * from core_token'));
    expect(stored).not.toContain(lasting.slice(4, 40));
    await me(lasting);
    expect((await tokens.list(account.id))[0]?.usedAt).toBe(rows[0]?.usedAt);
    await tokens.remove(rows[1]?.id ?? 0);
    expect(await me(short)).toBe(401);
    await kernel.accounts.remove(system, account);
    expect(await me(lasting)).toBe(401);
    expect(await tokens.list()).toEqual([]);
  });
}
