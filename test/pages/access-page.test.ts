/** The page "What may … do?" and its service: why, in facts, for those who may see both. */
import { type Explanations, explanations, mayCreate } from '@posthorn/admin/contract';
import { parseScopes } from '@posthorn/core';
import { type Actor, defineExtension, maySetRole, on, plainText } from '@posthorn/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addReseller, type Bench, bench, HASH, populate, refusal } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

let isFull = false;
const limits = defineExtension({
  id: 'limits',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Limits',
  requires: { admin: '*' },
  taps: [
    on(mayCreate, ({ kind, actor }) =>
      kind === 'domain' && actor.username === 'reseller' ? { deny: 'That is <b>enough</b>.' } : undefined,
    ),
    on(maySetRole, ({ role }) => (isFull && role === 'Resellers' ? { deny: 'No more resellers.' } : undefined)),
  ],
});

let b: Bench;
let site: Site;
let root: Reader;
let reseller: Actor;
let service: Explanations;
const ids: Record<string, number> = {};

beforeAll(async () => {
  b = await bench({ with: [limits] });
  await populate(b);
  service = b.context.get(explanations);
  reseller = await addReseller(b);
  await b.domains.create(b.system, { name: 'rs.com' });
  await b.domains.addAdmin(b.system, 'rs.com', 'reseller');
  await b.mailboxes.create(reseller, {
    username: 'boss',
    role: 'DomainAdmins',
    passwordHash: HASH,
    domains: ['rs.com'],
  });
  await b.domains.addAdmin(b.system, 'test2.com', 'boss');
  for (const name of ['reseller', 'boss', 'user@test.com', 'admin@test.com']) {
    ids[name] = (await b.mailboxes.show(b.system, name)).pk;
  }
  isFull = true;
  site = await startSite(b.host);
  root = await site.as('admin');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});

const factsOf = async (actor: Actor, account: string, action: string, object?: string) => {
  const said = await service.explain(actor, { account, action, ...(object === undefined ? {} : { object }) });
  return [said.isAllowed, ...said.facts.map(({ holds, text }) => `${holds ? '+' : '-'} ${plainText(text)}`)];
};

it('names permission, reach and each link of the way', async () => {
  expect(await factsOf(b.system, 'reseller', 'domain.update', 'test2.com')).toEqual([
    true,
    '+ reseller has the role Resellers.',
    '+ The role Resellers gives the permission admin.change_domain.',
    '+ The domain is within reach.',
    '+ boss administers test2.com.',
    '+ boss belongs to reseller.',
  ]);
  expect(await factsOf(b.system, 'boss', 'domain.delete', 'test.com')).toEqual([
    false,
    '+ boss has the role DomainAdmins.',
    '- The role DomainAdmins does not give the permission admin.delete_domain.',
    '- Neither this account nor one that belongs to it administers the domain.',
    '- The domain test.com holds the mailbox of an account that you may not manage.',
    '- Ask a super administrator.',
  ]);
  expect(await factsOf(b.system, 'admin@test.com', 'account.update', 'admin')).toContain(
    '- The role SuperAdmins does not rank below the role of this account.',
  );
  expect(await factsOf(b.system, 'admin@test.com', 'account.delete', 'admin@test.com')).toContain(
    '- You cannot delete your own account.',
  );
});

it('asks the guards of extensions, and says whose refusal it is', async () => {
  expect(await factsOf(b.system, 'reseller', 'domain.create')).toEqual([
    false,
    '+ reseller has the role Resellers.',
    '+ The role Resellers gives the permission admin.add_domain.',
    '- That is <b>enough</b>.',
    '- The extension limits refused this.',
  ]);
  expect(await refusal(b.domains.create(reseller, { name: 'more.com' }))).toBe('E_REFUSED');
  expect((await factsOf(b.system, 'admin', 'role.give', 'Resellers')).slice(-2)).toEqual([
    '- No more resellers.',
    '- The extension limits refused this.',
  ]);
});

it('a disabled account may do nothing', async () => {
  await b.mailboxes.update(b.system, 'admin@test2.com', { is_active: false });
  const [isAllowed, first] = await factsOf(b.system, 'admin@test2.com', 'domain.show', 'test2.com');
  expect([isAllowed, first]).toEqual([false, '- admin@test2.com is disabled and may do nothing.']);
  const overview = await service.overview(b.system, 'admin@test2.com');
  expect(overview.some((one) => one.isAllowed)).toBe(false);
});

it('says nothing to those who do not see the account or the object, and names nobody they do not see', async () => {
  const da = await b.actor('admin@test.com');
  const ask = (actor: Actor, account: string, object: string) =>
    refusal(service.explain(actor, { account, action: 'domain.show', object }));
  expect(await ask(da, 'user@test.com', 'test.com')).toBe('accepted');
  expect(await ask(da, 'user@test.com', 'test2.com')).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
  expect(await ask(da, 'boss', 'test.com')).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
  expect(await ask(da, 'admin', 'test.com')).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
  expect(await ask(await b.actor('user@test.com'), 'user@test.com', 'test.com')).toBe('E_ADMIN_FORBIDDEN');
  // The reseller sees his administrator, and the domain only as long as that administrator is his.
  await b.mailboxes.create(reseller, {
    username: 'clerk@rs.com',
    role: 'DomainAdmins',
    mailbox: {},
    passwordHash: HASH,
  });
  await b.host.kernel.access.revoke(
    ids['reseller'] as number,
    'host.account',
    (await b.mailboxes.show(b.system, 'boss')).pk,
  );
  expect(await ask(reseller, 'clerk@rs.com', 'test2.com')).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
  expect(await ask(reseller, 'clerk@rs.com', 'rs.com')).toBe('accepted');
  await b.host.kernel.access.grant(ids['reseller'] as number, 'host.account', ids['boss'] as number, { owner: true });
});

