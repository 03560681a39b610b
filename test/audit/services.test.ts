import { forwards, trash } from '@posthorn/admin/contract';
import { ACCOUNT_KIND, type Account, access, accounts } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, bench, empty, HASH, populate } from '../admin/fixture.js';

let b: Bench;
beforeAll(async () => {
  b = await bench();
});
afterAll(() => b?.host[Symbol.asyncDispose]());
beforeEach(async () => {
  await empty(b);
  await populate(b);
});

/** Methods that change nothing. */
const READS = new Set([
  ...[
    'list',
    'randomPassword',
    'show',
    'latest',
    'findById',
    'findByUsername',
    'verify',
    'actor',
    'hash',
    'reachable',
    'reachableByEach',
    'holders',
    'held',
    'heirs',
  ],
]);

const services = () => ({
  domains: b.domains,
  domainAliases: b.domainAliases,
  mailboxes: b.mailboxes,
  aliases: b.aliases,
  senders: b.senders,
  trash: b.context.get(trash),
  forwards: b.context.get(forwards),
  accounts: b.context.get(accounts),
  access: b.context.get(access),
});

const user = async (): Promise<Account> => (await b.host.kernel.accounts.findByUsername('user@test.com')) as Account;
const domainAlias = () => b.domainAliases.create(b.system, { name: 'alias.test', target: 'test.com' });
const sender = () => b.senders.create(b.system, { address: 'me@far.test', mailbox: 'user@test.com' });

/** A domain with everything inside. */
async function inTrash(): Promise<number> {
  await b.domains.remove(b.system, 'test.com');
  const [row] = await b.sql<{ id: number }>('select id from admin_trash');
  return row?.id ?? 0;
}

/** One call of every method that writes: what prepares it, and the call. */
const CALLS: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  'domains.create': async () => () => b.domains.create(b.system, { name: 'new.test' }),
  'domains.update': async () => () => b.domains.update(b.system, 'test.com', { quota: 99 }),
  'domains.remove': async () => () => b.domains.remove(b.system, 'test.com'),
  'domains.addAdmin': async () => () => b.domains.addAdmin(b.system, 'test2.com', 'admin@test.com'),
  'domains.removeAdmin': async () => () => b.domains.removeAdmin(b.system, 'test.com', 'admin@test.com'),
  'domainAliases.create': async () => domainAlias,
  'domainAliases.update': async () => {
    const { pk } = await domainAlias();
    return () => b.domainAliases.update(b.system, pk, { enabled: false });
  },
  'domainAliases.remove': async () => {
    const { pk } = await domainAlias();
    return () => b.domainAliases.remove(b.system, pk);
  },
  'mailboxes.create': async () => () => b.mailboxes.create(b.system, { username: 'n@test.com', passwordHash: HASH }),
  'mailboxes.createMany': async () => () =>
    b.mailboxes.createMany(b.system, [{ username: 'n@test.com', passwordHash: HASH }]),
  'mailboxes.changePassword': async () => () =>
    b.mailboxes.changePassword(b.system, 'user@test.com', 'Toto1234', 'Another-One-1'),
  'mailboxes.update': async () => () => b.mailboxes.update(b.system, 'user@test.com', { first_name: 'N' }),
  'mailboxes.updateMany': async () => {
    const { id } = await user();
    return () => b.mailboxes.updateMany(b.system, [id], { is_active: false, quota: 5 });
  },
  'mailboxes.removeMany': async () => {
    const { id } = await user();
    return () => b.mailboxes.removeMany(b.system, [id]);
  },
  'mailboxes.remove': async () => () => b.mailboxes.remove(b.system, 'user@test.com'),
  'aliases.create': async () => () => b.aliases.create(b.system, { address: 'n@test.com', recipients: ['x@y.test'] }),
  'aliases.update': async () => () => b.aliases.update(b.system, 'forward@test.com', { description: 'n' }),
  'aliases.remove': async () => () => b.aliases.remove(b.system, 'forward@test.com'),
  'aliases.updateMany': async () => {
    const { pk } = await b.aliases.show(b.system, 'forward@test.com');
    return () => b.aliases.updateMany(b.system, [pk], { enabled: false });
  },
  'aliases.removeMany': async () => {
    const { pk } = await b.aliases.show(b.system, 'forward@test.com');
    return () => b.aliases.removeMany(b.system, [pk]);
  },
  'senders.create': async () => sender,
  'senders.update': async () => {
    const { pk } = await sender();
    return () => b.senders.update(b.system, pk, { address: 'us@far.test' });
  },
  'senders.remove': async () => {
    const { pk } = await sender();
    return () => b.senders.remove(b.system, pk);
  },
  'trash.restore': async () => {
    const pk = await inTrash();
    return () => b.context.get(trash).restore(b.system, pk);
  },
  'trash.purge': async () => {
    const pk = await inTrash();
    return () => b.context.get(trash).purge(b.system, pk);
  },
  'trash.purgeDue': async () => {
    await inTrash();
    await b.sql('update admin_trash set deleted_at = ?', [new Date(0)]);
    return () => b.context.get(trash).purgeDue();
  },
  'accounts.createMany': async () => () =>
    b.context.get(accounts).createMany(b.system, [{ username: 'n', role: 'Resellers', passwordHash: HASH }]),
  'accounts.create': async () => () =>
    b.context.get(accounts).create(b.system, { username: 'n', role: 'Resellers', passwordHash: HASH }),
  'accounts.update': async () => {
    const account = await user();
    return () => b.context.get(accounts).update(b.system, account, { passwordHash: '{PLAIN}Another1' });
  },
  'accounts.updateMany': async () => {
    const { id } = await user();
    return () => b.context.get(accounts).updateMany(b.system, [id], { is_active: false });
  },
  'accounts.removeMany': async () => {
    const { id } = await user();
    return () => b.context.get(accounts).removeMany(b.system, [id]);
  },
  'forwards.set': async () => {
    const actor = await b.actor('user@test.com');
    return () => b.context.get(forwards).set(actor, { recipients: ['x@far.test'], keeps_copy: true });
  },
  'accounts.remove': async () => {
    const account = await user();
    return () => b.context.get(accounts).remove(b.system, account);
  },
  'access.grant': async () => {
    const { id } = await user();
    return () => b.context.get(access).grant(id, 'x', 1);
  },
  'access.revoke': async () => {
    const { id } = await user();
    await b.context.get(access).grant(id, 'x', 1);
    return () => b.context.get(access).revoke(id, 'x', 1);
  },
  'access.forget': async () => {
    const { id } = await user();
    await b.context.get(access).grant(id, ACCOUNT_KIND, id);
    return () => b.context.get(access).forget(ACCOUNT_KIND, id);
  },
};

const methods = (): readonly string[] =>
  Object.entries(services()).flatMap(([name, service]) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(service))
      .filter((method) => method !== 'constructor' && !READS.has(method))
      .map((method) => `${name}.${method}`),
  );

describe('every method of a service that writes', () => {
  it('is called here', () => expect(Object.keys(CALLS).toSorted()).toEqual(methods().toSorted()));

  it.each(Object.keys(CALLS))('%s leaves records that name each thing', async (name) => {
    const call = await CALLS[name]?.();
    const [last] = await b.host.kernel.audit.table.list({}, { size: 1 });
    await call?.();
    const records = await b.host.kernel.audit.table.list({}, { after: last?.id ?? 0, size: 1_000 });
    expect(records.length).toBeGreaterThan(0);
    expect(records.filter(({ objectId, label, rows }) => objectId === null || label === '' || rows !== 1)).toEqual([]);
  });
});
