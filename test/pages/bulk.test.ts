import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, type Bench, bench, empty, populate, refusal } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
let admin: Reader;
let domainAdmin: Reader;
let reseller: Reader;

beforeAll(async () => {
  b = await bench();
  site = await startSite(b.host);
});
beforeEach(async () => {
  await empty(b);
  await populate(b);
  await addReseller(b);
  admin = await site.as('admin');
  domainAdmin = await site.as('admin@test.com');
  reseller = await site.as('reseller');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const DOMAINS = '/admin/domains/';
const IDENTITIES = '/admin/identities/';
const idOf = async (name: string): Promise<string> => String((await b.domains.show(b.system, name)).pk);
const accountId = async (name: string): Promise<string> => `account-${(await b.mailboxes.show(b.system, name)).pk}`;
const aliasId = async (name: string): Promise<string> => `alias-${(await b.aliases.show(b.system, name)).pk}`;
const enabled = async (): Promise<readonly string[]> =>
  (await b.sql('select name from admin_domain where enabled = true order by name')).map((row) => String(row.name));
const active = async (): Promise<readonly string[]> =>
  (await b.sql('select username from core_user where is_active = true order by username')).map((row) =>
    String(row.username),
  );
/** The hidden fields and boxes of a form, as a browser sends them. */
const hidden = (text: string): Record<string, string> => {
  const form = /<form[^>]*data-ph-confirm[\s\S]*?<\/form>/.exec(text)?.[0] ?? '';
  const inputs = form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name ?? '', value ?? '']));
};
const resent = (text: string): Record<string, string> => {
  const { _token, ...rest } = hidden(text);
  return rest;
};

describe('the lists', () => {
  it('have check boxes for whoever may do something with them', async () => {
    const boxes = (text: string): number => text.match(/type="checkbox" name="ids"/g)?.length ?? 0;
    expect(boxes((await admin.get(DOMAINS)).text)).toBe(2);
    expect(boxes((await domainAdmin.get(DOMAINS)).text)).toBe(0);
    expect(boxes((await admin.get(IDENTITIES)).text)).toBe(9);
    expect(boxes((await domainAdmin.get(IDENTITIES)).text)).toBe(5);
  });
});

describe('domains', () => {
  it('are disabled and enabled together, and the list keeps its filter', async () => {
    const ids = [await idOf('test.com'), await idOf('test2.com')];
    const sent = { ids, q: 'test', enabled: '', total: '2' };
    const done = await admin.post(DOMAINS, { ...sent, action: 'disable' });
    expect([done.status, done.to]).toEqual([303, `${DOMAINS}?q=test`]);
    expect((await admin.get(`${DOMAINS}?q=test`)).text).toContain('Disabled: 2.');
    expect(await enabled()).toEqual([]);
    await admin.post(DOMAINS, { ...sent, action: 'enable', ids: [ids[0] ?? ''] });
    expect(await enabled()).toEqual(['test.com']);
  });

  it('are deleted only after their number was typed', async () => {
    const ids = [await idOf('test.com'), await idOf('test2.com')];
    const asked = await admin.post(DOMAINS, { action: 'delete', ids, total: '2' });
    expect(asked.status).toBe(200);
    expect(asked.text).toContain('Delete 2 domains?');
    expect(asked.text).toContain('test.com, test2.com');
    expect(await enabled()).toHaveLength(2);
    const wrong = await admin.post(DOMAINS, { ...resent(asked.text), confirmation: '3' });
    expect([wrong.status, await enabled()]).toEqual([422, ['test.com', 'test2.com']]);
    const done = await admin.post(DOMAINS, { ...resent(wrong.text), confirmation: '2' });
    expect([done.status, done.to, await enabled()]).toEqual([303, DOMAINS, []]);
  });

  it('that match are all meant, unless their number has changed', async () => {
    for (let i = 0; i < 30; i += 1) await b.domains.create(b.system, { name: `d${i}.example` });
    const list = await admin.get(`${DOMAINS}?q=.example`);
    expect(list.text).toContain('All 30 that match');
    const sent = { all: 'true', q: '.example', total: '30' };
    await b.domains.create(b.system, { name: 'late.example' });
    const refused = await admin.post(DOMAINS, { ...sent, action: 'disable' });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('30 rows matched when the list was shown, 31 match now.');
    expect(await enabled()).toHaveLength(33);
    const asked = await admin.post(DOMAINS, { ...sent, total: '31', action: 'delete' });
    expect(asked.text).toContain('and 21 more');
    const done = await admin.post(DOMAINS, { ...resent(asked.text), confirmation: '31' });
    expect([done.status, await enabled()]).toEqual([303, ['test.com', 'test2.com']]);
  });

  it('are not more than a thousand in one request', async () => {
    await b.context.data.write(async () => {
      for (let i = 0; i < 999; i += 1) {
        await b.sql('insert into admin_domain (name, creation, last_modification) values (?, ?, ?)', [
          `m${i}.example`,
          '2026-01-01 00:00:00',
          '2026-01-01 00:00:00',
        ]);
      }
    });
    const asked = await admin.post(DOMAINS, { all: 'true', total: '1001', action: 'disable' });
    expect(asked.text).toContain('Disable 1,001 domains?');
    expect(await enabled()).toHaveLength(1001);
    const done = await admin.post(DOMAINS, { all: 'true', q: '.example', total: '999', action: 'disable' });
    expect([done.status, await enabled()]).toEqual([303, ['test.com', 'test2.com']]);
  });

  it('of others are not reached, and those that fail leave the rest done', async () => {
    await b.domains.create(await b.actor('reseller'), { name: 'mine.test' });
    const ids = [await idOf('test.com'), await idOf('mine.test'), '99999'];
    const answer = await reseller.post(DOMAINS, { action: 'disable', ids });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Disabled: 1.');
    expect(answer.text).toContain('Not done: 2.');
    expect(await enabled()).toEqual(['test.com', 'test2.com']);
    const all = await reseller.post(DOMAINS, { action: 'enable', all: 'true', total: '1' });
    expect([all.status, await enabled()]).toEqual([303, ['mine.test', 'test.com', 'test2.com']]);
  });

  it('are left alone by whoever lacks the permission, by a wrong token and by nonsense', async () => {
    const ids = [await idOf('test.com')];
    for (const action of ['enable', 'disable', 'delete']) {
      expect((await domainAdmin.post(DOMAINS, { action, ids, confirmation: '1' })).status).toBe(403);
    }
    expect((await admin.post(DOMAINS, { action: 'disable', ids, _token: 'x' })).status).toBe(403);
    for (const wrong of [{ action: 'explode', ids }, { action: 'disable', ids: ['1 or 1=1'] }, { action: 'disable' }]) {
      expect((await admin.post(DOMAINS, wrong)).status).toBe(422);
    }
    expect(await enabled()).toEqual(['test.com', 'test2.com']);
  });
});

