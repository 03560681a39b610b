/** Many rows at once: a job does it, with the rights that whoever asked has while it runs. */
import { createClient } from '@posthorn/client';
import { parseScopes } from '@posthorn/core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { populate } from '../admin/fixture.js';
import type { LimitBench } from '../limits/fixture.js';
import type { Site } from '../pages/site.js';
import { type ApiSite, emptyApi } from './api-site.js';
import { type ApiCaller, apiCaller, type Row, tokenOf } from './caller.js';

interface Begun {
  readonly job: number | null;
  readonly total: number;
  readonly rows?: readonly { readonly pk: number; readonly name: string; readonly refusal: string | null }[];
}

export function bulkScenarios(of: () => ApiSite): void {
  let b: LimitBench;
  let site: Site;
  let root: ApiCaller;
  let boss: ApiCaller;
  beforeAll(() => {
    ({ b, site } = of());
  });
  beforeEach(async () => {
    await emptyApi(b);
    await populate(b);
    root = apiCaller(site.base, await tokenOf(b.host, 'admin'));
    boss = apiCaller(site.base, await tokenOf(b.host, 'admin@test.com'));
  });

  const work = () => b.host.kernel.jobs.runner(['default']).drain();
  const account = async (username: string) => (await b.mailboxes.show(b.system, username)).pk;
  const alias = async (address: string) => (await b.aliases.show(b.system, address)).pk;
  const isActive = async (username: string) => (await b.mailboxes.show(b.system, username)).is_active;
  /** Begins a job and returns its address below `/api/v1/`. */
  async function begin(caller: ApiCaller, noun: string, body: Row): Promise<string> {
    const { status, headers, text, json } = await caller.ask('POST', `${noun}/bulk/`, { body });
    expect([status, text.slice(0, status === 202 ? 0 : 200)]).toEqual([202, '']);
    expect(headers.get('location')).toBe(`/api/v1/jobs/${(json as Begun).job}/`);
    return `jobs/${(json as Begun).job}/`;
  }
  async function tokenWith(username: string, said: readonly string[]) {
    const scopes = await parseScopes(b.host.context('core'), await b.actor(username), said);
    const accountId = await account(username);
    const token = await b.host.kernel.tokens.create({ accountId, label: 'x', expiresAt: undefined, scopes });
    return { caller: apiCaller(site.base, token), id: (await b.host.kernel.tokens.find(token))?.token.id ?? 0 };
  }

  describe('many rows', () => {
    it('by their numbers: a job does what it can, and reports the others', async () => {
      const pks = [await account('user@test.com'), await account('admin@test.com'), 999_999];
      const path = await begin(boss, 'accounts', { action: 'disable', pks });
      expect(await boss.must(200, 'GET', path)).toMatchObject({
        state: 'ready',
        done: 0,
        started_by: 'admin@test.com',
      });
      expect(await work()).toMatchObject([{ outcome: 'done' }]);
      expect([await isActive('user@test.com'), await isActive('admin@test.com')]).toEqual([false, true]);
      expect(await boss.must(200, 'GET', path)).toMatchObject({
        job: 'admin.bulk-change',
        state: 'done',
        done: 3,
        total: 3,
        reported: 2,
        error: null,
        finished: expect.stringMatching(/Z$/),
      });
      const report = await boss.must<Row[]>(200, 'GET', `${path}report/`);
      expect(report.map(({ subject, text }) => [subject, text])).toEqual([
        ['account-999999', expect.stringContaining('no account')],
        ['admin@test.com', 'You cannot disable your own account.'],
      ]);
      const part = await boss.ask('GET', `${path}report/?limit=1`);
      expect(part.json).toEqual(report.slice(0, 1));
      const [, next = ''] = /<([^>]+)>/.exec(part.headers.get('link') ?? '') ?? [];
      expect((await boss.ask('GET', next)).json).toEqual(report.slice(1));
    });

    it('by a filter: those that the list has for it, and nobody else’s', async () => {
      const found = await boss.must<Row[]>(200, 'GET', 'aliases/?search=post');
      const path = await begin(boss, 'aliases', { action: 'disable', filter: { search: 'post' } });
      expect(await boss.must(200, 'GET', path)).toMatchObject({ state: 'ready' });
      await work();
      expect(await boss.must(200, 'GET', path)).toMatchObject({ state: 'done', done: found.length, reported: 0 });
      const left = (await root.must<Row[]>(200, 'GET', 'aliases/')).filter((row) => row['enabled'] === true);
      expect(left.map(({ address }) => address)).toEqual(['alias@test.com', 'forward@test.com']);
      const quota = await begin(root, 'accounts', { action: 'quota', quota: '8M', filter: { domain: 'test.com' } });
      await work();
      expect(await root.must(200, 'GET', quota)).toMatchObject({ state: 'done', total: 2, reported: 0 });
      expect((await b.mailboxes.show(b.system, 'user@test.com')).mailbox?.quota).toBe(8);
    });

    it('are deleted by a filter only by who says how many', async () => {
      const filter = { search: 'test2' };
      const wish = { action: 'delete', filter };
      expect(await root.must(400, 'POST', 'domains/bulk/', wish)).toEqual({ total: ['is required'] });
      expect(await root.must(409, 'POST', 'domains/bulk/', { ...wish, total: 2 })).toEqual(expect.any(String));
      await begin(root, 'domains', { ...wish, total: 1, keepdir: true });
      await work();
      expect((await root.must<Row[]>(200, 'GET', 'domains/')).map(({ name }) => name)).toEqual(['test.com']);
    });

    it('are tried: what would keep each from being done, and nothing is', async () => {
      const pks = [await account('user@test.com'), await account('admin@test.com'), 999_999];
      const { status, headers, json } = await boss.ask('POST', 'accounts/bulk/?dry_run=true', {
        body: { action: 'delete', pks },
      });
      expect([status, headers.get('location')]).toEqual([200, null]);
      expect(json).toEqual({
        job: null,
        total: 3,
        rows: [
          { pk: 999_999, name: '', refusal: expect.any(String) },
          { pk: pks[0], name: 'user@test.com', refusal: null },
          { pk: pks[1], name: 'admin@test.com', refusal: expect.any(String) },
        ],
      });
      const all = await root.must<Begun>(200, 'POST', 'domains/bulk/?dry_run=true', { action: 'delete', filter: {} });
      expect([all.total, all.rows?.map(({ refusal }) => refusal)]).toEqual([2, [null, null]]);
      expect(await b.sql('select id from core_job')).toEqual([]);
      expect(await root.must<Row[]>(200, 'GET', 'accounts/')).toHaveLength(5);
    });

    it('are refused with the field and the reason', async () => {
      const pks = [await account('user@test.com')];
      for (const [body, fields] of [
        [{}, ['action']],
        [{ action: 'explode', pks }, ['action']],
        [{ action: 'enable' }, ['pks']],
        [{ action: 'enable', pks, filter: {} }, ['pks']],
        [{ action: 'enable', pks: [] }, ['pks']],
        [{ action: 'enable', pks: ['1'] }, ['pks.0']],
        [{ action: 'enable', pks: Array.from({ length: 1_001 }, (_, i) => i + 1) }, ['pks']],
        [{ action: 'enable', filter: { nothing: 1 } }, ['filter']],
        [{ action: 'quota', pks }, ['quota']],
        [{ action: 'quota', pks, quota: -1 }, ['quota']],
        [{ action: 'delete', filter: {}, total: -1 }, ['total']],
      ] as const) {
        const said = await root.ask('POST', 'accounts/bulk/', {
          body,
          headers: { accept: 'application/problem+json' },
        });
        const paths = ((said.json as Row)['errors'] as Row[]).map(({ path }) => path);
        expect([JSON.stringify(body).slice(0, 60), said.status, paths]).toEqual([
          JSON.stringify(body).slice(0, 60),
          400,
          fields,
        ]);
      }
      await root.must(400, 'POST', 'domains/bulk/', { action: 'quota', pks, quota: 1 });
      await boss.must(403, 'POST', 'domains/bulk/', { action: 'disable', pks });
      const user = apiCaller(site.base, await tokenOf(b.host, 'user@test.com'));
      await user.must(403, 'POST', 'accounts/bulk/', { action: 'disable', pks });
      await apiCaller(site.base, undefined).must(401, 'POST', 'accounts/bulk/', { action: 'disable', pks });
      expect(await b.sql('select id from core_job')).toEqual([]);
    });

    it('are asked for once by one Idempotency-Key, and by the client', async () => {
      const body = { action: 'disable', pks: [await alias('alias@test.com')] };
      const ask = () => root.ask('POST', 'aliases/bulk/', { body, headers: { 'idempotency-key': 'many-1' } });
      const [first, second] = [await ask(), await ask()];
      expect([second.status, second.json, second.headers.get('location')]).toEqual([
        202,
        first.json,
        first.headers.get('location'),
      ]);
      expect(await b.sql('select id from core_job')).toHaveLength(1);
      const client = createClient({ url: site.base, token: await tokenOf(b.host, 'admin') });
      const { job } = await client.call('POST /domains/bulk/', { body: { action: 'disable', filter: {} } });
      await work();
      expect(await client.call('GET /jobs/{id}/', { params: { id: job ?? 0 } })).toMatchObject({
        state: 'done',
        done: 2,
      });
    });
  });

  describe('jobs', () => {
    const list = async (caller: ApiCaller, query = '') =>
      (await caller.must<Row[]>(200, 'GET', `jobs/${query}`)).map(({ id }) => `jobs/${id}/`);

    it('are there for whoever began them and for who manages jobs, in both orders and in parts', async () => {
      const wish = async (address: string) => ({ action: 'enable', pks: [await alias(address)] });
      const own = await begin(boss, 'aliases', await wish('alias@test.com'));
      const foreign = await begin(root, 'aliases', await wish('forward@test.com'));
      expect(await list(boss)).toEqual([own]);
      expect(await list(root)).toEqual([foreign, own]);
      expect(await list(root, '?sort=id')).toEqual([own, foreign]);
      expect(await list(root, '?state=failed')).toEqual([]);
      const [, next = ''] = /<([^>]+)>/.exec((await root.ask('GET', 'jobs/?limit=1')).headers.get('link') ?? '') ?? [];
      expect(((await root.ask('GET', next)).json as Row[]).map(({ id }) => `jobs/${id}/`)).toEqual([own]);
      for (const [method, rest] of [
        ['GET', ''],
        ['GET', 'report/'],
        ['POST', 'cancel/'],
      ] as const) {
        expect(await boss.must(404, method, `${foreign}${rest}`)).toMatchObject({ code: 'E_JOB_NOT_FOUND' });
      }
      await root.must(404, 'GET', 'jobs/999999/');
    });

    it('are cancelled by whoever began them, once', async () => {
      const path = await begin(boss, 'aliases', { action: 'delete', pks: [await alias('alias@test.com')] });
      expect(await boss.must(200, 'POST', `${path}cancel/`)).toMatchObject({ state: 'failed', error: 'cancelled' });
      expect(await boss.must(409, 'POST', `${path}cancel/`)).toEqual(expect.any(String));
      expect(await work()).toEqual([]);
      await boss.must(200, 'GET', `aliases/${await alias('alias@test.com')}/`);
    });

    it('do no more than the token leaves that began them, and end with it', async () => {
      const { caller, id } = await tokenWith('admin', ['accounts:write', 'domain=test2.com']);
      const pks = [await account('user@test.com'), await account('user@test2.com'), await account('admin')];
      const path = await begin(caller, 'accounts', { action: 'disable', pks });
      await work();
      expect([await isActive('user@test.com'), await isActive('user@test2.com'), await isActive('admin')]).toEqual([
        true,
        false,
        true,
      ]);
      expect(await caller.must(200, 'GET', path)).toMatchObject({ state: 'done', done: 3, reported: 2 });
      // By a filter it means what it sees.
      const all = await begin(caller, 'accounts', { action: 'disable', filter: {} });
      expect(await caller.must(200, 'GET', all)).toMatchObject({ started_by: 'admin' });
      await work();
      expect(await isActive('user@test.com')).toBe(true);
      await caller.must(403, 'POST', 'aliases/bulk/', { action: 'disable', filter: {} });
      const foreign = await begin(root, 'domains', { action: 'enable', filter: {} });
      await caller.must(404, 'GET', foreign);
      expect(await list(caller)).toEqual([all, path]);
      const last = await begin(caller, 'accounts', { action: 'enable', pks });
      await b.host.kernel.tokens.remove(id);
      await work();
      expect(await root.must(200, 'GET', last)).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('gone or disabled'),
      });
      expect(await isActive('user@test2.com')).toBe(false);
    });
  });
}
