/** What clients of the reference rely on of limits and relay domains: its own scenarios, over real HTTP. */
import { parseScopes } from '@posthorn/core';
import { relayDomains } from '@posthorn/relaydomains/contract';
import { routes, transports } from '@posthorn/transport/contract';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, HASH } from '../admin/fixture.js';
import { type LimitBench, start } from '../limits/fixture.js';
import type { Site } from '../pages/site.js';
import { type ApiSite, emptyApi } from './api-site.js';
import { type ApiCaller, apiCaller, type Row, tokenOf } from './caller.js';

export function limitAndRelayScenarios(of: () => ApiSite): void {
  let b: LimitBench;
  let site: Site;
  let root: ApiCaller;
  let reseller: ApiCaller;
  let boss: ApiCaller;

  const as = async (username: string): Promise<ApiCaller> => apiCaller(site.base, await tokenOf(b.host, username));
  const account = async (username: string) => (await b.mailboxes.show(b.system, username)).pk;
  const domain = async (name: string) => (await b.domains.show(b.system, name)).pk;
  const PASSWORD = 'Toto1234';
  const said = [expect.stringContaining('limit reached')];

  beforeAll(() => {
    ({ b, site } = of());
  });
  beforeEach(async () => {
    await emptyApi(b);
    await start(b, 2);
    await addReseller(b);
    root = await as('admin');
    reseller = await as('reseller');
    boss = await as('admin@test.com');
  });

  /** Made over HTTP one after the other; the status of each. */
  async function each(caller: ApiCaller, path: string, bodies: readonly Row[]): Promise<readonly number[]> {
    const statuses: number[] = [];
    for (const body of bodies) statuses.push((await caller.ask('POST', path, { body })).status);
    return statuses;
  }
  const numbered = (make: (n: number) => Row): readonly Row[] => [1, 2].map((n) => make(n));
  const user = (n: number, name = 'test.com'): Row => ({
    username: `new${n}@${name}`,
    role: 'SimpleUsers',
    password: PASSWORD,
  });
  const alias = (n: number): Row => ({ address: `alias${n}@test.com`, recipients: ['x@elsewhere.org'] });

  describe('APIAdminLimitsTestCase', () => {
    it('test_domadmins_limit: a third is refused, new or promoted', async () => {
      const admin = (n: number): Row => ({ username: `boss${n}`, role: 'DomainAdmins', password: PASSWORD });
      expect(await each(reseller, 'accounts/', numbered(admin))).toEqual([201, 201]);
      expect(await reseller.must(400, 'POST', 'accounts/', admin(3))).toEqual({ role: said });
      await b.domains.create(await b.actor('reseller'), { name: 'own.com' });
      const { pk } = await reseller.must(201, 'POST', 'accounts/', user(1, 'own.com'));
      expect(await reseller.must(400, 'PUT', `accounts/${pk}/`, { role: 'DomainAdmins' })).toEqual({ role: said });
    });

    it('test_domains_limit: a third is refused in words, and one without limit', async () => {
      await b.limit({ deflt_user_quota_limit: 1000 });
      const make = (n: number): Row => ({ name: `d${n}.com`, quota: 10, default_mailbox_quota: 5 });
      expect(await reseller.must(400, 'POST', 'domains/', { ...make(1), quota: 0 })).toEqual({
        quota: [expect.stringContaining('unlimited')],
      });
      expect(await reseller.must(403, 'POST', 'domains/', { ...make(1), quota: 1001 })).toBe('Quota: limit reached');
      expect(await each(reseller, 'domains/', numbered(make))).toEqual([201, 201]);
      expect(await reseller.must(403, 'POST', 'domains/', make(3))).toBe('Domains: limit reached');
      await reseller.must(204, 'DELETE', `domains/${await domain('d1.com')}/`);
      await reseller.must(201, 'POST', 'domains/', make(3));
    });

    it('test_domain_aliases_limit', async () => {
      const { pk: target } = await b.domains.create(await b.actor('reseller'), { name: 'own.com' });
      const make = (n: number): Row => ({ name: `a${n}.com`, target });
      expect(await each(reseller, 'domainaliases/', numbered(make))).toEqual([201, 201]);
      expect(await reseller.must(400, 'POST', 'domainaliases/', make(3))).toEqual({ domain: said });
    });

    it('test_mailboxes_limit', async () => {
      expect(await each(boss, 'accounts/', numbered(user))).toEqual([201, 201]);
      expect(await boss.must(400, 'POST', 'accounts/', user(3))).toEqual({ domain: said });
    });

    it('test_aliases_limit', async () => {
      expect(await each(boss, 'aliases/', numbered(alias))).toEqual([201, 201]);
      expect(await boss.must(400, 'POST', 'aliases/', alias(3))).toEqual({ address: said });
    });
  });

  describe('APIDomainLimitsTestCase', () => {
    it('test_mailboxes_limit, test_domain_aliases_limit, test_mailbox_aliases_limit: for super administrators as well', async () => {
      const target = await domain('test.com');
      const full = { mailboxes: 2, domain_aliases: 0, mailbox_aliases: 3 };
      await b.limit({
        enable_domain_limits: true,
        ...Object.fromEntries(Object.entries(full).map(([name, max]) => [`deflt_domain_${name}_limit`, max])),
      });
      expect(await root.must(400, 'POST', 'accounts/', user(1))).toEqual({ domain: said });
      expect(await root.must(400, 'POST', 'domainaliases/', { name: 'a.com', target })).toEqual({ domain: said });
      expect(await root.must(400, 'POST', 'aliases/', alias(1))).toEqual({ address: said });
      await b.limits.setOfDomain(b.system, 'test.com', { mailboxes: 3, domain_aliases: 1, mailbox_aliases: 4 });
      await root.must(201, 'POST', 'accounts/', user(1));
      await root.must(201, 'POST', 'domainaliases/', { name: 'a.com', target });
      const { pk } = await root.must(201, 'POST', 'aliases/', { ...alias(1), address: 'alias1@test.com' });
      await b.limits.setOfDomain(b.system, 'test2.com', { mailbox_aliases: 0 });
      expect(await root.must(400, 'PATCH', `aliases/${pk}/`, { address: 'alias1@test2.com' })).toEqual({
        address: said,
      });
    });
  });

  describe('ResourcesAPITestCase', () => {
    const resources = async (username: string) => `resources/${await account(username)}/`;
    const TWO = { domains: 2, domain_aliases: 2, mailboxes: 2, mailbox_aliases: 2, domain_admins: 2, quota: 0 };

    it('test_get_admin_resources: of others, as far as one reaches', async () => {
      expect(await root.must(200, 'GET', await resources('reseller'))).toEqual(TWO);
      await reseller.must(404, 'GET', await resources('reseller'));
      await boss.must(404, 'GET', await resources('reseller'));
      await boss.must(404, 'GET', await resources('admin@test.com'));
      expect(await boss.must(200, 'GET', await resources('user@test.com'))).toMatchObject({ mailboxes: 0 });
      await root.must(404, 'GET', 'resources/999999/');
      const unlimited = { domains: -1, domain_aliases: -1, mailboxes: -1, mailbox_aliases: -1, domain_admins: -1 };
      expect(await root.must(200, 'GET', await resources('admin'))).toEqual({ ...unlimited, quota: 0 });
    });

    it('test_update_resources: by a super administrator, then out of what a reseller has', async () => {
      const own = await resources('reseller');
      const shown = await root.must(200, 'GET', own);
      const more = { ...shown, mailboxes: 10, mailbox_aliases: 10 };
      expect(await root.must(200, 'PUT', own, more)).toEqual(more);
      await reseller.must(404, 'PUT', own, more);
      await boss.must(403, 'PUT', await resources('user@test.com'), { mailboxes: 1 });

      const by = await b.actor('reseller');
      await b.mailboxes.create(by, { username: 'theirs', role: 'DomainAdmins', passwordHash: HASH });
      const path = await resources('theirs');
      const none = { domains: 0, domain_aliases: 0, mailboxes: 0, mailbox_aliases: 0, domain_admins: 0, quota: 0 };
      expect(await reseller.must(200, 'GET', path)).toEqual(none);
      expect(await reseller.must(200, 'PUT', path, { ...none, mailboxes: 4 })).toEqual({ ...none, mailboxes: 4 });
      expect(await b.has('reseller', 'mailboxes', 'mailbox_aliases')).toBe('0/6 0/10');
      expect(await reseller.must(424, 'PUT', path, { mailboxes: 11 })).toBe('Not enough resources');
      expect(await reseller.must(200, 'PATCH', path, { mailboxes: 10 })).toMatchObject({ mailboxes: 10 });
      expect(await reseller.must(200, 'PATCH', path, { mailboxes: 1 })).toMatchObject({ mailboxes: 1 });
      expect(await b.has('reseller', 'mailboxes', 'mailbox_aliases')).toBe('0/9 0/10');
      expect(await reseller.must(400, 'PUT', path, { mailboxes: -1 })).toEqual({ mailboxes: [expect.any(String)] });
      expect(await reseller.must(400, 'PUT', path, { domains: 1 })).toEqual({ domains: [expect.any(String)] });
      for (const wrong of [{ mailboxes: -2 }, { quota: -1 }, { mailboxes: '3' }, { mailboxes: 1.5 }, { nonsense: 1 }]) {
        expect(Object.keys(await root.must<Row>(400, 'PUT', path, wrong))).toEqual(Object.keys(wrong));
      }
      expect(await b.has('theirs', 'mailboxes', 'mailbox_aliases')).toBe('0/1 0/0');
    });

    it('what is sent back as it was ends no plan, and a try keeps nothing', async () => {
      await b.plans.create(b.system, { name: 'Basic', limits: { mailboxes: 7 } });
      await b.plans.give(b.system, 'Basic', { account: 'reseller' });
      const path = await resources('reseller');
      await root.must(200, 'PUT', path, await root.must(200, 'GET', path));
      expect(await root.must(200, 'PUT', `${path}?dry_run=true`, { mailboxes: 9 })).toMatchObject({ mailboxes: 9 });
      expect((await b.limits.ofAccount(b.system, 'reseller')).plan).toBe('Basic');
      expect(await b.has('reseller', 'mailboxes')).toBe('0/7');
      await root.must(200, 'PUT', path, { mailboxes: 8 });
      expect((await b.limits.ofAccount(b.system, 'reseller')).plan).toBe(null);
    });

    it('a token of the scope sets them, everywhere or nowhere', async () => {
      const scoped = async (...scopes: readonly string[]) => {
        const admin = await b.host.kernel.accounts.findByUsername('admin');
        const parsed = await parseScopes(b.host.context('core'), await b.actor('admin'), scopes);
        const { tokens } = b.host.kernel;
        const made = { accountId: admin?.id ?? 0, label: 'x', expiresAt: undefined, scopes: parsed };
        return apiCaller(site.base, await tokens.create(made));
      };
      const path = await resources('admin@test.com');
      await (await scoped('resources:write')).must(200, 'PATCH', path, { mailboxes: 3 });
      await (await scoped('resources:write', 'domain=test.com')).must(403, 'PATCH', path, { mailboxes: 4 });
      const reader = await scoped('resources:read');
      expect(await reader.must(200, 'GET', path)).toMatchObject({ mailboxes: 3 });
      await reader.must(403, 'PATCH', path, { mailboxes: 4 });
    });
  });

  describe('RelayDomainAPITestCase', () => {
    const settings = (values: object): Row => ({ service: 'relay', _settings: JSON.stringify(values) });
    const TARGET = { relay_target_host: 'mx.elsewhere.org', relay_target_port: 25 };
    const relay = (name: string, more: object = {}): Row => ({ name, transport: settings({ ...TARGET, ...more }) });
    const hop = async (name: string) => (await b.context.get(relayDomains).show(b.system, name)).next_hop;
    const accesses = () => b.sql('select pattern, action from relaydomains_recipientaccess');

    it('test_list: as they are stored', async () => {
      const made = await root.must(201, 'POST', 'relaydomains/', relay('Relay.com', { relay_verify_recipients: true }));
      const { pk } = await b.context.get(transports).show(b.system, 'relay.com');
      expect(made).toEqual({
        pk: await domain('relay.com'),
        name: 'relay.com',
        enabled: true,
        transport: { pk, ...settings({ ...TARGET, relay_verify_recipients: true }) },
        enable_dkim: false,
        dkim_key_selector: 'modoboa',
        dkim_public_key: '',
      });
      expect(await root.must(200, 'GET', `relaydomains/${made['pk']}/`)).toEqual(made);
      expect(await root.must(200, 'GET', 'relaydomains/')).toEqual([made]);
      expect(await root.must(200, 'GET', 'relaydomains/?search=other')).toEqual([]);
      expect(await accesses()).toMatchObject([{ pattern: 'relay.com', action: 'reject_unverified_recipient' }]);
      await root.must(404, 'GET', `relaydomains/${await domain('test.com')}/`);
      expect(await boss.must(200, 'GET', 'relaydomains/')).toEqual([]);
      await boss.must(404, 'GET', `relaydomains/${made['pk']}/`);
      const nobody = await as('user@test.com');
      expect(await nobody.must(200, 'GET', 'relaydomains/')).toEqual([]);
      await nobody.must(404, 'GET', `relaydomains/${made['pk']}/`);
    });

    it('test_create: every mistake where it belongs', async () => {
      const wrong = async (transport: unknown) => root.must(400, 'POST', 'relaydomains/', { name: 'r.com', transport });
      const { relay_target_port: _, ...host } = TARGET;
      expect(await wrong(settings(host))).toEqual({ transport: { _settings: ['relay_target_port: is required'] } });
      expect(await wrong(settings({}))).toEqual({
        transport: { _settings: ['relay_target_host: is required,relay_target_port: is required'] },
      });
      expect(await wrong(settings({ ...TARGET, relay_target_host: 'no host' }))).toEqual({
        transport: { _settings: [expect.stringMatching(/^relay_target_host: /)] },
      });
      expect(await wrong(settings({ ...TARGET, x: 1, relay_x: 2 }))).toEqual({
        transport: { _settings: [expect.stringMatching(/^x: /)] },
      });
      expect(await wrong(settings({ ...TARGET, relay_x: 2 }))).toEqual({
        transport: { _settings: [expect.stringMatching(/^relay_x: /)] },
      });
      for (const text of ['', '[]', 'null', '3', '{']) {
        expect(await wrong({ service: 'relay', _settings: text })).toEqual({
          transport: { _settings: [expect.any(String)] },
        });
      }
      expect(await wrong({ ...settings(TARGET), service: 'pigeon' })).toEqual({
        transport: { service: [expect.any(String)] },
      });
      expect(await root.must(400, 'POST', 'relaydomains/', { name: 'r.com' })).toEqual({ transport: ['is required'] });
      expect(await root.must(400, 'POST', 'relaydomains/', relay('test.com'))).toEqual({ name: [expect.any(String)] });
      await b.domainAliases.create(b.system, { name: 'alias.com', target: 'test.com' });
      expect(await root.must(400, 'POST', 'relaydomains/', relay('alias.com'))).toEqual({ name: [expect.any(String)] });
      await boss.must(403, 'POST', 'relaydomains/', relay('r.com'));
      expect(await b.sql('select id from transport_transport')).toEqual([]);
    });

    it('test_update: another server, another name, and what was answered', async () => {
      const made = await root.must(201, 'POST', 'relaydomains/', relay('r.com', { relay_verify_recipients: true }));
      const path = `relaydomains/${made['pk']}/`;
      expect(await root.must(200, 'PUT', path, made)).toEqual(made);
      const other = settings({ relay_target_host: '2.3.4.5', relay_target_port: 2525, relay_verify_recipients: false });
      expect(await root.must(200, 'PUT', path, { ...made, name: 'r2.com', transport: other })).toMatchObject({
        name: 'r2.com',
        transport: other,
      });
      expect(await hop('r2.com')).toBe('[2.3.4.5]:2525');
      expect(await accesses()).toEqual([]);
      expect(await root.must(200, 'PATCH', path, { enabled: false, transport: null })).toMatchObject({
        enabled: false,
        transport: other,
      });
      expect(await root.must(400, 'PATCH', path, { transport: settings({}) })).toEqual({
        transport: { _settings: [expect.any(String)] },
      });
    });

    it('test_update: one that leads nowhere yet, or is handed on by another service', async () => {
      const { pk } = await b.domains.create(b.system, { name: 'bare.com', type: 'relaydomain' });
      const path = `relaydomains/${pk}/`;
      const bare = await root.must(200, 'GET', path);
      expect(bare).toMatchObject({ transport: null });
      expect(await root.must(200, 'PUT', path, { ...bare, enabled: false })).toEqual({ ...bare, enabled: false });
      await b.context.data.write(() =>
        b.context
          .get(routes)
          .set(b.system, { pk, name: 'bare.com' }, { service: 'smtp', settings: { target_host: 'mx.elsewhere.org' } }),
      );
      const other = await root.must(200, 'GET', path);
      expect(other).toMatchObject({ transport: { service: 'smtp', _settings: '{}' } });
      expect(await root.must(200, 'PUT', path, { ...other, enabled: true })).toEqual({ ...other, enabled: true });
      await root.must(200, 'PUT', path, relay('bare.com'));
      expect(await hop('bare.com')).toBe('[mx.elsewhere.org]:25');
    });

    it('test_delete: with its transport and what hangs on it', async () => {
      const { pk } = await root.must(201, 'POST', 'relaydomains/', relay('r.com', { relay_verify_recipients: true }));
      await boss.must(403, 'DELETE', `relaydomains/${pk}/`);
      await reseller.must(404, 'DELETE', `relaydomains/${pk}/`);
      await root.must(404, 'DELETE', `relaydomains/${await domain('test.com')}/`);
      await root.must(204, 'DELETE', `relaydomains/${pk}/`);
      await root.must(404, 'GET', `relaydomains/${pk}/`);
      expect([...(await b.sql('select id from transport_transport')), ...(await accesses())]).toEqual([]);
    });

    it('of a reseller: his own alone, as many as he may have', async () => {
      expect(
        await each(
          reseller,
          'relaydomains/',
          numbered((n) => relay(`r${n}.com`)),
        ),
      ).toEqual([201, 201]);
      expect(await reseller.must(403, 'POST', 'relaydomains/', relay('r3.com'))).toBe('Domains: limit reached');
      await root.must(201, 'POST', 'relaydomains/', relay('other.com'));
      const mine = await reseller.must<Row[]>(200, 'GET', 'relaydomains/');
      expect(mine.map(({ name }) => name)).toEqual(['r1.com', 'r2.com']);
      await reseller.must(404, 'PATCH', `relaydomains/${await domain('other.com')}/`, { enabled: false });
    });

    it('a list costs the same for many', async () => {
      // Events of what was made are put away meanwhile.
      const list = async () =>
        (await b.count(() => root.must(200, 'GET', 'relaydomains/'))).filter((sql) => sql.startsWith('select')).length;
      await root.must(201, 'POST', 'relaydomains/', relay('r1.com'));
      const few = await list();
      for (const n of [2, 3, 4]) await root.must(201, 'POST', 'relaydomains/', relay(`r${n}.com`));
      expect(await list()).toBe(few);
    });
  });

  describe('transports', () => {
    const smtp: Row = { pattern: 'x.test', service: 'smtp', settings: { target_host: 'mx.x.org' } };
    const make = (body: Row) => root.must(201, 'POST', 'transports/', body);

    it('are made, shown, listed, changed and deleted', async () => {
      const made = await make(smtp);
      expect(made).toEqual({
        ...smtp,
        pk: made['pk'],
        next_hop: '[mx.x.org]:25',
        settings: { target_host: 'mx.x.org', target_port: 25 },
        domain: null,
      });
      await make({ pattern: 'auto.test.com', service: 'autoreply', next_hop: '' });
      await make({ ...smtp, pattern: '.test.com' });
      const path = `transports/${made['pk']}/`;
      expect(await root.must(200, 'GET', path)).toEqual(made);
      const listed = async (query: string) =>
        (await root.must<Row[]>(200, 'GET', `transports/${query}`)).map(({ pattern, domain: own }) => [pattern, own]);
      expect(await listed('')).toEqual([
        ['.test.com', 'test.com'],
        ['auto.test.com', null],
        ['x.test', null],
      ]);
      expect(await listed('?service=autoreply')).toEqual([['auto.test.com', null]]);
      expect(await listed('?search=mx.x&limit=1')).toEqual([['.test.com', 'test.com']]);
      expect(await root.must(200, 'PUT', path, made)).toEqual(made);
      const other = { ...made, settings: { target_host: '::1', target_port: 2525 } };
      expect(await root.must(200, 'PUT', path, other)).toEqual({ ...other, next_hop: '[::1]:2525' });
      expect(await root.must(200, 'PATCH', path, { pattern: 'y.test' })).toMatchObject({ pattern: 'y.test' });
      await root.must(409, 'PATCH', path, { pattern: '.test.com' });
      await root.must(204, 'DELETE', path);
      await root.must(404, 'GET', path);
    });

    it('say what is wrong where it stands', async () => {
      const wrong = async (change: Row) => root.must<Row>(400, 'POST', 'transports/', { ...smtp, ...change });
      expect(await wrong({ pattern: '*' })).toEqual({ pattern: [expect.any(String)] });
      expect(await wrong({ service: 'No Name' })).toEqual({ service: [expect.any(String)] });
      expect(await wrong({ settings: { target_host: '[::1]:25' } })).toEqual({
        settings: { target_host: [expect.stringContaining('brackets')] },
      });
      expect(await wrong({ settings: { target_host: 'x', target_port: 0, pigeons: 3 } })).toEqual({
        settings: { target_port: [expect.any(String)], pigeons: [expect.any(String)] },
      });
      expect(await wrong({ next_hop: '[other]:25' })).toEqual({ next_hop: [expect.any(String)] });
      expect(await b.sql('select id from transport_transport')).toEqual([]);
    });

    it('keep passwords to themselves', async () => {
      const settings = { target_host: 'smtp.x.org', username: 'anna', password: 'Kiesel-und-73' };
      const made = await make({ pattern: '@test.com', service: 'smarthost', settings });
      expect(JSON.stringify(made)).not.toContain('Kiesel');
      const stored = async () => JSON.stringify(await b.sql('select _settings from transport_transport'));
      const sealed = /smarthost_password[^,}]*/.exec(await stored())?.[0].length;
      await root.must(200, 'PUT', `transports/${made['pk']}/`, made);
      expect(/smarthost_password[^,}]*/.exec(await stored())?.[0].length).toBe(sealed);
    });

    it('are for those who have the permission', async () => {
      const { pk } = await make(smtp);
      for (const caller of [reseller, boss]) {
        await caller.must(403, 'GET', 'transports/');
        await caller.must(403, 'POST', 'transports/', smtp);
        await caller.must(403, 'GET', `transports/${pk}/`);
        await caller.must(403, 'PATCH', `transports/${pk}/`, {});
        await caller.must(403, 'DELETE', `transports/${pk}/`);
      }
    });
  });
}