describe('identities', () => {
  it('are disabled together, but never oneself', async () => {
    const total = '5';
    const answer = await domainAdmin.post(IDENTITIES, { action: 'disable', all: 'true', total });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Disabled: 4.');
    expect(answer.text).toContain('You cannot disable your own account.');
    expect(await active()).toEqual(['admin', 'admin@test.com', 'admin@test2.com', 'reseller', 'user@test2.com']);
    const aliases = await b.sql('select enabled from admin_alias where internal = false');
    expect(aliases.map((row) => Boolean(row.enabled))).toEqual([false, false, false]);
  });

  it('get a quota together; what was not done is given as a file too', async () => {
    const ids = [await accountId('user@test.com'), await aliasId('alias@test.com'), await accountId('reseller')];
    const asked = await admin.post(IDENTITIES, { action: 'quota', ids });
    expect(asked.text).toContain('Set the quota of 3 mailboxes?');
    expect(asked.text).toContain('name="quota"');
    expect((await admin.post(IDENTITIES, { ...resent(asked.text), quota: '-1' })).status).toBe(422);
    const done = await admin.post(IDENTITIES, { ...resent(asked.text), quota: '17' });
    expect(done.text).toContain('Quota set: 1.');
    expect(done.text).toContain('Not done: 2.');
    expect((await b.mailboxes.show(b.system, 'user@test.com')).mailbox).toMatchObject({ quota: 17 });
    expect((await b.mailboxes.show(b.system, 'reseller')).mailbox).toBeNull();
    const failures = JSON.stringify([
      { name: '=alias@test.com', reason: 'It has no mailbox, "really".' },
      { name: 'reseller', reason: 'x' },
    ]);
    const file = await admin.post(`${IDENTITIES}report/`, { failures });
    expect(file.isFile).toBe(true);
    expect(file.text.replace('\ufeff', '')).toBe(
      'Name,Reason\r\n\'=alias@test.com,"It has no mailbox, ""really""."\r\nreseller,x\r\n',
    );
    for (const nonsense of ['{', '{}', '[null]']) {
      expect((await admin.post(`${IDENTITIES}report/`, { failures: nonsense })).status).toBe(200);
    }
    expect(done.text).toContain(`action="${IDENTITIES}report/"`);
    expect((await admin.post(DOMAINS, { action: 'quota', ids: [await idOf('test.com')], quota: '1' })).status).toBe(
      403,
    );
  });

  it('are deleted together, accounts with the aliases that lead to them', async () => {
    const ids = [
      await accountId('user@test.com'),
      await aliasId('alias@test.com'),
      await accountId('user@test2.com'),
      await accountId('admin'),
    ];
    const asked = await domainAdmin.post(IDENTITIES, { action: 'delete', ids });
    expect(asked.text).toContain('Delete 4 accounts and aliases?');
    const done = await domainAdmin.post(IDENTITIES, { ...resent(asked.text), confirmation: '4' });
    expect(done.status).toBe(200);
    expect(done.text).toContain('Deleted: 2.');
    expect(done.text).toContain('Not done: 2.');
    expect(await refusal(b.mailboxes.show(b.system, 'user@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    expect(await active()).toContain('user@test2.com');
    expect(await active()).toContain('admin');
  });
});
