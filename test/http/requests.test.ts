import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, tokenIn } from './browser.js';
import { demo, done } from './demo.js';
import { PASSWORD, type Site, serve } from './site.js';

let site: Site;
let keeper: Browser;
let token: string;

beforeAll(async () => {
  site = await serve({ with: [demo] });
  keeper = await site.signedIn('keeper');
  token = await keeper.token('/demo/kept/');
});
afterAll(() => site?.[Symbol.asyncDispose]());
beforeEach(() => {
  done.length = 0;
});

const own = () => `http://127.0.0.1:${site.port}`;
const send = (form: Readonly<Record<string, string>> | string, headers: Readonly<Record<string, string>> = {}) =>
  keeper.ask('/demo/kept/', { form, headers });
const text = (html: string) => /<p id="text">([^<]*)/.exec(html)?.[1]?.replaceAll('&quot;', '"');

describe('a request that changes something', () => {
  it.each([
    [403, 'without a token', () => ({}), {}],
    [403, 'with an empty token', () => ({ _token: '' }), {}],
    [403, 'with a token of our shape', () => ({ _token: `${'A'.repeat(16)}.${'A'.repeat(43)}` }), {}],
    [403, 'with a token that was changed', () => ({ _token: `${token.slice(0, -2)}xx` }), {}],
    [403, 'from another site', () => ({ _token: token }), { 'sec-fetch-site': 'cross-site' }],
    [403, 'from a neighbour', () => ({ _token: token }), { 'sec-fetch-site': 'same-site' }],
    [403, 'from a foreign origin', () => ({ _token: token }), { origin: 'https://evil.example' }],
    [403, 'from an origin without a name', () => ({ _token: token }), { origin: 'null' }],
    [403, 'from another port', () => ({ _token: token }), { origin: 'http://127.0.0.1:1' }],
    [403, 'from a foreign page', () => ({ _token: token }), { referer: 'https://evil.example/x' }],
    [
      403,
      'from a foreign origin with our Host claimed by a header nobody trusts',
      () => ({ _token: token }),
      { origin: 'https://evil.example', 'x-forwarded-host': 'mx.example.test' },
    ],
    [303, 'from nowhere, as programs send it', () => ({ _token: token }), {}],
    [303, 'from our own page', () => ({ _token: token }), { 'sec-fetch-site': 'same-origin' }],
    [303, 'from the address bar', () => ({ _token: token }), { 'sec-fetch-site': 'none' }],
  ] as const)('is answered %d %s', async (status, _what, fields, headers) => {
    const answer = await send({ name: 'x', ...fields() }, headers);
    expect(answer.status).toBe(status);
    expect(done).toHaveLength(status === 303 ? 1 : 0);
  });

  it('may name our own origin, or another name of this machine', async () => {
    for (const origin of [own(), own().replace('127.0.0.1', 'localhost')]) {
      expect((await send({ name: 'x', _token: token }, { origin })).status).toBe(303);
    }
  });

  it('is refused with the token of somebody else, of a guest, and as a query', async () => {
    const root = await site.signedIn('root');
    for (const other of [await root.token('/demo/kept/'), await site.browser().token('/demo/')]) {
      expect((await send({ name: 'x', _token: other })).status).toBe(403);
    }
    expect((await keeper.ask(`/demo/kept/?_token=${token}`, { form: { name: 'x' } })).status).toBe(403);
    expect(done).toEqual([]);
  });

  it('may bring its token in a header, for scripts', async () => {
    expect((await send({ name: 'x' }, { 'x-csrf-token': token })).status).toBe(303);
  });

  it('is refused for guests as for others, and their token is bound to their browser', async () => {
    const guest = site.browser();
    expect((await guest.ask('/demo/open/', { form: { n: '1' } })).status).toBe(403);
    const mine = await guest.token('/demo/');
    const elsewhere = await site.browser().token('/demo/');
    expect((await guest.ask('/demo/open/', { form: { n: '1', _token: elsewhere } })).status).toBe(403);
    expect((await site.browser().ask('/demo/open/', { form: { n: '1', _token: mine } })).status).toBe(403);
    expect((await guest.ask('/demo/open/', { form: { n: '1', _token: mine } })).status).toBe(303);
    expect((await guest.ask('/demo/kept/', { form: { name: 'x', _token: mine } })).status).toBe(303);
    expect(done).toEqual(['1']);
  });

  it('is never a GET', async () => {
    const routes = ['/demo/open/', '/user/devices/revoke/', '/user/devices/revoke-all/'];
    for (const path of routes) {
      const answer = await keeper.ask(`${path}?n=1&id=1&_token=${token}`);
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'OPTIONS, POST']);
    }
    await keeper.ask(`/accounts/logout/?_token=${token}`);
    expect((await keeper.ask('/demo/mine/')).status).toBe(200);
  });
});

