import { type Actor, type CommandContext, type PrintableRow, sessions } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, type Bench, bench, populate, refusal } from '../admin/fixture.js';
import { type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
beforeAll(async () => {
  b = await bench();
  await populate(b);
  await addReseller(b);
  site = await startSite(b.host);
});
beforeEach(() => b.sql('delete from core_session'));
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const pkOf = async (username: string): Promise<number> =>
  (await b.host.kernel.accounts.findByUsername(username))?.id ?? 0;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const open = async (username: string, address: string): Promise<number> => {
  const opened = await b.host.kernel.sessions.open({
    accountId: await pkOf(username),
    username,
    role: 'SimpleUsers',
    isRemembered: false,
    address,
    userAgent: FIREFOX,
  });
  return opened.session.id;
};
const left = async (username: string): Promise<readonly number[]> =>
  (await b.host.kernel.sessions.list(await pkOf(username))).map(({ id }) => id).toSorted((a, c) => a - c);
const logged = async (): Promise<string> =>
  String((await b.sql("select message from core_log where logger = 'host.auth' order by id desc limit 1"))[0]?.message);

describe('sessions of another account', () => {
  it('are shown on its page and ended there, one and all', async () => {
    const ids = [await open('user@test.com', '192.0.2.1'), await open('user@test.com', '192.0.2.2')];
    const other = await open('user@test2.com', '192.0.2.3');
    const reader = await site.as('admin@test.com');
    const path = `/admin/accounts/${await pkOf('user@test.com')}/`;
    const { text } = await reader.get(path);
    expect(text).toContain('Firefox, Linux');
    expect(text).toContain('192.0.2.1');
    expect(text).not.toContain('192.0.2.3');
    const one = await reader.post(`${path}sessions/end/`, { session: String(ids[0]) });
    expect([one.status, one.to]).toEqual([303, path]);
    expect(await left('user@test.com')).toEqual([ids[1]]);
    expect(await logged()).toBe('Sessions ended by admin@test.com: 1 of user@test.com');
    // Another account's session is not one of this account.
    await reader.post(`${path}sessions/end/`, { session: String(other) });
    expect(await left('user@test2.com')).toEqual([other]);
    await open('user@test.com', '192.0.2.4');
    await reader.post(`${path}sessions/end/`, {});
    expect(await left('user@test.com')).toEqual([]);
    expect(await logged()).toBe('Sessions ended by admin@test.com: 2 of user@test.com');
    expect((await reader.get(path)).text).toContain('The account is not signed in at the moment.');
  });

  it('are out of reach where the account stands as high or higher, or is not his', async () => {
    const victims = ['admin', 'reseller', 'admin@test2.com', 'user@test2.com'];
    for (const username of victims) await open(username, '192.0.2.9');
    const reader = await site.as('admin@test.com');
    const service = b.context.get(sessions);
    const actor = await b.actor('admin@test.com');
    for (const username of victims) {
      const path = `/admin/accounts/${await pkOf(username)}/`;
      expect((await reader.get(path)).status).toBe(404);
      expect((await reader.post(`${path}sessions/end/`, {})).status).toBe(404);
      expect(await left(username)).toHaveLength(1);
    }
    // The kernel's service itself knows ranks.
    for (const username of ['admin', 'reseller', 'admin@test2.com']) {
      const pk = await pkOf(username);
      expect(await refusal(service.list(actor, pk))).toBe('E_FORBIDDEN_ACCOUNT');
      expect(await refusal(service.end(actor, pk, (await left(username))[0] ?? 0))).toBe('E_FORBIDDEN_ACCOUNT');
      expect(await refusal(service.endAll(actor, pk))).toBe('E_FORBIDDEN_ACCOUNT');
      expect(await left(username)).toHaveLength(1);
    }
    const simple = await b.actor('user@test.com');
    expect(await refusal(service.list(simple, await pkOf('user@test2.com')))).toBe('E_FORBIDDEN');
    expect(await service.list(simple, simple.id ?? 0)).toEqual([]);
    expect(await refusal(service.list(b.system, 999_999))).toBe('E_ACCOUNT_NOT_FOUND');
    const user = await site.as('user@test.com');
    expect((await user.post(`/admin/accounts/${await pkOf('user@test2.com')}/sessions/end/`, {})).status).toBe(403);
  });

  it('of an administrator of the same domain are not shown to the other, and one’s own have their own page', async () => {
    await b.mailboxes.create(b.system, {
      username: 'second@test.com',
      role: 'DomainAdmins',
      passwordHash: '{PLAIN}x',
      mailbox: {},
      domains: ['test.com'],
    });
    await open('second@test.com', '192.0.2.77');
    const reader = await site.as('admin@test.com');
    for (const username of ['second@test.com', 'admin@test.com']) {
      const path = `/admin/accounts/${await pkOf(username)}/`;
      expect((await reader.get(path)).text).not.toContain('Sign out everywhere');
    }
    await reader.post(`/admin/accounts/${await pkOf('second@test.com')}/sessions/end/`, {});
    expect(await left('second@test.com')).toHaveLength(1);
    const root = await site.as('admin');
    expect((await root.get(`/admin/accounts/${await pkOf('second@test.com')}/`)).text).toContain('192.0.2.77');
  });

  it('are listed and ended at the command line, with the same reach', async () => {
    const ids = [await open('user@test.com', '192.0.2.1'), await open('user@test.com', '192.0.2.2')];
    await open('user@test2.com', '192.0.2.3');
    const act = async (actor: Actor, verb: string, input: Record<string, unknown>) => {
      const rows: PrintableRow[] = [];
      const out = { list: async (all: Iterable<PrintableRow>) => void rows.push(...all), note: () => undefined };
      const found = b.host.kernel.commands().find(({ item }) => item.noun === 'session' && item.verb === verb);
      await found?.item.run(input, Object.assign(Object.create(b.context), { actor, out }) as CommandContext);
      return rows;
    };
    const administrator = await b.actor('admin@test.com');
    const rows = await act(administrator, 'list', { username: 'user@test.com' });
    expect(rows.map(({ id }) => Number(id)).toSorted((a, c) => a - c)).toEqual(ids);
    expect(rows[0]).toMatchObject({ device: 'Firefox, Linux', is_remembered: false });
    await act(administrator, 'end', { username: 'user@test.com', id: ids[0] });
    expect(await left('user@test.com')).toEqual([ids[1]]);
    for (const username of ['user@test2.com', 'admin']) {
      expect(await refusal(act(administrator, 'list', { username }))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
      expect(await refusal(act(administrator, 'end', { username }))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    }
    await act(b.system, 'end', { username: 'user@test.com' });
    expect([await left('user@test.com'), (await left('user@test2.com')).length]).toEqual([[], 1]);
  });
});
