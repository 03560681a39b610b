/** A token never does more than its owner may, and no more than its scopes leave. */
import { confine, EndpointRoutes, parseScopes } from '@posthorn/core';
import { type Actor, isProblem, tokenScopes } from '@posthorn/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cast, makeCast, RELATIONS, type Relation } from '../admin/access-cast.js';
import { type Bench, bench } from '../admin/fixture.js';
import { serviceCalls, type Tried } from '../admin/service-calls.js';
import { type Site, startSite } from '../pages/site.js';
import { apiCaller } from './caller.js';

let b: Bench;
let site: Site;
let cast: Cast;
let calls: Readonly<Record<string, Tried>>;
const WHO = ['super', 'reseller', 'domainadmin'] as const;
const ACTIONS = ['domains', 'domainaliases', 'accounts', 'aliases', 'senderaddresses'].flatMap((noun) => [
  `${noun}:read`,
  `${noun}:write`,
]);
/** Domains in the reach of each of the three. */
const RANGES = ['domain=own.test', 'domain=mixed.test'];

beforeAll(async () => {
  b = await bench();
  cast = await makeCast(b);
  calls = serviceCalls(b, cast.people);
  site = await startSite(b.host);
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});

/** Whether it was done; whatever it did is taken back. */
async function isDone(work: () => Promise<unknown>): Promise<boolean> {
  const undo = new Error('undo');
  try {
    await b.context.data.write(async () => {
      await work();
      throw undo;
    });
  } catch (error) {
    if (error === undo) return true;
    if (!isProblem(error)) throw error;
  }
  return false;
}

const parse = (owner: Actor, scopes: readonly string[]) => parseScopes(b.host.context('core'), owner, scopes);

async function tokenWith(username: string, scopes: readonly string[]): Promise<string> {
  const account = await b.host.kernel.accounts.findByUsername(username);
  return b.host.kernel.tokens.create({
    accountId: account?.id ?? 0,
    label: 'test',
    expiresAt: undefined,
    scopes: await parse(await b.actor(username), scopes),
  });
}
const callerWith = async (username: string, scopes: readonly string[]) =>
  apiCaller(site.base, await tokenWith(username, scopes));

