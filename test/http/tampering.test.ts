import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contributed, type Page, pages } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from './browser.js';
import { demo, done } from './demo.js';
import { type Site, serve } from './site.js';

let site: Site;
let keeper: Browser;

beforeAll(async () => {
  site = await serve({ with: [demo] });
});
beforeEach(async () => {
  keeper = await site.signedIn('keeper');
  done.length = 0;
});
afterAll(() => site?.[Symbol.asyncDispose]());

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The text with each character changed in turn, the last one to everything that it could be, and shorter and longer. */
function* changed(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    const old = text[at] ?? '';
    const others = at === text.length - 1 ? [...BASE64URL].filter((c) => c !== old) : [old === 'A' ? 'B' : 'A'];
    for (const other of others) yield text.slice(0, at) + other + text.slice(at + 1);
    if (old.toUpperCase() !== old.toLowerCase()) {
      const turned = old === old.toUpperCase() ? old.toLowerCase() : old.toUpperCase();
      yield text.slice(0, at) + turned + text.slice(at + 1);
    }
  }
  for (let length = 0; length < text.length; length += 1) yield text.slice(0, length);
  yield `${text}A`;
  yield `${text}=`;
}

const send = (token: string, headers: Readonly<Record<string, string>> = {}) =>
  keeper.ask('/demo/kept/', { form: { name: 'x', _token: token }, headers });

describe('a token of a form', () => {
  it('is worth nothing with any character changed, cut off or added', async () => {
    const token = await keeper.token('/demo/kept/');
    for (const bad of changed(token)) expect([bad, (await send(bad)).status]).toEqual([bad, 403]);
    expect(done).toEqual([]);
    expect((await send(token)).status).toBe(303);
  });

  it('ends with its session, and is none of the next one', async () => {
    const token = await keeper.token('/demo/kept/');
    await keeper.ask('/accounts/logout/', { form: { _token: token } });
    expect((await send(token)).status).toBe(403);
    keeper = await site.signedIn('keeper');
    expect((await send(token)).status).toBe(403);
    expect(done).toEqual([]);
  });

  it('of a guest is worth nothing once he has signed in', async () => {
    const guest = site.browser();
    const token = await guest.token('/demo/');
    expect((await guest.signIn('keeper', 'Toto1234')).status).toBe(303);
    const form = { name: 'x', _token: token };
    expect((await guest.ask('/demo/kept/', { form })).status).toBe(403);
  });
});

describe('a cookie of a session', () => {
  it('is worth nothing with any character changed, cut off or added', async () => {
    const good = keeper.cookies.get('posthorn') ?? '';
    for (const bad of changed(good)) {
      const headers = { cookie: `posthorn=${bad}` };
      expect([bad, (await keeper.ask('/demo/mine/', { isBare: true, headers })).status]).toEqual([bad, 303]);
    }
    expect((await keeper.ask('/demo/mine/')).status).toBe(200);
  });

  it('counts once: of two, the first', async () => {
    const good = keeper.cookies.get('posthorn') ?? '';
    const bad = 'A'.repeat(43);
    const ask = (cookie: string) => keeper.ask('/demo/mine/', { isBare: true, headers: { cookie } });
    expect((await ask(`posthorn=${good}; posthorn=${bad}`)).status).toBe(200);
    expect((await ask(`posthorn=${bad}; posthorn=${good}`)).status).toBe(303);
    expect((await ask(`posthorn =${good}`)).status).toBe(200);
    expect((await ask(`POSTHORN=${good}`)).status).toBe(303);
  });
});

describe('a request from elsewhere', () => {
  const own = () => `http://127.0.0.1:${site.port}`;

  it('is judged by all that its browser says of where it comes from', async () => {
    const token = await keeper.token('/demo/kept/');
    const origins = [undefined, 'null', 'https://evil.example', own(), `${own()}.evil.example`, 'file://', 'x', ''];
    const sites = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'nonsense', ''];
    const taken: string[] = [];
    for (const origin of origins) {
      for (const fetchSite of sites) {
        const headers = {
          ...(origin === undefined ? {} : { origin }),
          ...(fetchSite === undefined ? {} : { 'sec-fetch-site': fetchSite }),
        };
        const { status } = await send(token, headers);
        expect([303, 403]).toContain(status);
        if (status === 303) taken.push(`${origin?.replace(own(), 'own')} ${fetchSite}`);
      }
    }
    // No browser leaves both out; what does is no browser, holds no cookies of others and still needs the token.
    expect(taken.sort()).toEqual(
      [
        'own none',
        'own same-origin',
        'own undefined',
        'undefined none',
        'undefined same-origin',
        'undefined undefined',
      ].sort(),
    );
  });
});

