import { type Actor, defineExtension, role } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';

const ranks = defineExtension({
  id: 'ranks',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Roles for a test',
  claims: { permissions: ['core.add_user', 'core.change_user', 'core.delete_user'] },
  claimedPermissions: {
    'core.add_user': { label: 'Add', roles: ['Leads'] },
    'core.change_user': { label: 'Change', roles: ['Leads'] },
    'core.delete_user': { label: 'Delete', roles: ['Leads'] },
  },
  contributes: [role({ name: 'Leads', label: 'Lead', rank: 50 }), role({ name: 'People', label: 'Person', rank: 10 })],
});

let host: TestHost;
let lead: Actor;
const accounts = () => host.kernel.accounts;
const hash = '{PLAIN}Toto1234';

beforeAll(async () => {
  host = await testHost({ with: [ranks] });
  await accounts().create(host.system, { username: 'root', role: 'SuperAdmins', passwordHash: hash });
  await accounts().create(host.system, { username: 'lead', role: 'Leads', passwordHash: hash });
  lead = await host.actor('lead');
});
afterAll(() => host?.[Symbol.asyncDispose]());

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: { code?: string; field?: string }) => `${error.code} ${error.field ?? ''}`.trim(),
  );

describe('accounts', () => {
  it('signs in with the password, never with the stored hash, and treats an unknown name alike', async () => {
    expect(await accounts().verify('root', 'Toto1234')).toMatchObject({ username: 'root' });
    expect(await accounts().verify('root', hash)).toBeNull();
    expect(await accounts().verify('root', 'toto1234')).toBeNull();
    expect(await accounts().verify('nobody', 'Toto1234')).toBeNull();
  });

  it('stores a weak hash anew at sign-in', async () => {
    const account = await accounts().create(host.system, {
      username: 'old',
      role: 'People',
      passwordHash: '{SHA256}ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=',
    });
    expect(await accounts().verify('old', 'a')).toMatchObject({ id: account.id });
    const [row] = await host.kernel.database.execute<{ password: string }>(
      'select password from core_user where id = ?',
      [account.id],
    );
    expect(row?.password).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=65536,t=\d+,p=\d+\$/);
    expect(await accounts().verify('old', 'a')).toMatchObject({ id: account.id });
  });

  it('does not select the hash with the account', async () => {
    const account = await accounts().findByUsername('root');
    expect(JSON.stringify(account)).not.toContain('PLAIN');
    expect(account?.password).toBeUndefined();
  });

  it('refuses a name that is taken, in any case', async () => {
    expect(
      await refusal(accounts().create(host.system, { username: 'ROOT', role: 'People', passwordHash: hash })),
    ).toBe('E_ACCOUNT_TAKEN username');
  });

  it.each([
    ['nothing', ''],
    ['a dot dot', 'a..b'],
    ['a path', '../etc/passwd'],
    ['NUL', 'a\u0000b'],
    ['CR LF', 'a\r\nb'],
    ['a bidi mark', 'a\u202eb'],
    ['a zero-width space', 'a\u200bb'],
    ['a quote', 'a"b'],
    ['a percent sign', 'a%b'],
    ['a lone surrogate', 'a\ud800b'],
    ['a leading dash', '-rf'],
    ['10 kB', 'a'.repeat(10_240)],
  ])('refuses a username with %s and names the field', async (_what, username) => {
    expect(await refusal(accounts().create(host.system, { username, role: 'People', passwordHash: hash }))).toBe(
      'E_USERNAME username',
    );
  });

  it('takes __proto__ for what it is: a name', async () => {
    const account = await accounts().create(host.system, { username: '__proto__', role: 'People', passwordHash: hash });
    expect((await accounts().findByUsername('__proto__'))?.id).toBe(account.id);
  });

  it.each([
    ['none', {}, 'E_PASSWORD_REQUIRED password'],
    ['an empty one', { password: '' }, 'E_PASSWORD_REQUIRED password'],
    ['a weak one', { password: 'toto1234' }, 'E_PASSWORD_POLICY password'],
    ['one with NUL', { password: 'Toto1234\u0000' }, 'E_PASSWORD_POLICY password'],
    ['one of 10 kB', { password: `Toto1234${'a'.repeat(10_240)}` }, 'E_PASSWORD_POLICY password'],
    ['a hash without scheme', { passwordHash: 'Toto1234' }, 'E_PASSWORD_SCHEME password'],
    ['a hash of an unknown scheme', { passwordHash: '{ROT13}Gbgb1234' }, 'E_PASSWORD_SCHEME password'],
  ])('refuses %s as password', async (_what, password, code) => {
    expect(await refusal(accounts().create(host.system, { username: 'fresh', role: 'People', ...password }))).toBe(
      code,
    );
    expect(await accounts().findByUsername('fresh')).toBeNull();
  });

  it('names every reason at once', async () => {
    await expect(
      accounts().create(host.system, { username: 'fresh', role: 'People', password: 'a' }),
    ).rejects.toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'password' }, { path: 'password' }, { path: 'password' }],
    });
  });

  it('refuses an unknown role by name', async () => {
    expect(
      await refusal(accounts().create(host.system, { username: 'fresh', role: 'constructor', passwordHash: hash })),
    ).toBe('E_ROLE_UNKNOWN role');
  });
});

