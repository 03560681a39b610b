import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, type Site, serve } from '../http/site.js';
import { done, things } from './things.js';

let site: Site;
const tokens: Record<string, string> = {};
const logged: { extension?: string; err?: unknown }[] = [];
const log = {
  info: () => {},
  debug: () => {},
  warn: () => {},
  error: (fields: { extension?: string; err?: unknown }) => void logged.push(fields),
} as unknown as NonNullable<Parameters<typeof serve>[0]['log']>;

beforeAll(async () => {
  site = await serve({ with: [things], log, deadlines: { page: 3_000, action: 3_000 } });
  for (const username of ['root', 'plain', 'keeper']) tokens[username] = await tokenOf(username);
});
afterAll(() => site?.[Symbol.asyncDispose]());
afterEach(() => {
  done.length = 0;
  logged.length = 0;
});

async function tokenOf(username: string, expiresAt?: Date): Promise<string> {
  const account = await site.host.kernel.accounts.findByUsername(username);
  return site.host.kernel.tokens.create({ accountId: account?.id ?? 0, label: 'test', expiresAt });
}

interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
async function call(path: string, o: Asked = {}) {
  const raw = typeof o.body === 'string' || o.body instanceof Uint8Array ? o.body : JSON.stringify(o.body);
  const answer = await fetch(`http://127.0.0.1:${site.port}${path}`, {
    method: o.method ?? (o.body === undefined ? 'GET' : 'POST'),
    headers: {
      accept: 'application/problem+json, application/json',
      // A kept-alive connection may end just when it is used again.
      connection: 'close',
      ...(o.token === undefined ? {} : { authorization: `Bearer ${tokens[o.token] ?? o.token}` }),
      ...(o.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...o.headers,
    },
    ...(raw === undefined ? {} : { body: raw as string }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown>,
  };
}
const problemIn = (answer: Awaited<ReturnType<typeof call>>) => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ status: answer.status, title: expect.any(String), detail: expect.any(String) });
  return answer.json;
};

