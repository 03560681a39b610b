import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, createLog } from '@posthorn/core';
import { action, defineExtension, menuEntry, messages, page, problems, redirect, view } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser, tokenIn } from './browser.js';
import { demo } from './demo.js';
import { type Site, serve } from './site.js';

const t = messages('faulty');
const problem = problems('faulty', {
  E_FAULTY_CONFIGURATION: { kind: 'configuration', message: 'The key is missing.', hint: 'Give it a key.' },
  E_FAULTY_GONE: { kind: 'not-found', message: 'There is no <thing>.' },
  E_FAULTY_AWAY: { kind: 'temporary', message: 'The neighbour does not answer.' },
});
const throwing = (path: string, make: () => Error) =>
  page({
    path,
    permission: 'public',
    load: async () => {
      throw make();
    },
  });

const faulty = defineExtension({
  id: 'faulty',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Faulty',
  views: new URL('./faulty-views/', import.meta.url),
  contributes: [
    menuEntry({ area: 'main', label: t('Faults'), href: '/faulty/', icon: 'bug', permission: 'signed-in' }),
    throwing('/faulty/configuration/', () => problem('E_FAULTY_CONFIGURATION')),
    throwing('/faulty/gone/', () => problem('E_FAULTY_GONE')),
    throwing('/faulty/away/', () => problem('E_FAULTY_AWAY')),
    throwing('/faulty/broken/', () => new Error('secret words')),
    page({ path: '/faulty/', permission: 'public', load: async () => view('show', 'Faults', { text: 'x' }) }),
    action({
      path: '/faulty/tell/',
      permission: 'public',
      run: async ({ notice }) => {
        notice('success', 'It is <done>.');
        return redirect('/faulty/');
      },
    }),
  ],
});

const log = createLog({ level: 'silent', name: 'test', to: 2 });
const logged = vi.spyOn(log, 'error');
let site: Site;
let plain: Browser;
let root: Browser;

beforeAll(async () => {
  site = await serve({ with: [demo, faulty], log });
  const { kernel, system } = site.host;
  plain = await site.signedIn('plain');
  root = await site.signedIn('root');
  const reader = await kernel.accounts.findByUsername('keeper');
  if (reader === null) throw new Error('there is no reader');
  await kernel.accounts.update(system, reader, { language: 'fr' });
});
afterAll(() => site?.[Symbol.asyncDispose]());
beforeEach(() => void logged.mockClear());

const FRAMED = 'class="ph-top"';

describe('an error for somebody who is signed in', () => {
  it('stands in the frame, with the sentence, a way back and the number of the request', async () => {
    const headers = { referer: `http://127.0.0.1:${site.port}/faulty/?a=1`, 'x-request-id': 'a-known-number' };
    const { status, body } = await root.ask('/faulty/gone/', { headers });
    expect(status).toBe(404);
    for (const part of [FRAMED, 'Faults</span>', 'There is no &lt;thing&gt;.', '<code>a-known-number</code>'])
      expect(body).toContain(part);
    expect(body).toContain('href="/faulty/?a=1"');
    expect(tokenIn(body)).not.toBe('');
  });

  it('leads back to no other place', async () => {
    for (const referer of ['https://evil.example/faulty/', 'nonsense', `http://127.0.0.1:${site.port}/faulty/gone/`]) {
      const { body } = await plain.ask('/faulty/gone/', { headers: { referer } });
      expect(body).not.toContain('>Back<');
    }
  });

  it('is the same for addresses and methods that are not there', async () => {
    for (const [path, method, status] of [
      ['/nowhere/', 'GET', 404],
      ['/nowhere', 'POST', 404],
      ['/faulty/', 'DELETE', 405],
      ['/healthz', 'POST', 405],
      ['/faulty/tell/', 'POST', 403],
      ['/demo/kept/', 'GET', 403],
      ['/%ff/', 'GET', 400],
    ] as const) {
      const answer = await plain.ask(path, { method });
      expect([path, answer.status, answer.body.includes(FRAMED)]).toEqual([path, status, true]);
      expect(answer.headers['content-type']).toContain('text/html');
    }
  });

  it('is in the language of the account, whatever the browser asks for', async () => {
    const keeper = await site.signedIn('keeper');
    const headers = { 'accept-language': 'en' };
    for (const [path, method, words] of [
      ['/nowhere/', 'GET', 'Il n’y a rien à cette adresse.'],
      ['/faulty/', 'DELETE', 'Cette adresse n’accepte pas cette méthode.'],
      ['/faulty/tell/', 'POST', 'Ce formulaire est périmé'],
      ['/core/logs/', 'GET', 'il lui faut la permission core.view_logs'],
      ['/faulty/broken/', 'GET', 'Une erreur est survenue'],
    ] as const) {
      const { body } = await keeper.ask(path, { method, headers });
      expect(body).toContain('<html lang="fr"');
      expect(body).toContain(words);
      expect(body).toContain('Aller à la page d’accueil');
    }
  });

  it('tells super administrators which extension failed and where, and nobody else', async () => {
    for (const path of ['/faulty/broken/', '/faulty/configuration/']) {
      const told = await root.ask(path);
      expect(told.body).toMatch(new RegExp(`<code>faulty</code>, <code>GET ${path}</code>`));
      const quiet = (await plain.ask(path)).body.replace(/<aside[\s\S]*<\/aside>/, '');
      expect(quiet).not.toContain('<code>faulty</code>');
      expect(quiet).not.toContain(`GET ${path}`);
      expect(told.body + quiet).not.toContain('secret words');
    }
    expect((await root.ask('/faulty/gone/')).body).not.toContain('<code>faulty</code>');
  });

  it('keeps what was left to be said for the next page', async () => {
    const browser = await site.signedIn('plain');
    await browser.ask('/faulty/tell/', { form: { _token: await browser.token('/faulty/') } });
    expect((await browser.ask('/nowhere/')).body).not.toContain('It is &lt;done&gt;.');
    expect((await browser.ask('/faulty/')).body).toContain('It is &lt;done&gt;.');
  });
});