it('refuses what is no action, no role, or lacks its object', async () => {
  const ask = (action: string, object?: string) =>
    refusal(service.explain(b.system, { account: 'boss', action, ...(object === undefined ? {} : { object }) }));
  expect(await ask('domain.eat', 'test.com')).toBe('E_ADMIN_EXPLAIN_ACTION action');
  expect(await ask('constructor')).toBe('E_ADMIN_EXPLAIN_ACTION action');
  expect(await ask('domain.show')).toBe('E_ADMIN_EXPLAIN_OBJECT object');
  expect(await ask('role.give', 'Nonsense')).toBe('E_ADMIN_EXPLAIN_ROLE object');
  expect(await ask('senderaddress.show', 'x')).toBe('E_ADMIN_SENDER_NOT_FOUND');
});

it('the page shows what the role permits, and answers the question that stands in the address', async () => {
  const path = `/admin/accounts/${ids['reseller']}/access/`;
  expect((await root.get(`/admin/accounts/${ids['reseller']}/`)).text).toContain(`href="${path}"`);
  const plain = await root.get(path);
  expect(plain.status).toBe(200);
  expect(plain.text).toMatch(/<label[^>]*for="action"/);
  expect(plain.text).toMatch(/<label[^>]*for="object"/);
  const asked = await root.get(`${path}?action=domain.update&object=test2.com`);
  expect(asked.status).toBe(200);
  expect(asked.text).toContain('reseller may do this.');
  expect(asked.text).toContain('boss belongs to reseller.');
  const refused = await root.get(`${path}?action=domain.create`);
  expect(refused.text).toContain('reseller may not do this.');
  expect(refused.text).toContain('That is &lt;b&gt;enough&lt;/b&gt;.');
  const unknown = await root.get(`${path}?action=domain.show&object=nowhere.org`);
  expect(unknown.status).toBe(404);
  expect(unknown.text).toContain('aria-invalid="true"');
  expect((await root.get(`${path}?action=domain.eat`)).status).toBe(422);
  const da = await site.as('admin@test.com');
  expect((await da.get(path)).status).toBe(404);
  expect(
    (await da.get(`/admin/accounts/${ids['user@test.com']}/access/?action=domain.show&object=test2.com`)).status,
  ).toBe(404);
});

it('tells whoever manages tokens what one of them leaves, and nobody else', async () => {
  const { tokens } = b.host.kernel;
  const scopes = await parseScopes(b.host.context('core'), reseller, ['domains:read', 'domain=rs.com']);
  const accountId = ids['reseller'] ?? 0;
  const secret = await tokens.create({ accountId, label: 'backup', expiresAt: undefined, scopes });
  const token = (await tokens.find(secret))?.token.id ?? 0;
  const about = async (actor: Actor, action: string, object: string) => {
    const said = await service.explain(actor, { account: 'reseller', action, object, token });
    const from = said.facts.findIndex(({ kind }) => kind === 'token');
    return [
      said.isAllowed,
      ...said.facts.slice(from).map(({ holds, text }) => `${holds ? '+' : '-'} ${plainText(text)}`),
    ];
  };
  const leaves = `+ The token ${secret.slice(0, 12)} leaves no more than domains:read, domain=rs.com.`;
  expect(await about(b.system, 'domain.show', 'rs.com')).toEqual([
    true,
    leaves,
    '+ The token leaves the permission admin.view_domain.',
    '+ The domain is within reach.',
    '+ reseller administers rs.com.',
  ]);
  // The account may do both.
  expect(await about(b.system, 'domain.update', 'rs.com')).toEqual([
    false,
    leaves,
    '- The token does not leave the permission admin.change_domain.',
    '+ The domain is within reach.',
    '+ reseller administers rs.com.',
  ]);
  expect(await about(b.system, 'domain.show', 'test2.com')).toEqual([
    false,
    leaves,
    '+ The token leaves the permission admin.view_domain.',
    '- The domain is out of the reach of the token.',
  ]);
  expect(await refusal(about(reseller, 'domain.show', 'rs.com'))).toBe('E_ADMIN_FORBIDDEN');
  expect(await service.tokens(reseller, 'reseller')).toEqual([]);
  const foreign = service.explain(b.system, { account: 'boss', action: 'domain.list', token });
  expect(await refusal(foreign)).toBe('E_ADMIN_EXPLAIN_TOKEN token');

  const path = `/admin/accounts/${accountId}/access/`;
  const asked = await root.get(`${path}?action=domain.update&object=rs.com&token=${token}`);
  expect(asked.text).not.toContain('[object');
  expect(asked.text).toContain('The token does not leave the permission admin.change_domain.');
  expect(asked.text).toMatch(new RegExp(`<option value="${token}" selected>${secret.slice(0, 12)}… backup<`));
  expect((await (await site.as('reseller')).get(path)).text).not.toContain('name="token"');
  await tokens.rotate((await tokens.findById(token)) as never, -1);
  expect(await about(b.system, 'domain.show', 'rs.com')).toEqual([
    false,
    `- The token ${secret.slice(0, 12)} has expired.`,
  ]);
});
