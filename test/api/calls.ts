/** What every call can do beside its own work: parts of lists, formats, tags, tries, calls that are done once. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { relayDomains } from '@posthorn/relaydomains/contract';
import { collection, defineExtension, endpoint, field, z } from '@posthorn/sdk';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bench, populate } from '../admin/fixture.js';
import type { Site } from '../pages/site.js';
import { type ApiSite, emptyApi } from './api-site.js';
import { type ApiCaller, apiCaller, type Row, tokenOf } from './caller.js';

/** Rows without end, and a call that goes on for a while. */
export const slow = defineExtension({
  id: 'slow',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Slow',
  contributes: [
    collection({
      path: '/rows/',
      permission: 'signed-in',
      summary: 'Many rows',
      examples: [{ query: { until: '1' } }],
      query: { until: field.integer({ label: 'Until' }), fail: field.integer({ label: 'Fail' }).optional() },
      item: { n: z.int(), text: z.string(), at: z.date(), inside: z.object({ a: z.int() }) },
      keyOf: (row) => String(row.n),
      rows: async function* ({ query, page }) {
        for (let n = Number(page.after ?? 0) + 1; n <= query.until; n += 1) {
          if (n === query.fail) throw new Error('the database is gone');
          yield { n, text: n === 2 ? '=2+3' : `row ${n}`, at: new Date(0), inside: { a: n } };
        }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/toil/',
      permission: 'signed-in',
      summary: 'Takes a while',
      examples: [{ body: { ms: 1 } }],
      body: { ms: field.integer({ label: 'Ms' }) },
      returns: { count: z.int() },
      run: async ({ body }) => {
        await sleep(body.ms);
        return { count: ++count };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/old/',
      permission: 'signed-in',
      summary: 'Was there before',
      examples: [{}],
      returns: { ok: z.boolean() },
      deprecated: { since: '2026-01-01', sunset: '2027-01-01' },
      run: async () => ({ ok: true }),
    }),
  ],
});
let count = 0;

export function callScenarios(of: () => ApiSite): void {
  let b: Bench;
  let site: Site;
  let root: ApiCaller;
  let boss: ApiCaller;
  beforeAll(async () => {
    ({ b, site } = of());
    await emptyApi(b);
    await populate(b);
    root = apiCaller(site.base, await tokenOf(b.host, 'admin'));
    boss = apiCaller(site.base, await tokenOf(b.host, 'admin@test.com'));
  });

  describe('a list', () => {
    it.each([
      'domains',
      'accounts',
      'aliases',
      'senderaddresses',
      'domainaliases',
    ])('of %s comes in parts, each of which says where the next begins', async (noun) => {
      const all = await root.must<Row[]>(200, 'GET', `${noun}/`);
      const found: Row[] = [];
      let path: string | undefined = `/api/v1/${noun}/?limit=2`;
      while (path !== undefined) {
        const answer = await root.ask('GET', path);
        const part = answer.json as Row[];
        expect(part.length).toBeLessThanOrEqual(2);
        found.push(...part);
        path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      expect(found).toEqual(all);
    });

    it('has the fields that are asked for', async () => {
      expect(await root.must(200, 'GET', 'domains/?fields=name,quota')).toEqual([
        { name: 'test.com', quota: 50 },
        { name: 'test2.com', quota: 0 },
      ]);
      const first = (await root.must<Row[]>(200, 'GET', 'domains/'))[0];
      expect(await root.must(200, 'GET', `domains/${first?.['pk']}/?fields=name`)).toEqual({ name: 'test.com' });
      for (const query of [
        'fields=name,nothing',
        'limit=0',
        'limit=1001',
        'cursor=!',
        'limit=1&limit=2',
        'nothing=1',
      ]) {
        await root.must(400, 'GET', `domains/?${query}`);
      }
    });

    it('is CSV or NDJSON for who wants that, whatever its length', async () => {
      const csv = await root.ask('GET', 'slow/rows/?until=3', { headers: { accept: 'text/csv' } });
      expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(csv.text.split('\r\n')).toEqual([
        'n,text,at,inside',
        '1,row 1,1970-01-01T00:00:00.000Z,"{""a"":1}"',
        '2,\'=2+3,1970-01-01T00:00:00.000Z,"{""a"":2}"',
        '3,row 3,1970-01-01T00:00:00.000Z,"{""a"":3}"',
        '',
      ]);
      for (const [accept, length] of [
        ['application/x-ndjson', 20_000],
        ['application/json', 20_000],
        ['application/json', 500],
        ['application/json', 0],
      ] as const) {
        const { text } = await root.ask('GET', `slow/rows/?until=${length}`, { headers: { accept } });
        const rows =
          accept === 'application/json'
            ? JSON.parse(text)
            : text
                .trimEnd()
                .split('\n')
                .map((line) => JSON.parse(line));
        expect([rows.length, rows.at(-1)?.n]).toEqual([length, length === 0 ? undefined : length]);
      }
      const head = await root.ask('HEAD', 'slow/rows/?until=20000');
      expect([head.status, head.text]).toEqual([200, '']);
      await root
        .ask('GET', 'domains/', { headers: { accept: 'text/html' } })
        .then(({ status }) => expect(status).toBe(406));
    });

    it('that fails says so while it can, and is cut off afterwards', async () => {
      await root.must(500, 'GET', 'slow/rows/?until=100&fail=50');
      await expect(root.ask('GET', 'slow/rows/?until=20000&fail=15000')).rejects.toThrow();
    });

    it('costs the same number of statements for one row and for many', async () => {
      const statements = async (path: string) => (await b.count(() => root.must(200, 'GET', path))).length;
      for (const path of [
        'domains/?',
        'aliases/?',
        'domains/?sort=-mailbox_count&',
        'accounts/?',
        'aliases/?sort=-address&',
      ]) {
        await statements(path);
        expect(await statements(path)).toBe(await statements(`${path}limit=1`));
      }
    });
  });

  describe('an ETag', () => {
    it('spares an answer, and keeps a change from undoing another', async () => {
      const { pk } = await root.must(201, 'POST', 'domains/', { name: 'tagged.test', quota: 0 });
      const path = `domains/${pk}/`;
      const tag = (await root.ask('GET', path)).headers.get('etag') ?? '';
      expect(tag).toMatch(/^"[\w-]{22}"$/);
      const again = await root.ask('GET', path, { headers: { 'if-none-match': tag } });
      expect([again.status, again.text]).toEqual([304, '']);
      const patch = (etag: string, body: unknown) => root.ask('PATCH', path, { body, headers: { 'if-match': etag } });
      expect((await patch(tag, { enabled: false })).status).toBe(200);
      const late = await patch(tag, { enabled: true });
      expect([late.status, late.json, late.headers.get('etag') === tag]).toEqual([
        412,
        { detail: expect.any(String) },
        false,
      ]);
      const now = late.headers.get('etag') ?? '';
      const both = await Promise.all([patch(now, { quota: 5 }), patch(now, { quota: 6 })]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
      expect((await patch('*', { enabled: true })).status).toBe(200);
      expect((await root.ask('DELETE', path, { headers: { 'if-match': tag } })).status).toBe(412);
      expect((await root.ask('DELETE', path, { headers: { 'if-match': '*' } })).status).toBe(204);
      expect((await patch('*', { enabled: true })).status).toBe(404);
    });
  });

  describe('an Idempotency-Key', () => {
    const post = (key: string, body: unknown, caller = root, path = 'domains/') =>
      caller.ask('POST', path, { body, headers: { 'idempotency-key': key } });

    it('has a call done once, however often it is sent', async () => {
      const first = await post('a-1', { name: 'once.test' });
      const second = await post('a-1', { name: 'once.test' });
      expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
      expect(second.json).toEqual(first.json);
      expect((await post('a-1', { name: 'other.test' })).status).toBe(422);
      // Somebody else's key is another one.
      expect((await post('a-1', { name: 'once.test' }, boss)).status).toBe(403);
      expect((await post('x'.repeat(256), { name: 'y.test' })).status).toBe(400);
    });

    it('gives no answer to a token with less rights, and keeps nothing to try passwords on', async () => {
      const body = { username: 'kept@test.com', role: 'SimpleUsers', password: 'Unheard-of-7' };
      const { id } = (await b.host.kernel.accounts.findByUsername('admin')) ?? { id: 0 };
      const { pk } = await b.domains.show(b.system, 'test2.com');
      const scopes = { said: ['domain=test2.com'], objects: { 'admin.domain': [pk] } };
      const made = await b.host.kernel.tokens.create({ accountId: id, label: 'less', expiresAt: undefined, scopes });
      expect((await post('c-1', body, root, 'accounts/')).status).toBe(201);
      const again = await post('c-1', body, apiCaller(site.base, made), 'accounts/');
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([400, null]);
      const sent = ['/api/v1/accounts/', '', body];
      const rows = await b.sql('select * from core_idempotency');
      expect(JSON.stringify(rows)).not.toContain('Unheard-of-7');
      expect(JSON.stringify(rows)).not.toContain(createHash('sha256').update(JSON.stringify(sent)).digest('base64url'));
    });

    it('is told where the call is at work, and free again where it was refused', async () => {
      const before = count;
      const [one, two] = await Promise.all([
        post('slow-1', { ms: 300 }, root, 'slow/toil/'),
        sleep(100).then(() => post('slow-1', { ms: 300 }, root, 'slow/toil/')),
      ]);
      expect([one.status, two.status, count - before]).toEqual([200, 409, 1]);
      expect((await post('b-1', { name: 'once.test' })).status).toBe(400);
      await root.must(204, 'DELETE', `domains/${(await b.domains.show(b.system, 'once.test')).pk}/`);
      expect((await post('b-1', { name: 'once.test' })).status).toBe(201);
    });
  });

  describe('a try', () => {
    it('answers as the call would, and leaves nothing behind', async () => {
      const rows = async () =>
        Promise.all(
          ['admin_domain', 'admin_mailbox', 'core_user', 'core_audit', 'core_outbox', 'admin_trash'].map(
            async (table) => (await b.sql(`select count(*) as n from ${table}`))[0],
          ),
        );
      // Events of what came before are put away meanwhile.
      await vi.waitFor(async () => expect(await b.sql('select id from core_outbox')).toEqual([]), { timeout: 20_000 });
      const before = await rows();
      const person = { username: 'tried@test.com', password: 'Toto1234' };
      expect(await root.must(201, 'POST', 'accounts/?dry_run=true', person)).toMatchObject({
        username: 'tried@test.com',
      });
      await root.must(400, 'POST', 'accounts/?dry_run=true', { username: 'tried@test.com', password: 'x' });
      const { pk } = await b.domains.show(b.system, 'test.com');
      await root.must(204, 'DELETE', `domains/${pk}/?dry_run=true`);
      expect(await root.must(200, 'PATCH', `domains/${pk}/?dry_run=yes`, { enabled: false })).toMatchObject({
        enabled: false,
      });
      expect(await rows()).toEqual(before);
      await root.must(400, 'POST', 'slow/toil/?dry_run=true', { ms: 1 });
    });
  });

  describe('what is going away', () => {
    it('says since when, and until when', async () => {
      const { headers } = await root.ask('GET', 'slow/old/');
      expect([headers.get('deprecation'), headers.get('sunset')]).toEqual([
        '@1767225600',
        'Fri, 01 Jan 2027 00:00:00 GMT',
      ]);
      const document = await root.must<Row>(200, 'GET', '/api/openapi.json');
      expect(JSON.stringify(document['paths'])).toContain('"deprecated":true');
    });
  });

  describe('a list in another order', () => {
    beforeAll(async () => {
      const relay = b.context.get(relayDomains);
      for (const name of ['r2.com', 'r1.com']) await relay.create(b.system, { name, target_host: 'mx.elsewhere.org' });
      for (const name of ['b.com', 'a.com']) await b.domainAliases.create(b.system, { name, target: 'test.com' });
      for (const address of ['y@x.org', 'x@x.org']) {
        await b.senders.create(b.system, { address, mailbox: 'user@test.com' });
      }
    });

    it.each([
      ['domains', ['name', 'pk', 'quota', 'mailbox_count', 'mbalias_count']],
      ['accounts', ['username', 'pk']],
      ['aliases', ['address', 'pk']],
      ['senderaddresses', ['pk', 'address']],
      ['domainaliases', ['name', 'pk']],
      ['relaydomains', ['name', 'pk']],
    ])('of %s is sorted by what it has, in parts as well', async (noun, sorts) => {
      const all = await root.must<Row[]>(200, 'GET', `${noun}/`);
      expect(all.length).toBeGreaterThan(1);
      for (const sort of sorts) {
        const rising = all.toSorted((x, y) => compare(x[sort], y[sort]) || compare(x['pk'], y['pk']));
        for (const [name, wanted] of [
          [sort, rising],
          [`-${sort}`, rising.toReversed()],
        ] as const) {
          const found: unknown[] = [];
          let path: string | undefined = `/api/v1/${noun}/?sort=${name}&limit=1`;
          while (path !== undefined) {
            const answer = await root.ask('GET', path);
            found.push(...(answer.json as Row[]));
            path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
          }
          expect([name, found]).toEqual([name, wanted]);
          expect(await root.must(200, 'GET', `${noun}/?sort=${name}`)).toEqual(wanted);
        }
      }
      const said = await root.must<Row>(400, 'GET', `${noun}/?sort=nothing`);
      expect(said).toEqual({ sort: [expect.stringContaining(sorts.join(', ').replaceAll(/(\w+)/g, '$1, -$1'))] });
      const { headers } = await root.ask('GET', `${noun}/?sort=-pk&limit=1`);
      const [, cursor = ''] = /cursor=([\w-]+)/.exec(headers.get('link') ?? '') ?? [];
      // Whoever writes places himself gets some rows or none, whatever the database thinks of them.
      for (const key of ['[1,9007199254740991]', '[1,"\\u0000"]', '[1,-0.5]', '{}', '[']) {
        for (const sort of sorts) {
          const made = Buffer.from(`${sort} ${key}`).toString('base64url');
          await root.must(200, 'GET', `${noun}/?sort=${sort}&limit=1&cursor=${made}`);
        }
      }
      for (const other of ['', '&sort=pk', `&sort=${sorts[0]}`]) {
        expect(await root.must(400, 'GET', `${noun}/?limit=1&cursor=${cursor}${other}`)).toEqual({
          cursor: [expect.any(String)],
        });
      }
    });
  });
}

/** As databases compare: by the bytes. */
const compare = (x: unknown, y: unknown): number => ((x as never) < (y as never) ? -1 : Number(x !== y));