describe('a form', () => {
  it('is read by its shape', async () => {
    expect((await send(`name=a+%C3%BC&tags=one&tags=two&on=on&_token=${token}`)).status).toBe(303);
    expect(JSON.parse(done[0] ?? '')).toEqual({ name: 'a ü', tags: ['one', 'two'], on: true });
    const next = await keeper.ask('/demo/kept/');
    expect(next.body).toContain('Kept a ü');
    expect((await keeper.ask('/demo/kept/')).body).not.toContain('Kept a ü');
  });

  it('leaves names with a dot to the forms engine', async () => {
    expect((await send({ name: 'x', 'general.name': 'y', _version: '3', _token: token })).status).toBe(303);
  });

  it('comes back with what was typed where it is wrong', async () => {
    const answer = await send({ name: 'far too long a name for this', other: '1', _token: token });
    expect(answer.status).toBe(422);
    expect(text(answer.body)).toContain('typed: far too long a name for this');
    expect(text(answer.body)).toContain('other');
    expect(done).toEqual([]);
  });

  it.each([
    [400, 'a field twice', (t: string) => `name=a&name=b&_token=${t}`],
    [400, 'the token twice', (t: string) => `name=a&_token=${t}&_token=${t}`],
    [400, 'an unfinished escape', (t: string) => `name=%4&_token=${t}`],
    [400, 'an escape that is no UTF-8', (t: string) => `name=%ff&_token=${t}`],
    [422, 'a NUL', (t: string) => `name=a%00b&_token=${t}`],
    [422, 'a name out of a prototype', (t: string) => `name=a&__proto__=x&constructor=y&_token=${t}`],
    [413, 'too much', (t: string) => `name=${'a'.repeat(2_000)}&_token=${t}`],
  ] as const)('is answered %d with %s', async (status, _what, body) => {
    const answer = await send(body(token));
    // Two tokens are no token.
    expect([status, 403]).toContain(answer.status);
    if (_what !== 'the token twice') expect(answer.status).toBe(status);
    expect(done).toEqual([]);
  });

  it('must be sent as one', async () => {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await send(`name=a&_token=${token}`, { 'content-type': type });
      expect(answer.status).toBe(415);
    }
    expect((await send(`name=a&_token=${token}`, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect(done).toEqual([]);
  });
});

describe('a page', () => {
  it('lets in whom it names', async () => {
    const guest = site.browser();
    const plain = await site.signedIn('plain');
    const root = await site.signedIn('root');
    const answers = async (path: string) =>
      Promise.all([guest, plain, keeper, root].map(async (b) => (await b.ask(path)).status));
    expect(await answers('/demo/')).toEqual([200, 200, 200, 200]);
    expect(await answers('/demo/mine/')).toEqual([303, 200, 200, 200]);
    expect(await answers('/demo/kept/')).toEqual([303, 403, 200, 200]);
    expect(await answers('/accounts/login/')).toEqual([200, 303, 303, 303]);
    expect((await plain.ask('/demo/kept/')).body).toContain('may not open this page');
  });

  it('is found by its whole path, a written part before a variable one', async () => {
    expect(text((await keeper.ask('/demo/things/7/')).body)).toBe('thing 7');
    expect(text((await keeper.ask('/demo/things/new/')).body)).toBe('a new one');
    expect(text((await keeper.ask('/demo/things/%C3%BC%20x/')).body)).toBe('thing ü x');
    expect((await keeper.ask('/demo/things/a%2Fb/')).status).toBe(404);
    expect((await keeper.ask('/demo/things/a%00b/')).status).toBe(404);
    expect((await keeper.ask('/demo/things/%ff/')).status).toBe(400);
    expect((await keeper.ask('/demo/things//')).status).toBe(404);
    const moved = await keeper.ask('/demo/things/7?a=1');
    expect([moved.status, moved.headers['location']]).toEqual([303, '/demo/things/7/?a=1']);
    expect((await keeper.ask('//evil.example/demo')).status).toBe(404);
    expect((await keeper.ask('/nowhere/')).status).toBe(404);
  });

  it('reads its query leniently', async () => {
    const read = async (query: string) => JSON.parse(text((await keeper.ask(`/demo/${query}`)).body) ?? '');
    expect(await read('?size=50&tag=a&tag=b&zzz=1')).toMatchObject({ size: 50, tag: ['a', 'b'] });
    expect(await read('?size=many&size=3')).toMatchObject({ size: 20 });
    expect(await read('?size=1000')).toMatchObject({ size: 20 });
  });

  it('never learns the Host that somebody claims', async () => {
    const answer = await keeper.ask('/demo/', { headers: { host: 'evil.example' } });
    expect(answer.body).not.toContain('evil.example');
    expect(JSON.parse(text(answer.body) ?? '').url).toBe('http://127.0.0.1:8000/demo/');
  });

  it('answers HEAD like GET, and other methods with what it takes', async () => {
    const head = await keeper.ask('/demo/mine/', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const answer = await keeper.ask('/demo/kept/', { method });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
    }
    expect((await keeper.ask('/demo/kept/', { method: 'OPTIONS' })).status).toBe(204);
  });

  it('goes out with its headers, and compressed to those who can read that', async () => {
    const answer = await keeper.ask('/demo/', { headers: { 'accept-encoding': 'br, gzip' } });
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-encoding': 'br',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(String(answer.headers['vary'])).toContain('HX-Request');
    expect(String(answer.headers['content-security-policy'])).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
    expect(String(answer.headers['content-security-policy'])).not.toContain('unsafe');
    expect((await keeper.ask('/demo/')).headers['content-encoding']).toBeUndefined();
  });

  it('is a part of a page for a script, which goes to the sign-in page as a whole', async () => {
    const headers = { 'hx-request': 'true', 'hx-current-url': `${own()}/demo/mine/?a=1` };
    const part = await keeper.ask('/demo/mine/', { headers });
    expect(part.body).toContain('<p id="text">mine</p>');
    expect(part.body).not.toContain('<html');
    const out = await site.browser().ask('/demo/mine/', { headers });
    expect(out.headers['hx-redirect']).toBe('/accounts/login/?next=%2Fdemo%2Fmine%2F%3Fa%3D1');
  });

  it('that breaks is named to super administrators, and its words to nobody', async () => {
    const root = await site.signedIn('root');
    for (const path of ['/demo/broken/', '/demo/broken-view/', '/demo/away/']) {
      const quiet = await keeper.ask(path);
      const told = await root.ask(path);
      expect([quiet.status, told.status]).toEqual([500, 500]);
      expect(told.body).toContain('<code>demo</code>');
      expect(quiet.body).not.toContain('demo');
      expect(quiet.body).not.toMatch(/secret_table|nowhere|evil/);
      expect(told.body).not.toMatch(/secret_table|template|evil/);
      expect(quiet.headers['location']).toBeUndefined();
    }
  });

  it('can be a file, with a name that harms nobody', async () => {
    const answer = await keeper.ask('/demo/file/');
    expect(answer.body).toBe('one,two\n');
    expect(answer.headers['content-type']).toBe('text/csv');
    expect(answer.headers['content-disposition']).toBe(
      'attachment; filename="a__.csv"; filename*=UTF-8\'\'a_%C3%BC.csv',
    );
  });

  it('speaks the reader’s language', async () => {
    const answer = await site.browser().ask('/accounts/login/', { headers: { 'accept-language': 'xx, en;q=0.5' } });
    expect(answer.body).toContain('<html lang="en"');
  });

  it('is worth nothing without the password', async () => {
    expect((await site.browser().signIn('root', `${PASSWORD} `)).status).toBe(422);
    expect(tokenIn((await site.browser().ask('/accounts/login/')).body)).not.toBe('');
  });
});