describe('rank', () => {
  it('lets nobody make or touch what is not below him', async () => {
    const peer = await accounts().create(host.system, { username: 'peer', role: 'Leads', passwordHash: hash });
    const root = await accounts().findByUsername('root');
    if (root === null) throw new Error('root is missing');
    expect(await refusal(accounts().create(lead, { username: 'x', role: 'Leads', passwordHash: hash }))).toBe(
      'E_FORBIDDEN_ROLE role',
    );
    expect(await refusal(accounts().create(lead, { username: 'x', role: 'SuperAdmins', passwordHash: hash }))).toBe(
      'E_FORBIDDEN_ROLE role',
    );
    expect(await refusal(accounts().update(lead, peer, { password: 'Titi5678' }))).toBe('E_FORBIDDEN_ACCOUNT');
    expect(await refusal(accounts().update(lead, root, { password: 'Titi5678' }))).toBe('E_FORBIDDEN_ACCOUNT');
    expect(await refusal(accounts().remove(lead, root))).toBe('E_FORBIDDEN_ACCOUNT');
  });

  it('lets nobody lift himself', async () => {
    const me = await accounts().findByUsername('lead');
    if (me === null) throw new Error('lead is missing');
    expect(await refusal(accounts().update(lead, me, { role: 'SuperAdmins' }))).toBe('E_FORBIDDEN_ROLE role');
  });

  it('gives whoever makes an account ownership of it', async () => {
    const mine = await accounts().create(lead, { username: 'mine', role: 'People', passwordHash: hash });
    expect(await host.kernel.access.reachable(lead.id as number, 'host.account')).toContain(mine.id);
    expect(await refusal(accounts().update(lead, mine, { first_name: 'Mine' }))).toBe('accepted');
  });

  it('refuses what needs a permission the role lacks', async () => {
    const person = await accounts().create(host.system, { username: 'person', role: 'People', passwordHash: hash });
    const actor = await accounts().actor(person, 'command');
    expect(await refusal(accounts().create(actor, { username: 'x', role: 'People', passwordHash: hash }))).toBe(
      'E_FORBIDDEN',
    );
  });

  it('keeps one active super administrator, and nobody deletes or disables himself', async () => {
    const root = await accounts().findByUsername('root');
    if (root === null) throw new Error('root is missing');
    const self = await accounts().actor(root, 'command');
    expect(await refusal(accounts().remove(self, root))).toBe('E_ACCOUNT_SELF');
    expect(await refusal(accounts().update(self, root, { is_active: false }))).toBe('E_ACCOUNT_SELF is_active');
    expect(await refusal(accounts().remove(host.system, root))).toBe('E_ACCOUNT_LAST');
    expect(await refusal(accounts().update(host.system, root, { is_active: false }))).toBe('E_ACCOUNT_LAST');
    expect(await refusal(accounts().update(host.system, root, { role: 'People' }))).toBe('E_ACCOUNT_LAST');
  });

  it('hands what a deleted account owned to its own owner', async () => {
    const middle = await accounts().create(lead, { username: 'middle', role: 'People', passwordHash: hash });
    await host.kernel.access.grant(middle.id, 'demo.thing', 7, { owner: true });
    await host.kernel.access.grant(middle.id, 'demo.thing', 8);
    expect(await host.kernel.access.held(middle.id)).toEqual([
      { kind: 'demo.thing', objectId: 7, isOwner: true },
      { kind: 'demo.thing', objectId: 8, isOwner: false },
    ]);
    await accounts().remove(lead, middle);
    expect(await host.kernel.access.held(middle.id)).toEqual([]);
    expect(await host.kernel.access.reachable(lead.id as number, 'demo.thing')).not.toContain(8);
    expect(await host.kernel.access.reachable(lead.id as number, 'demo.thing')).toContain(7);
  });
});
