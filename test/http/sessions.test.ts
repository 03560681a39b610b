import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenIn } from './browser.js';
import { demo } from './demo.js';
import { PASSWORD, type Site, serve } from './site.js';

let site: Site;
let now = new Date();
const HOUR = 3_600_000;
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};
const rows = () =>
  site.host.kernel.database.execute<{ token_hash: string; ip: string; form_secret: string }>(
    'select token_hash, ip, form_secret from core_session',
  );

beforeAll(async () => {
  site = await serve({ with: [demo], clock: () => now });
});
afterAll(() => site?.[Symbol.asyncDispose]());

describe('a session', () => {
  it('begins at sign-in with a cookie that scripts cannot read, and of which only the hash is stored', async () => {
    const browser = site.browser();
    const answer = await browser.signIn('root', PASSWORD);
    expect(answer.status).toBe(303);
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^posthorn=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const token = browser.cookies.get('posthorn') ?? '';
    const stored = JSON.stringify(await rows());
    expect(stored).not.toContain(token);
    expect((await browser.ask('/demo/mine/')).status).toBe(200);
  });

  it('has a cookie only for https where the request came so', async () => {
    const browser = site.browser({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'mx.example.test' });
    const answer = await browser.signIn('root', PASSWORD);
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^__Host-posthorn=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect((await browser.ask('/demo/mine/')).status).toBe(200);
    // The same token under the other name is nothing.
    const plain = site.browser();
    plain.cookies.set('__Host-posthorn', browser.cookies.get('__Host-posthorn') ?? '');
    expect((await plain.ask('/demo/mine/')).status).toBe(303);
  });

  it('gets an id of its own at sign-in, whatever the browser came with', async () => {
    const browser = site.browser();
    browser.cookies.set('posthorn', 'A'.repeat(43));
    await browser.signIn('root', PASSWORD);
    const first = browser.cookies.get('posthorn');
    expect(first).not.toBe('A'.repeat(43));
    // Signing in again in a planted session ends that one.
    const other = site.browser();
    other.cookies.set('posthorn', first ?? '');
    const token = tokenIn((await other.ask('/user/')).body);
    await other.ask('/accounts/login/', { form: { username: 'plain', password: PASSWORD, _token: token } });
    expect(other.cookies.get('posthorn')).not.toBe(first);
    expect((await browser.ask('/demo/mine/')).status).toBe(303);
  });

  it('lasts twelve hours from the last use, or thirty days if wished', async () => {
    const short = await site.signedIn('root');
    const long = await site.signedIn('root', { rememberme: 'true' });
    later(11 * HOUR);
    expect((await short.ask('/demo/mine/')).status).toBe(200);
    later(11 * HOUR);
    expect((await short.ask('/demo/mine/')).status).toBe(200);
    later(13 * HOUR);
    expect((await short.ask('/demo/mine/')).status).toBe(303);
    later(25 * 24 * HOUR);
    expect((await long.ask('/demo/mine/')).status).toBe(200);
    later(5 * 24 * HOUR);
    expect((await long.ask('/demo/mine/')).status).toBe(303);
    await site.host.kernel.sessions.purge();
    expect(await rows()).toEqual([]);
  });

  it('ends at sign-out, on the server as well', async () => {
    const browser = await site.signedIn('root');
    const cookie = browser.cookies.get('posthorn') ?? '';
    const page = await browser.ask('/accounts/logout/');
    expect(page.status).toBe(200);
    expect((await browser.ask('/demo/mine/')).status).toBe(200);
    expect((await browser.ask('/accounts/logout/', { form: { _token: tokenIn(page.body) } })).status).toBe(303);
    expect(browser.cookies.has('posthorn')).toBe(false);
    browser.cookies.set('posthorn', cookie);
    expect((await browser.ask('/demo/mine/')).status).toBe(303);
  });

  it('is listed and can be ended from another device, but only by its owner', async () => {
    const one = await site.signedIn('keeper');
    const two = await site.signedIn('keeper');
    const stranger = await site.signedIn('plain');
    const page = await one.ask('/user/devices/');
    const ids = [...page.body.matchAll(/name="id" value="(\d+)"/g)].map((m) => m[1] ?? '');
    expect(ids).toHaveLength(2);
    const strangers = tokenIn((await stranger.ask('/user/devices/')).body);
    for (const id of ids) await stranger.ask('/user/devices/revoke/', { form: { id, _token: strangers } });
    expect((await two.ask('/demo/mine/')).status).toBe(200);
    for (const id of ids) await one.ask('/user/devices/revoke/', { form: { id, _token: tokenIn(page.body) } });
    expect((await two.ask('/demo/mine/')).status).toBe(303);
    expect((await one.ask('/demo/mine/')).status).toBe(303);
    expect((await stranger.ask('/demo/mine/')).status).toBe(200);
  });

  it('ends everywhere at once by one button', async () => {
    const one = await site.signedIn('plain');
    const two = await site.signedIn('plain');
    const token = tokenIn((await one.ask('/user/devices/')).body);
    await one.ask('/user/devices/revoke-all/', { form: { _token: token } });
    for (const browser of [one, two]) expect((await browser.ask('/demo/mine/')).status).toBe(303);
  });

  it('ends with a password changed elsewhere, and goes on under another id where it was changed', async () => {
    const account = await site.host.kernel.accounts.create(site.host.system, {
      username: 'changer',
      role: 'SimpleUsers',
      passwordHash: `{PLAIN}${PASSWORD}`,
    });
    const here = await site.signedIn('changer');
    const there = await site.signedIn('changer');
    const before = here.cookies.get('posthorn');
    const token = await here.token('/user/');
    const change = (current: string, password: string) =>
      here.ask('/user/password/', { form: { current, password, confirmation: password, _token: token } });
    expect((await change('wrong', 'Another1234')).status).toBe(422);
    expect((await change(PASSWORD, 'x')).status).toBe(422);
    expect((await there.ask('/demo/mine/')).status).toBe(200);
    expect((await change(PASSWORD, 'Another1234')).status).toBe(303);
    expect(here.cookies.get('posthorn')).not.toBe(before);
    expect((await here.ask('/user/')).body).toContain('Your password was changed');
    expect((await here.ask('/user/')).body).not.toContain('Your password was changed');
    expect((await there.ask('/demo/mine/')).status).toBe(303);
    await site.host.kernel.accounts.update(site.host.system, account, { password: 'Third12345' });
    expect((await here.ask('/demo/mine/')).status).toBe(303);
  });

  it('ends when the account is disabled or deleted, and changes its id with the role', async () => {
    const { accounts } = site.host.kernel;
    const account = await accounts.create(site.host.system, {
      username: 'leaver',
      role: 'SimpleUsers',
      passwordHash: `{PLAIN}${PASSWORD}`,
    });
    const browser = await site.signedIn('leaver');
    const before = browser.cookies.get('posthorn');
    expect((await browser.ask('/demo/kept/')).status).toBe(403);
    await accounts.update(site.host.system, account, { role: 'Keepers' });
    expect((await browser.ask('/demo/kept/')).status).toBe(200);
    expect(browser.cookies.get('posthorn')).not.toBe(before);
    await accounts.update(site.host.system, account, { is_active: false });
    expect((await browser.ask('/demo/mine/')).status).toBe(303);
    await accounts.update(site.host.system, account, { is_active: true });
    expect((await browser.ask('/demo/mine/')).status).toBe(303);
    const again = await site.signedIn('leaver');
    // Whoever disables it: the table alone decides.
    const disabled = (is: boolean) =>
      site.host.kernel.database.execute("update core_user set is_active = ? where username = 'leaver'", [!is]);
    await disabled(true);
    expect((await again.ask('/demo/mine/')).status).toBe(303);
    await disabled(false);
    expect((await again.ask('/demo/mine/')).status).toBe(200);
    await accounts.remove(site.host.system, account);
    expect((await again.ask('/demo/mine/')).status).toBe(303);
  });

  it('is not to be had with a cookie that was tampered with', async () => {
    const browser = await site.signedIn('root');
    const good = browser.cookies.get('posthorn') ?? '';
    const flipped = (good[0] === 'A' ? 'B' : 'A') + good.slice(1);
    for (const bad of [
      '',
      'x',
      flipped,
      `${good}A`,
      good.slice(1),
      `"${good}"`,
      '%00',
      "' or 1=1 --",
      'A'.repeat(4_000),
    ]) {
      browser.cookies.set('posthorn', bad);
      expect((await browser.ask('/demo/mine/')).status, bad).toBe(303);
    }
    browser.cookies.set('posthorn', good);
    expect((await browser.ask('/demo/mine/')).status).toBe(200);
  });

  it('decides where the front page leads', async () => {
    const guest = await site.browser().ask('/');
    expect(guest).toMatchObject({ status: 303, headers: { location: '/accounts/login/' } });
    const plain = await site.signedIn('plain');
    expect((await plain.ask('/')).headers['location']).toBe('/user/');
  });
});