describe('who may call', () => {
  it('is asked at every endpoint', async () => {
    const statuses = async (method: string, path: string, body?: object) =>
      Promise.all(
        [undefined, 'plain', 'keeper', 'root'].map(
          async (token) => (await call(path, { method, body, ...(token === undefined ? {} : { token }) })).status,
        ),
      );
    expect(await statuses('GET', '/api/v1/things/open/')).toEqual([200, 200, 200, 200]);
    expect(await statuses('GET', '/api/v1/gadgets/1/')).toEqual([401, 403, 200, 200]);
    expect(await statuses('DELETE', '/api/v1/gadgets/1/')).toEqual([401, 403, 204, 204]);
    expect(await statuses('POST', '/api/v1/gadgets/', { name: 'a' })).toEqual([401, 201, 201, 201]);
    expect(await statuses('GET', '/api/v1/core/me/')).toEqual([401, 200, 200, 200]);
    expect(done).toHaveLength(5);
  });

  it('is told by a token in either spelling, and nobody is signed in by it', async () => {
    for (const scheme of ['Bearer', 'Token', 'bearer']) {
      const answer = await call('/api/v1/core/me/', { headers: { authorization: `${scheme} ${tokens['keeper']}` } });
      expect(answer.json).toMatchObject({ username: 'keeper', role: 'Keepers' });
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    const [rows] = await site.host.kernel.database.execute('select count(*) as n from core_session');
    expect(rows).toEqual({ n: 0 });
  });

  it.each([
    ['no token of ours', () => 'Bearer abc'],
    ['a token with a wrong checksum', () => `Bearer ${tokens['root']?.slice(0, -1)}-`],
    ['a token that was never given', () => 'Bearer pht_0000000000000000000000000000000000000000000000'],
    ['nothing', () => 'Bearer '],
    ['another scheme', () => `Basic ${Buffer.from(`root:${PASSWORD}`).toString('base64')}`],
    ['two tokens', () => `Bearer ${tokens['root']} ${tokens['root']}`],
  ])('is refused with %s, also where everybody may enter', async (_what, authorization) => {
    const answer = await call('/api/v1/things/open/', { headers: { authorization: authorization() } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="posthorn", error="invalid_token"');
    problemIn(answer);
  });

  it('is nobody any more once a token has expired, was ended or its owner is disabled or gone', async () => {
    const { kernel, system } = site.host;
    const me = async (token: string) => (await call('/api/v1/core/me/', { token })).status;
    expect(await me(await tokenOf('plain', new Date(Date.now() - 1)))).toBe(401);
    expect(await me(await tokenOf('plain', new Date(Date.now() + 60_000)))).toBe(200);
    const account = await kernel.accounts.create(system, {
      username: 'gone',
      role: 'Keepers',
      passwordHash: '{PLAIN}x',
    });
    const [one, two] = [await tokenOf('gone'), await tokenOf('gone')];
    expect([await me(one), await me(two)]).toEqual([200, 200]);
    await kernel.tokens.remove((await kernel.tokens.find(one))?.token.id ?? 0);
    expect([await me(one), await me(two)]).toEqual([401, 200]);
    await kernel.accounts.update(system, account, { is_active: false });
    expect(await me(two)).toBe(401);
    await kernel.accounts.update(system, account, { is_active: true });
    expect(await me(two)).toBe(200);
    await kernel.accounts.remove(system, account);
    expect(await me(two)).toBe(401);
  });

  it('is told to wait after fifty wrong tokens; right ones go on', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.77' };
    for (let i = 0; i < 50; i += 1) expect((await call('/api/v1/core/me/', { token: 'x', headers })).status).toBe(401);
    const refused = await call('/api/v1/core/me/', { token: 'x', headers });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800);
    expect((await call('/api/v1/core/me/', { token: 'root', headers })).status).toBe(200);
    const tried = await site.host.kernel.database.execute(
      "select id from core_log where message = 'A wrong token came from 198.51.100.77'",
    );
    expect(tried).toHaveLength(50);
  });

  it('may be a browser with a session, whose page must be ours where something changes', async () => {
    const browser = await site.signedIn('keeper');
    const token = await browser.token('/user/');
    const json = { accept: 'application/problem+json, application/json', 'content-type': 'application/json' };
    const put = (headers: Readonly<Record<string, string>>) =>
      browser.ask('/api/v1/gadgets/1/', { method: 'PUT', form: '{"name":"a"}', headers: { ...json, ...headers } });
    expect((await browser.ask('/api/v1/gadgets/1/', { headers: json })).status).toBe(200);
    expect((await put({})).status).toBe(403);
    expect((await put({ 'x-csrf-token': `${token}x` })).status).toBe(403);
    expect((await put({ 'x-csrf-token': token, origin: 'https://evil.example' })).status).toBe(403);
    expect(done).toEqual([]);
    expect((await put({ 'x-csrf-token': token })).status).toBe(200);
    expect(done).toMatchObject([{ by: 'keeper', door: 'api', gadget: '1' }]);
    // A token speaks for itself, whoever's cookies come along.
    const asRoot = await browser.ask('/api/v1/core/me/', {
      headers: { ...json, authorization: `Token ${tokens['root']}` },
    });
    expect(JSON.parse(asRoot.body)).toMatchObject({ username: 'root' });
  });
});

describe('a call', () => {
  it('is answered as its endpoint declares', async () => {
    const one = await call('/api/v1/gadgets/7/', { token: 'keeper' });
    expect(one.json).toEqual({ id: 7, name: 'a', at: '1970-01-01T00:00:00.000Z' });
    expect([one.headers.get('content-type'), one.headers.get('cache-control')]).toEqual([
      'application/json; charset=utf-8',
      'no-store',
    ]);
    const head = await call('/api/v1/gadgets/7/', { method: 'HEAD', token: 'keeper' });
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', String(one.text.length)]);
    const made = await call('/api/v1/gadgets/', {
      token: 'plain',
      body: { name: 'a', size: 3, at: '2030-01-02T03:04:05Z', parts: [{ name: 'b' }] },
    });
    expect([made.status, made.json]).toEqual([201, { id: 1, name: 'a' }]);
    expect(done).toEqual([{ name: 'a', size: 3, at: new Date('2030-01-02T03:04:05Z'), parts: [{ name: 'b' }] }]);
    const removed = await call('/api/v1/gadgets/7/', { method: 'DELETE', token: 'keeper' });
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect((await call('/api/v1/things/open/', { method: 'POST' })).status).toBe(204);
  });

  it('reads its query strictly, and knows its own id', async () => {
    const answer = await call('/api/v1/things/open/?n=3&tag=a&tag=b', { headers: { 'x-request-id': 'mine-1' } });
    expect(answer.json).toEqual({ n: 3, tags: ['a', 'b'], username: '', request: 'mine-1' });
    for (const [query, path] of [
      ['n=10', 'n'],
      ['n=x', 'n'],
      ['n=1&n=2', 'n'],
      ['other=1', 'other'],
    ]) {
      const refused = await call(`/api/v1/things/open/?${query}`);
      expect([refused.status, problemIn(refused)['errors']]).toMatchObject([400, [{ path }]]);
    }
  });

  it('is refused with every mistake of its body by name', async () => {
    const answer = await call('/api/v1/gadgets/', {
      token: 'plain',
      body: { name: '', size: '3G', nope: 1, parts: [{ name: 'b', more: 1 }] },
    });
    expect(answer.status).toBe(400);
    expect(problemIn(answer)).toMatchObject({ code: 'E_INVALID', title: 'Bad Request', instance: expect.any(String) });
    const paths = (answer.json['errors'] as { path: string }[]).map(({ path }) => path);
    expect(paths.sort()).toEqual(['name', 'nope', 'parts.0', 'size']);
    const taken = await call('/api/v1/gadgets/', { token: 'plain', body: { name: 'taken' } });
    expect([taken.status, taken.json]).toMatchObject([409, { code: 'E_THINGS_TAKEN', errors: [{ path: 'name' }] }]);
    expect(done).toEqual([]);
  });

  it.each([
    [404, 'an address without an endpoint', '/api/v1/things/nothing/', {}],
    [404, 'an address of another extension', '/api/v1/nobody/open/', {}],
    [404, 'a claimed noun below the extension', '/api/v1/things/gadgets/1/', { token: 'root' }],
    [404, 'an address without its slash', '/api/v1/things/open', {}],
    [404, 'an id that cannot be', '/api/v1/gadgets/x/', { token: 'root' }],
    [400, 'an address that cannot be read', '/api/v1/gadgets/%ff/', { token: 'root' }],
    [405, 'a method that is not there', '/api/v1/gadgets/1/', { method: 'PATCH', token: 'root' }],
    [415, 'a form', '/api/v1/gadgets/', { token: 'root', body: 'name=a', headers: { 'content-type': 'text/plain' } }],
    [
      415,
      'another charset',
      '/api/v1/gadgets/',
      { token: 'root', body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } },
    ],
    [413, 'too much', '/api/v1/gadgets/', { token: 'root', body: { name: 'x'.repeat(2_000) } }],
    [400, 'no JSON', '/api/v1/gadgets/', { token: 'root', body: '{"name":' }],
    [400, 'no object', '/api/v1/gadgets/', { token: 'root', body: '["name"]' }],
    [400, 'another encoding', '/api/v1/gadgets/', { token: 'root', body: Buffer.from([0x7b, 0xff, 0x7d]) }],
    [400, 'a name twice', '/api/v1/gadgets/', { token: 'root', body: '{"name":"a","name":"b"}' }],
    [400, '__proto__', '/api/v1/gadgets/', { token: 'root', body: '{"name":"a","__proto__":{"size":1}}' }],
    [400, 'too deep', '/api/v1/gadgets/', { token: 'root', body: `{"name":${'['.repeat(50)}${']'.repeat(50)}}` }],
  ] as const)('is answered %d for %s', async (status, _what, path, o) => {
    const answer = await call(path, o);
    expect(answer.status).toBe(status);
    expect(problemIn(answer)['instance']).toBe(answer.headers.get('x-request-id'));
    if (status === 405) expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PUT');
    expect(done).toEqual([]);
  });

  it('is answered 406 for an answer that we do not give', async () => {
    const answer = await call('/api/v1/things/open/', { headers: { accept: 'text/csv' } });
    expect([answer.status, answer.json]).toEqual([406, { detail: expect.any(String) }]);
  });

  it('says which methods there are', async () => {
    const answer = await call('/api/v1/things/open/', { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
  });
});

describe('an endpoint that does not do what it says', () => {
  it.each(['throws', 'lies', 'chats', 'hangs'])('%s: 500, and its extension is named in the log', async (how) => {
    const answer = await call(`/api/v1/things/broken/${how}/`);
    expect(answer.status).toBe(500);
    expect(problemIn(answer)).toMatchObject({ code: 'E_INTERNAL' });
    expect(answer.text).not.toMatch(/secret/);
    expect(logged).toMatchObject([{ extension: 'things' }]);
    expect(done).toEqual(how === 'hangs' ? ['aborted'] : []);
  });
});

describe('an answer with more than was declared', () => {
  it('is cut where nobody develops', async () => {
    await using other = await serve({ with: [things], isDevelopment: false });
    const at = `http://127.0.0.1:${other.port}/api/v1/things/broken/`;
    const answer = await fetch(`${at}chats/`);
    expect([answer.status, await answer.json()]).toEqual([200, { id: 1, name: 'a', parts: [{ name: 'b' }] }]);
    expect((await fetch(`${at}lies/`)).status).toBe(500);
  });
});

describe('whatever is sent', () => {
  it('is never answered with 500', async () => {
    const word = fc.oneof(fc.constantFrom('name', 'size', 'at', 'parts', '__proto__', 'constructor'), fc.string());
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('2030-01-01', 1e308, -0, '\ud800', '\0'));
    const sent = fc.oneof(
      fc.dictionary(word, value).map((o) => JSON.stringify(o)),
      fc.jsonValue().map((v) => JSON.stringify(v)),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(sent, fc.constantFrom('POST', 'PUT', 'PATCH'), fc.webPath(), async (body, method, path) => {
        const at = method === 'POST' ? '/api/v1/gadgets/' : `/api/v1/gadgets/${encodeURIComponent(path)}/`;
        const answer = await call(at, { method, body, token: 'keeper' });
        expect(answer.status).toBeLessThan(500);
        expect((await call(`/api/v1/things/open/?${encodeURI(body)}`)).status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the document', () => {
  it('is for who is signed in, and lists what he may call', async () => {
    expect((await call('/api/openapi.json')).status).toBe(401);
    const paths = async (token: string) => {
      const { status, json } = await call('/api/openapi.json', { token });
      expect([status, json['openapi']]).toEqual([200, '3.1.0']);
      return json['paths'] as Record<string, Record<string, Record<string, unknown>>>;
    };
    expect(Object.keys(await paths('plain'))).not.toContain('/api/v1/gadgets/{id}/');
    const all = await paths('keeper');
    expect(Object.keys(all)).toContain('/api/v1/core/me/');
    expect(Object.keys(all['/api/v1/gadgets/{id}/'] ?? {}).sort()).toEqual(['delete', 'get', 'put']);
    expect(all['/api/v1/gadgets/']?.['post']).toMatchObject({
      operationId: 'post_api_v1_gadgets',
      tags: ['gadgets'],
      requestBody: {
        content: {
          'application/json': {
            schema: {
              required: ['name'],
              additionalProperties: false,
              properties: { at: { type: 'string', format: 'date-time' }, name: { type: 'string', title: 'Name' } },
            },
          },
        },
      },
      responses: { 201: {}, 400: {}, 401: {}, 409: {} },
    });
    expect(JSON.stringify(all)).not.toContain('posthorn"');
  });
});