describe('an error in a part of a page', () => {
  const headers = { 'hx-request': 'true', 'accept-language': 'fr' };

  it('is small, for whom it may concern', async () => {
    for (const browser of [root, plain, site.browser()]) {
      const { status, body } = await browser.ask('/faulty/gone/', { headers });
      expect(status).toBe(404);
      expect(body).toMatch(/^<div class="ph-alert ph-danger" role="alert">/);
      expect(body).toContain('There is no &lt;thing&gt;.');
      expect(body).not.toMatch(/<html|<main|ph-side/);
    }
    const told = await root.ask('/faulty/broken/', { headers });
    expect(told.body).toContain('<code>faulty</code>');
    expect((await plain.ask('/faulty/broken/', { headers })).body).not.toContain('faulty');
  });

  it('is a whole page where a script asked for one', async () => {
    const { body } = await plain.ask('/nowhere/', { headers: { ...headers, 'hx-boosted': 'true' } });
    expect(body).toContain(FRAMED);
  });
});

describe('an error for a guest', () => {
  it('is a bare page in the language of the browser', async () => {
    const answer = await site.browser({ 'accept-language': 'de, fr-CA;q=0.8, en;q=0.5' }).ask('/nowhere/');
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('<html lang="fr" dir="ltr" data-ph-theme="auto">');
    for (const part of ['Page introuvable', 'Il n’y a rien à cette adresse.', 'Aller au contenu', 'theme.js'])
      expect(answer.body).toContain(part);
    expect(answer.body).not.toContain('ph-shell');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await site.browser({ 'accept-language': 'de' }).ask('/nowhere/')).body).toContain('<html lang="en"');
  });

  it('who has tried too often says so in his language', async () => {
    const guest = site.browser({ 'accept-language': 'fr', 'x-forwarded-for': '192.0.2.77' });
    let answer = await guest.signIn('nobody', 'wrong');
    for (let n = 0; n < 100 && answer.status !== 429; n++) answer = await guest.signIn('nobody', 'wrong');
    expect(answer.status).toBe(429);
    expect(answer.body).toMatch(
      /Il y a eu trop de tentatives infructueuses\. Réessayez dans (?:une minute|\d+ minutes)/,
    );
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('an error for a program', () => {
  it('is problem+json in English', async () => {
    const keeper = await site.signedIn('keeper');
    const headers = { accept: 'application/json', 'accept-language': 'fr' };
    for (const [path, wanted] of [
      ['/nowhere/', { title: 'Not Found', detail: 'There is nothing at this address.', code: 'E_HTTP_404' }],
      ['/faulty/configuration/', { title: 'Internal Server Error', hint: 'Give it a key.' }],
      ['/faulty/broken/', { title: 'Something went wrong', code: 'E_INTERNAL' }],
    ] as const) {
      const answer = await keeper.ask(path, { headers });
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({ ...wanted, instance: expect.any(String) });
    }
  });
});

describe('the log', () => {
  it('names the extension of every failure, and is silent about refusals', async () => {
    for (const path of ['/faulty/configuration/', '/faulty/broken/']) await plain.ask(path);
    expect(logged.mock.calls).toMatchObject([
      [{ extension: 'faulty', path: '/faulty/configuration/' }, 'request failed'],
      [{ extension: 'faulty', path: '/faulty/broken/' }, 'request failed'],
    ]);
    logged.mockClear();
    for (const path of ['/faulty/gone/', '/faulty/away/', '/nowhere/', '/core/logs/']) await plain.ask(path);
    expect(logged).not.toHaveBeenCalled();
  });
});

describe('what a page says to a guest', () => {
  it('waits for the next page, once', async () => {
    const guest = site.browser();
    const sent = await guest.ask('/faulty/tell/', { form: { _token: await guest.token('/faulty/') } });
    expect(sent.status).toBe(303);
    const cookie = [sent.headers['set-cookie'] ?? []].flat().find((one) => one.startsWith('posthorn-notices='));
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax$/);
    await guest.ask('/faulty/', { method: 'HEAD' });
    await guest.ask('/faulty/', { headers: { 'hx-request': 'true' } });
    expect((await guest.ask('/faulty/')).body).toContain('It is &lt;done&gt;.');
    expect(guest.cookies.has('posthorn-notices')).toBe(false);
    expect((await guest.ask('/faulty/')).body).not.toContain('It is &lt;done&gt;.');
  });

  it('is not what somebody else has put there', async () => {
    const guest = site.browser();
    const made = Buffer.from(JSON.stringify({ until: 9e15, notices: [{ level: 'info', text: 'Pay here' }] }));
    guest.cookies.set('posthorn-notices', `${made.toString('base64url')}.${'A'.repeat(43)}`);
    const { status, body } = await guest.ask('/faulty/');
    expect(status).toBe(200);
    expect(body).not.toContain('Pay here');
  });

  it('is kept by a browser over https under a name that no neighbour can set', async () => {
    const guest = site.browser({ 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' });
    const sent = await guest.ask('/faulty/tell/', { form: { _token: await guest.token('/faulty/') } });
    expect([sent.headers['set-cookie']].flat().join()).toMatch(/__Host-posthorn-notices=[^;]+; Path=\/; .*Secure/);
  });
});

describe('where nobody can be known', () => {
  it('the bare page is there, for those who were signed in too', async () => {
    await using broken = await serve({ with: [demo], log });
    const browser = await broken.signedIn('root');
    await broken.host.kernel.database.execute('alter table core_session rename to core_session_away');
    const answer = await browser.ask('/demo/', { headers: { 'accept-language': 'fr' } });
    expect(answer.status).toBe(500);
    expect(answer.body).toContain('Erreur interne du serveur');
    expect(answer.body).toContain('<html lang="fr"');
    expect(answer.body).not.toContain('ph-shell');
    const none = await browser.ask('/nowhere/', { headers: { 'accept-language': 'fr' } });
    expect(none.status).toBe(404);
    expect(none.body).toContain('Il n’y a rien à cette adresse.');
  });

  it('a frame that fails takes no error page with it', async () => {
    const torn = defineExtension({
      id: 'torn',
      version: '1.0.0',
      sdk: '^1.0.0',
      title: 'Torn',
      contributes: [
        menuEntry({ area: 'main', label: 'Torn', href: 'javascript:alert(1)', icon: 'bug', permission: 'signed-in' }),
      ],
    });
    await using broken = await serve({ with: [demo, torn], log });
    const answer = await (await broken.signedIn('root')).ask('/nowhere/');
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('There is nothing at this address.');
    expect(answer.body).not.toContain('ph-shell');
    expect(logged.mock.calls.map(([, words]) => words)).toContain('the frame of an error page failed');
  });

  it('and without a kernel it says in every language that the server is starting', async () => {
    const app = createApp({
      kernel: () => undefined,
      status: () => ({ waitingFor: 'the database', trouble: undefined, notices: [] }),
      draining: () => false,
      log,
      version: '1.2.3',
      trustedProxies: [],
    });
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = new Browser((server.address() as AddressInfo).port, { 'accept-language': 'fr' });
    browser.cookies.set('posthorn', 'A'.repeat(43));
    const answer = await browser.ask('/faulty/');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '2']);
    expect(answer.body).toContain('Ce serveur démarre. Réessayez dans un instant.');
    server.close();
  });
});