describe('whatever the scopes are', () => {
  it('only what the owner may do is done, with the permissions and in the domains that are left', async () => {
    const context = b.host.context('core');
    const done = { confined: 0, owner: 0 };
    const pick = fc.record({
      who: fc.constantFrom(...WHO),
      actions: fc.subarray(ACTIONS, { maxLength: 5 }),
      ranges: fc.subarray(RANGES),
      names: fc.subarray(Object.keys(calls), { minLength: 6, maxLength: 12 }),
      relation: fc.constantFrom(...RELATIONS),
    });
    await fc.assert(
      fc.asyncProperty(pick, async ({ who, actions, ranges, names, relation }) => {
        const owner = await b.actor(cast.people[who]);
        const scopes = await parse(owner, [...actions, ...ranges]);
        fc.pre(scopes !== undefined);
        const used = new Set<string>();
        const made = await confine(context, b.host.kernel.grants, owner, scopes ?? { said: [] });
        // Spied on, to see which permissions carried a call.
        const actor: Actor = {
          ...made,
          can: (permission) => {
            const may = made.can(permission);
            if (may) used.add(permission);
            return may;
          },
        };
        const ids = scopes?.objects?.['admin.domain'];
        const allowed = await namesOf(ids);
        for (const name of names) {
          const { call, isAlone } = calls[name] as Tried;
          if (!SCOPED.test(name)) continue;
          const to = cast.of(who, relation as Relation);
          const isConfinedDone = await isDone(() => call(actor, to));
          const isOwnerDone = await isDone(() => call(owner, to));
          done.confined += Number(isConfinedDone);
          done.owner += Number(isOwnerDone);
          if (isConfinedDone) expect([name, isOwnerDone]).toEqual([name, true]);
          if (isConfinedDone && allowed !== undefined && isAlone !== true) {
            expect([name, to.domain, allowed.has(to.domain)]).toEqual([name, to.domain, true]);
          }
        }
        const left = scopes?.actions === undefined ? undefined : permissionsOf(scopes.actions);
        if (left !== undefined) expect([...used].filter((permission) => !left.has(permission))).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(done.confined).toBeGreaterThan(20);
    expect(done.owner).toBeGreaterThan(done.confined);
  });

  it('nobody gets an account with more rights out of it', async () => {
    const person = { passwordHash: '{PLAIN}x' };
    for (const [scopes, roles] of [
      [['accounts:write'], ['SimpleUsers']],
      [['accounts:write', 'domain=own.test'], ['SimpleUsers']],
      [['domain=own.test'], ['SimpleUsers']],
      [['from=127.0.0.1'], ['SimpleUsers', 'DomainAdmins', 'Resellers', 'SuperAdmins']],
    ] as const) {
      const owner = await b.actor(cast.people.super);
      const parsed = await parse(owner, scopes);
      const actor = await confine(b.host.context('core'), b.host.kernel.grants, owner, parsed ?? { said: [] });
      const made: string[] = [];
      for (const role of ['SimpleUsers', 'DomainAdmins', 'Resellers', 'SuperAdmins']) {
        if (await isDone(() => b.mailboxes.create(actor, { ...person, username: 'new@own.test', role })))
          made.push(role);
      }
      expect([scopes, made]).toEqual([scopes, roles]);
      const isMighty = roles.length > 1;
      for (const username of [cast.people.super, cast.people.domainadmin, cast.people.reseller]) {
        const change = () => b.mailboxes.update(actor, username, { passwordHash: '{PLAIN}y' });
        expect([scopes, username, await isDone(change)]).toEqual([scopes, username, isMighty]);
      }
    }
  });
});

describe('each scope', () => {
  /** Whoever sees mailboxes sees both. */
  const family = (noun: string): string => (noun === 'senderaddresses' ? 'accounts' : noun);

  it('opens the calls of its noun to a super administrator, and no others', async () => {
    const { ids, sender } = cast.of('super', 'own');
    const numbers: Readonly<Record<string, number>> = {
      domains: ids.domain,
      domainaliases: ids.domainalias,
      accounts: ids.account,
      aliases: ids.alias,
      senderaddresses: sender,
    };
    const wrong: string[] = [];
    const routes = new EndpointRoutes(b.host.kernel.generation).all.filter(({ from }) => from === 'admin');
    for (const scope of ACTIONS) {
      const [of = '', verb] = scope.split(':');
      const caller = await callerWith('admin', [scope]);
      for (const { endpoint, path } of routes) {
        const noun = path.split('/')[3] ?? '';
        const { method } = endpoint;
        const search = path.endsWith('/exists/') ? '?email=user@own.test' : method === 'GET' ? '' : '?dry_run=true';
        const at = `${path.replace(':pk', String(numbers[noun]))}${search}`;
        const body = path.endsWith('/bulk/') ? { action: 'disable', filter: {} } : {};
        const { status, json } = await caller.ask(method, at, method === 'GET' ? {} : { body });
        const isSeen = status === 200 && !['[]', '{"exists":false}'].includes(JSON.stringify(json));
        const isOpen = method === 'GET' ? isSeen : ![403, 404].includes(status);
        const isMeant = method === 'GET' ? family(of) === family(noun) : of === noun && verb === 'write';
        if (isOpen !== isMeant) wrong.push(`${scope}: ${method} ${path}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('a token with scopes', () => {
  it('does what they say over HTTP, and sees nothing else', async () => {
    const caller = await callerWith('admin', ['aliases:write', 'domain=own.test']);
    const list = await caller.must<{ address: string }[]>(200, 'GET', 'aliases/');
    expect(list.map(({ address }) => address)).toEqual(['list@own.test']);
    const recipients = ['x@elsewhere.org'];
    const { pk } = await caller.must(201, 'POST', 'aliases/', { address: 'made@own.test', recipients });
    await caller.must(400, 'POST', 'aliases/', { address: 'made@peer.test', recipients });
    await caller.must(204, 'DELETE', `aliases/${pk}/`);
    await caller.must(403, 'POST', 'domains/', { name: 'new.test' });
    expect(await caller.must(200, 'GET', 'accounts/')).toEqual([]);
    const reader = await callerWith('admin', ['accounts:read']);
    const accounts = await reader.must<{ username: string }[]>(200, 'GET', 'accounts/');
    const names = accounts.map(({ username }) => username);
    expect(names).toContain('boss@own.test');
    expect(names).not.toContain('admin');
    await reader.must(403, 'DELETE', `accounts/${cast.of('super', 'own').ids.account}/`);
  });

  it('works from its addresses only, and as often as it may', async () => {
    const elsewhere = await callerWith('admin', ['from=192.0.2.0/24', 'from=2001:db8::/32']);
    expect(await elsewhere.must(403, 'GET', 'domains/')).toEqual(expect.any(String));
    await (await callerWith('admin', ['from=127.0.0.0/8'])).must(200, 'GET', 'domains/');
    const rare = await callerWith('admin', ['rate=2/h']);
    const told = [];
    for (let i = 0; i < 3; i += 1) {
      const { status, headers } = await rare.ask('GET', 'domains/');
      told.push([status, headers.get('ratelimit')?.replace(/t=\d+/, 't'), headers.get('ratelimit-policy')]);
    }
    const policy = '"token";q=2;w=3600';
    expect(told).toEqual([
      [200, '"token";r=1;t', policy],
      [200, '"token";r=0;t', policy],
      [429, '"token";r=0;t', policy],
    ]);
  });

  it('is replaced by another one with the same scopes, and works on for a while', async () => {
    const { tokens } = b.host.kernel;
    const old = await tokenWith('admin', ['aliases:read']);
    const row = (await tokens.find(old))?.token;
    const made = await tokens.rotate(row as never, 60_000);
    expect((await tokens.find(made))?.token.scopes).toEqual(row?.scopes);
    await apiCaller(site.base, old).must(200, 'GET', 'aliases/');
    const ended = await tokens.rotate((await tokens.find(made))?.token as never, -1);
    await apiCaller(site.base, made).must(401, 'GET', 'aliases/');
    await apiCaller(site.base, ended).must(200, 'GET', 'aliases/');
  });

  it.each([
    'nonsense',
    'things:read',
    'from=nowhere',
    'from=10.0.0.0/33',
    'rate=0/m',
    'rate=1',
    'domain=no.test',
    '=',
  ])('is not made with the scope %s', async (scope) => {
    await expect(parse(await b.actor('admin'), [scope])).rejects.toMatchObject({ name: 'Problem' });
  });
});

describe('the page of tokens', () => {
  it('makes one for who knows his password, shows it once, and ends it', async () => {
    const reader = await site.as('boss@own.test');
    const form = { label: 'backup', scope: ['aliases:read'], limits: 'domain=own.test\nrate=100/m', days: '30' };
    expect((await reader.post('/user/tokens/', { ...form, current: 'wrong' })).status).toBe(422);
    expect((await reader.post('/user/tokens/', { ...form, limits: 'nonsense', current: 'Toto1234' })).status).toBe(422);
    const made = await reader.post('/user/tokens/', { ...form, current: 'Toto1234' });
    const token = /pht_\w{46}/.exec(made.text)?.[0] ?? '';
    expect(made.status).toBe(200);
    await apiCaller(site.base, token).must(200, 'GET', 'aliases/');
    await apiCaller(site.base, token).must(403, 'POST', 'aliases/', { address: 'a@own.test', recipients: ['b@c.de'] });
    const shown = await reader.get('/user/tokens/');
    expect(shown.text).toContain(token.slice(0, 12));
    expect(shown.text).not.toContain(token);
    const id = String((await b.host.kernel.tokens.find(token))?.token.id);
    expect((await (await site.as('user@own.test')).post('/user/tokens/revoke/', { id })).status).toBe(404);
    const wrong = await reader.post('/user/tokens/rotate/', { id, current: 'wrong' });
    expect(wrong.status).toBe(422);
    // At the form that was sent, not at the one that makes tokens.
    expect([...wrong.text.matchAll(/<input[^>]* aria-invalid="true"[^>]*>/g)].map(([tag]) => tag)).toEqual([
      expect.stringContaining('id="replacing"'),
    ]);
    const rotated = await reader.post('/user/tokens/rotate/', { id, current: 'Toto1234' });
    const next = /pht_\w{46}/.exec(rotated.text)?.[0] ?? '';
    await apiCaller(site.base, next).must(200, 'GET', 'aliases/');
    expect((await reader.post('/user/tokens/revoke/', { id })).status).toBe(303);
    await apiCaller(site.base, token).must(401, 'GET', 'aliases/');
    const other = { ...form, limits: '', days: '', username: 'user@own.test', current: 'Toto1234' };
    expect((await reader.post('/user/tokens/', other)).status).toBe(403);
    const forOther = await (await site.as('admin')).post('/user/tokens/', other);
    const theirs = /pht_\w{46}/.exec(forOther.text)?.[0] ?? '';
    expect(await apiCaller(site.base, theirs).must(200, 'GET', 'core/me/')).toMatchObject({
      username: 'user@own.test',
    });
  });
});

/** Calls that tokens with scopes are about: those that endpoints make. */
const SCOPED = /^(?:domains|domain-aliases|mailboxes|aliases|sender-addresses)\./;

async function namesOf(ids: readonly number[] | undefined): Promise<ReadonlySet<string> | undefined> {
  if (ids === undefined) return undefined;
  const rows = await b.sql<{ id: number; name: string }>('select id, name from admin_domain');
  return new Set(rows.filter(({ id }) => ids.includes(Number(id))).map(({ name }) => name));
}

function permissionsOf(actions: readonly string[]): ReadonlySet<string> {
  const all = b.host.context('core').items(tokenScopes);
  return new Set(all.filter(({ item }) => actions.includes(item.name)).flatMap(({ item }) => item.permissions));
}