/** Bytes as they are, on a connection of their own; everything that comes back until it is closed. */
async function talk(...parts: readonly (string | Buffer | number)[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(site.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = () => resolve(Buffer.concat(chunks).toString('utf8'));
  socket.once('close', end);
  // A server that has refused closes while we are still writing.
  socket.on('error', end);
  for (const part of parts) {
    if (typeof part === 'number') await sleep(part);
    else if (!socket.destroyed) socket.write(part);
  }
  setTimeout(() => socket.destroy(), 3_000).unref();
  return promise;
}
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

describe('the Host of a request', () => {
  const get = (line: string, ...headers: readonly string[]) =>
    talk([line, ...headers, 'Accept: text/html', 'Connection: close', '', ''].join('\r\n'));

  it('never comes into an answer, wherever it stands', async () => {
    const cookie = `Cookie: posthorn=${keeper.cookies.get('posthorn')}`;
    for (const path of ['/', '/demo/', '/demo/mine', '/demo/mine/', '/accounts/login/', '/nowhere/', '/user/']) {
      for (const who of [[], [cookie]]) {
        const answers = [
          await get(`GET ${path} HTTP/1.1`, 'Host: evil.example', ...who),
          await get(`GET ${path} HTTP/1.1`, 'Host: evil.example:99999', ...who),
          await get(`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Host: evil.example', ...who),
          await get(`GET ${path} HTTP/1.1`, 'Host: evil.example/x?y#z', ...who),
          await get(`GET ${path} HTTP/1.1`, 'Host: "><script>evil.example', ...who),
          await get(`GET http://evil.example${path} HTTP/1.1`, 'Host: 127.0.0.1', ...who),
          await get(`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'X-Forwarded-Host: evil.example', ...who),
          await get(`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Forwarded: host=evil.example', ...who),
        ];
        for (const [n, answer] of answers.entries()) {
          expect([path, n, statusOf(answer)]).toEqual([path, n, expect.toSatisfy((s: number) => s >= 200 && s < 500)]);
          expect([path, n, answer.includes('evil.example')]).toEqual([path, n, false]);
        }
      }
    }
  });

  it('has to be there, as HTTP/1.1 wants it', async () => {
    expect(statusOf(await get('GET /demo/ HTTP/1.1'))).toBe(400);
    expect(statusOf(await get('GET /demo/ HTTP/1.0'))).toBe(200);
  });
});

describe('a body', () => {
  const head = (...more: readonly string[]) =>
    [
      'POST /demo/kept/ HTTP/1.1',
      'Host: 127.0.0.1',
      `Cookie: posthorn=${keeper.cookies.get('posthorn')}`,
      'Content-Type: application/x-www-form-urlencoded',
      ...more,
      '',
      '',
    ].join('\r\n');
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

  it('that says it is too large is refused before it is sent', async () => {
    const before = performance.now();
    expect(statusOf(await talk(head('Content-Length: 1000000000')))).toBe(413);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('that does not say so is refused as soon as it is too large', async () => {
    const parts = Array.from({ length: 200 }, () => chunk('a'.repeat(1_000)));
    const answer = await talk(head('Transfer-Encoding: chunked'), ...parts, '0\r\n\r\n');
    expect(statusOf(answer)).toBe(413);
    expect(done).toEqual([]);
  });

  it('that comes slowly holds up nobody', async () => {
    const token = await keeper.token('/demo/kept/');
    const form = `name=slow&_token=${token}`;
    const slow = talk(
      head(`Content-Length: ${form.length}`, 'Connection: close'),
      ...[...form.matchAll(/.{1,8}/g)].flatMap(([part]) => [part, 100]),
    );
    await sleep(200);
    const before = performance.now();
    expect((await keeper.ask('/demo/mine/')).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(500);
    expect(done).toEqual([]);
    expect(statusOf(await slow)).toBe(303);
    expect(done).toHaveLength(1);
  });

  it('that ends too early changes nothing', async () => {
    const socket = connect(site.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`${head('Content-Length: 1000')}name=half&_token=${await keeper.token('/demo/kept/')}`);
    await sleep(100);
    socket.destroy();
    await sleep(100);
    expect(done).toEqual([]);
    expect((await keeper.ask('/demo/mine/')).status).toBe(200);
  });

  it('that two headers measure differently is refused', async () => {
    const smuggled = 'name=x\r\n\r\nGET /demo/ HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const more of [
      ['Content-Length: 6', 'Transfer-Encoding: chunked'],
      ['Content-Length: 6', 'Content-Length: 60'],
      ['Transfer-Encoding: chunked, identity'],
      ['Content-Length: -1'],
      ['Content-Length: 0x6'],
    ]) {
      const answer = await talk(head(...more), smuggled);
      expect([more, statusOf(answer)]).toEqual([more, 400]);
      expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
    }
    expect(done).toEqual([]);
  });

  it.each([
    'name=x&name=x',
    'name=a&__proto__[x]=1&__proto__=1',
    'name=a&constructor.prototype.x=1&constructor=1',
    'name=a&toString=1&hasOwnProperty=1&valueOf=1',
    'name[]=a',
    'name=a&=b',
    '=&=&=',
    `${'a&'.repeat(6_000)}`,
    'name=%00',
    'name=a%ED%A0%80',
  ])('of %s is a mistake of whoever sent it', async (fields) => {
    const token = await keeper.token('/demo/kept/');
    const { status, body } = await keeper.ask('/demo/kept/', { form: `_token=${token}&${fields}` });
    expect([400, 413, 422]).toContain(status);
    expect(body).not.toContain('[object');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(done).toEqual([]);
  });
});

describe('methods', () => {
  it('other than a page has are refused by every page, and nothing is sent back', async () => {
    const found = site.host.kernel.generation.slots.items(pages.id) as readonly Contributed<Page>[];
    const paths = [...new Set(found.map(({ item }) => item.path.replace(/:\w+/g, '1')))];
    expect(paths.length).toBeGreaterThan(15);
    const root = await site.signedIn('root');
    for (const path of paths) {
      for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'SEARCH', 'LINK']) {
        const { status, body, headers } = await root.ask(path, { method, headers: { 'x-echo': 'echoed' } });
        expect([path, method, status]).toEqual([path, method, 405]);
        expect([body.includes('echoed'), String(headers['allow']).includes('OPTIONS')]).toEqual([false, true]);
      }
      const options = await root.ask(path, { method: 'OPTIONS' });
      expect([path, options.status, options.body]).toEqual([path, 204, '']);
      const isRead = String(options.headers['allow']).includes('HEAD');
      const head = await root.ask(path, { method: 'HEAD' });
      expect([path, head.body]).toEqual([path, '']);
      if (isRead && path !== '/demo/file/') expect([path, head.status]).toEqual([path, (await root.ask(path)).status]);
    }
    expect(done).toEqual([]);
  });

  it('that nobody knows are no requests', async () => {
    for (const line of [
      'FOO /demo/ HTTP/1.1',
      'GET /demo/ HTTP/9.9',
      'GET demo HTTP/1.1',
      '\u0000\u0001',
      'GET /a b HTTP/1.1',
    ]) {
      expect([line, statusOf(await talk(`${line}\r\nHost: x\r\n\r\n`))]).toEqual([line, 400]);
    }
    expect(statusOf(await talk('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n'))).not.toBe(200);
  });
});

describe('an address', () => {
  it.each([
    '//demo/',
    '//evil.example/demo/mine',
    '/demo//',
    '/./demo/',
    '/demo/../demo/',
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/assets/host/x/..%2f..%2f..%2fpackage.json',
    '/assets/host/x/../../../../package.json',
    '/assets/..%2fhost/x/posthorn.css',
    '/assets/__proto__/x/posthorn.css',
    '/assets/host/x/constructor',
    '/theme/..%2f..%2fpackage.json',
    '/demo%2F',
    '/demo%00/',
    '/demo\\mine/',
    '/DEMO/',
    '/demo/;a=b',
    '/demo/%',
    '/demo/%zz/',
    '/demo/%ff/',
    `/demo/${'a'.repeat(8_000)}/`,
    `/${'a/'.repeat(4_000)}`,
    '/demo/things/%2e%2e/',
    '/demo/mine/index.html',
    '/demo/mine/?/../',
  ])('%s leads nowhere else', async (path) => {
    const { status, body, headers } = await keeper.ask(path);
    expect(body).not.toMatch(/root:|"workspaces"|at .*\(.*\.js:\d+/);
    const to = headers['location'];
    if (to !== undefined) expect(String(to)).toMatch(/^\/(?!\/)/);
    expect([200, 303, 400, 404]).toContain(status);
    // What is answered is what was written, and no other page.
    if (status === 200) expect(path).toMatch(/^\/demo\/(?:things\/%2e%2e\/$|mine\/\?)/);
  });
});

describe('a place to go to after signing in', () => {
  const PLACES = [
    '//evil.example',
    '/\\evil.example',
    '/\\/evil.example',
    '\\/\\/evil.example',
    'https:evil.example',
    'https:/evil.example',
    'HTTPS://evil.example',
    '/\t/evil.example',
    '/\r\n/evil.example',
    'ht\ntps://evil.example',
    '\u0000//evil.example',
    '/%09/../\\evil.example',
    'javascript:alert(1)',
    'http://127.0.0.1@evil.example/',
    '/..//evil.example',
    '/%2e%2e//evil.example',
    '/\u2028/evil.example',
    '///evil.example',
    '/demo/\r\nSet-Cookie: a=b',
  ];

  it.each(PLACES)('is never %j', async (next) => {
    const query = encodeURIComponent(next);
    for (const who of [site.browser(), keeper]) {
      const { headers, body } = await who.ask(`/accounts/login/?next=${query}&next=${query}`);
      expect(String(headers['location'] ?? '/')).toMatch(/^\/(?![/\\])[^\\]*$/);
      expect(body).not.toMatch(/(?:href|value|action)="[^"]*evil\.example/);
      expect(headers['set-cookie']?.join() ?? '').not.toContain('a=b');
    }
    // A script tells which page it stands on; whoever has to sign in comes back there.
    const part = await site.browser().ask('/demo/mine/', {
      headers: { 'hx-request': 'true', 'hx-current-url': next.replace(/[^\t\x20-\x7e]/g, '') },
    });
    const to = String(part.headers['hx-redirect']);
    const wanted = new URL(to, 'http://own.invalid').searchParams.get('next');
    expect(new URL(wanted ?? '/', 'http://own.invalid').origin).toBe('http://own.invalid');
  });
});
