import {
  announcementSource,
  defineExtension,
  landingPage,
  type Notice,
  noticeSource,
  page,
  redirect,
  view,
} from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demo } from './demo.js';
import { PASSWORD, type Site, serve } from './site.js';

const asked: string[] = [];
let waiting = 3;
let isLate = false;

/** A stranger's notices: some for few, some to be put away, some that fail. */
const bell = defineExtension({
  id: 'bell',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Bell',
  contributes: [
    noticeSource({
      id: 'requests',
      permission: 'demo.keep',
      load: async ({ actor }): Promise<readonly Notice[]> => {
        asked.push(actor.username);
        return [{ id: 'open', level: 'danger', text: '<b>Requests</b> wait', href: '/demo/kept/', counter: waiting }];
      },
    }),
    noticeSource({
      id: 'tips',
      permission: 'signed-in',
      isDismissable: true,
      load: async () => [
        { id: 'first', level: 'info', text: 'A first tip', href: 'https://elsewhere.test/' },
        { id: 'second', level: 'info', text: 'A second tip' },
      ],
    }),
    noticeSource({ id: 'broken', permission: 'signed-in', load: () => Promise.reject(new Error('no')) }),
    noticeSource({
      id: 'late',
      permission: 'signed-in',
      load: () => (isLate ? new Promise(() => {}) : Promise.resolve([])),
    }),
    announcementSource({
      id: 'works',
      load: async () => ({ level: 'warning', text: 'Works <tonight>', items: ['From ten', 'Until eleven'] }),
    }),
    announcementSource({ id: 'broken', load: () => Promise.reject(new Error('no')) }),
    page({ path: '/bell/failing/', permission: 'signed-in', load: async () => view('nowhere', 'Nowhere') }),
    page({ path: '/bell/', permission: 'signed-in', load: async () => redirect('/user/') }),
    landingPage({ label: 'Bell', href: '/bell/', permission: 'signed-in' }),
    landingPage({ label: 'Kept', href: '/demo/kept/', permission: 'demo.keep' }),
  ],
});

let site: Site;
beforeAll(async () => {
  site = await serve({ with: [demo, bell] });
});
afterAll(() => site?.[Symbol.asyncDispose]());
beforeEach(() => {
  asked.length = 0;
  waiting = 3;
});

describe('notices', () => {
  it('stand above the pages of those they are for, with their number, escaped and asked for once', async () => {
    const keeper = await site.signedIn('keeper');
    asked.length = 0;
    isLate = true;
    const { body, status } = await keeper.ask('/user/');
    isLate = false;
    expect(status).toBe(200);
    expect(body).toContain('&lt;b&gt;Requests&lt;/b&gt; wait <span class="ph-badge ph-danger">3</span>');
    expect(body).toContain('href="/demo/kept/"');
    expect(body).not.toContain('elsewhere.test');
    expect(asked).toEqual(['keeper']);
    expect((await (await site.signedIn('plain')).ask('/user/')).body).not.toContain('Requests');
    expect(asked).toEqual(['keeper']);
  });

  it('vanish where nothing is counted, and are asked for once where the page itself fails', async () => {
    waiting = 0;
    const keeper = await site.signedIn('keeper');
    asked.length = 0;
    expect((await keeper.ask('/user/')).body).not.toContain('Requests');
    expect((await keeper.ask('/bell/failing/')).status).toBe(500);
    expect(asked).toEqual(['keeper', 'keeper']);
  });

  it('are put away by one account for itself, without a script', async () => {
    const plain = await site.signedIn('plain');
    expect((await plain.ask('/user/')).body).toContain('A first tip');
    const form = { notice: 'bell.tips.first', next: '/user/?a=b', _token: await plain.token('/user/') };
    const answer = await plain.ask('/user/notices/dismiss/', { form });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/user/?a=b']);
    const { body } = await plain.ask('/user/');
    expect(body).not.toContain('A first tip');
    expect(body).toContain('A second tip');
    expect((await (await site.signedIn('keeper')).ask('/user/')).body).toContain('A first tip');
    const away = await plain.ask('/user/notices/dismiss/', { form: { ...form, next: '//elsewhere.test/' } });
    expect(away.headers['location']).toBe('/');
  });
});

describe('announcements', () => {
  it('stand on the sign-in page as plain text, and one that fails leaves the others', async () => {
    const { body, status } = await site.browser().ask('/accounts/login/');
    expect(status).toBe(200);
    expect(body).toContain('Works &lt;tonight&gt;');
    expect(body).toContain('<ul><li>From ten</li><li>Until eleven</li></ul>');
  });
});

describe('the first page after signing in', () => {
  const choose = async (username: string, landing: string) => {
    const browser = await site.signedIn(username);
    const form = { language: 'en', time_zone: '', theme: 'auto', density: 'comfortable', landing };
    return browser.ask('/user/preferences/', { form: { ...form, _token: await browser.token('/user/preferences/') } });
  };
  const landsOn = async (username: string) => (await site.browser().signIn(username, PASSWORD)).headers['location'];

  it('is chosen among those that one may open', async () => {
    expect((await (await site.signedIn('plain')).ask('/user/preferences/')).body).not.toContain('value="/demo/kept/"');
    expect(await landsOn('plain')).toBe('/user/');
    expect((await choose('plain', '/bell/')).status).toBe(303);
    expect(await landsOn('plain')).toBe('/bell/');
    for (const wrong of ['/demo/kept/', '/elsewhere/', '//elsewhere.test/']) {
      expect((await choose('plain', wrong)).status).toBe(422);
    }
    expect(await landsOn('plain')).toBe('/bell/');
  });

  it('is the usual one again where the permission went', async () => {
    expect((await choose('keeper', '/demo/kept/')).status).toBe(303);
    expect(await landsOn('keeper')).toBe('/demo/kept/');
    const { kernel, system } = site.host;
    const account = await kernel.accounts.findByUsername('keeper');
    if (account === null) throw new Error('keeper is gone');
    await kernel.accounts.update(system, account, { role: 'SimpleUsers' });
    expect(await landsOn('keeper')).toBe('/user/');
  });
});
