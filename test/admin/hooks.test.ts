import admin from '@posthorn/admin';
import {
  aliasCreated,
  type CreationRequest,
  domainChanged,
  domainCreated,
  domainDeleted,
  domainQuery,
  domainRenamed,
  externalRecipient,
  mailboxCreated,
  mailboxDeleted,
  mailboxRenamed,
  mayCreate,
  mayGiveQuota,
} from '@posthorn/admin/contract';
import { accountCreated, accountsLeaving, type Denial, defineExtension, isProblem, on, together } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, type Bench, bench, empty, HASH, lookup, populate, refusal } from './fixture.js';

const heard: { readonly hook: string; readonly event: unknown }[] = [];
const asked: CreationRequest[] = [];
let refuse: (request: CreationRequest) => boolean = () => false;
let now = new Date('2026-01-01T00:00:00Z');

const note = (hook: string) => (event: unknown) => {
  heard.push({ hook, event });
};

/** What is said about accounts that are about to go. */
let leaving: (ids: readonly number[]) => Denial | undefined = () => undefined;

const watcher = defineExtension({
  id: 'watcher',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Watcher',
  requires: { admin: '^0.1.0' },
  taps: [
    on(domainCreated, note('domain-created')),
    on(domainChanged, note('domain-changed')),
    on(domainRenamed, note('domain-renamed')),
    on(domainDeleted, note('domain-deleted')),
    on(mailboxCreated, note('mailbox-created')),
    on(mailboxRenamed, note('mailbox-renamed')),
    on(mailboxDeleted, note('mailbox-deleted')),
    on(aliasCreated, note('alias-created')),
    on(accountCreated, note('account-created')),
    on(accountsLeaving, ({ accounts }) => leaving(accounts.map(({ id }) => id))),
    on(mayCreate, (request) => {
      asked.push(request);
      return refuse(request) ? { deny: `no more ${request.kind}`, code: 'E_WATCHER_FULL' } : undefined;
    }),
    on(mayGiveQuota, ({ quota, of }) => (quota > 1_000 ? { deny: `too much for a ${of}` } : undefined)),
    on(domainQuery, (query, { actor }) =>
      actor.username === 'admin@test.com' ? { ...query, search: 'nothing' } : query,
    ),
    on(externalRecipient, ({ address }) => (address.startsWith('list-') ? true : undefined)),
  ],
});

let b: Bench;
beforeAll(async () => {
  b = await bench({ with: [watcher], clock: () => now });
});
afterAll(() => b?.host[Symbol.asyncDispose]());
beforeEach(async () => {
  refuse = () => false;
  leaving = () => undefined;
  now = new Date('2026-01-01T00:00:00Z');
  await empty(b);
  await populate(b);
  heard.length = 0;
  asked.length = 0;
});
const names = () => heard.map(({ hook }) => hook);

describe('what other extensions hear and say', () => {
  it('is a definition without effects, as its package says', async () => {
    const { default: manifest } = await import('../../extensions/admin/package.json', { with: { type: 'json' } });
    expect(admin.id).toBe(manifest.posthorn.id);
    expect(admin.version).toBe(manifest.version);
    expect(admin.sdk).toBe(manifest.posthorn.sdk);
    expect(admin.claims).toEqual(manifest.posthorn.claims);
    expect(Object.keys(admin.claimedPermissions ?? {})).toEqual(manifest.posthorn.claims.permissions);
  });

  it('signals leave after the commit, and only then', async () => {
    await b.context.data
      .write(async () => {
        await b.domains.create(b.system, { name: 'gone.com' });
        await b.mailboxes.create(b.system, { username: 'x@gone.com', passwordHash: HASH });
        expect(heard).toEqual([]);
        throw new Error('changed my mind');
      })
      .catch(() => undefined);
    expect(heard).toEqual([]);
    await b.context.data.write(async () => {
      await b.domains.create(b.system, { name: 'here.com' });
      expect(heard).toEqual([]);
    });
    expect(names()).toEqual(['domain-created']);
  });

  it('many that go together are asked about together, and told of one by one', async () => {
    const { pk } = await b.mailboxes.show(b.system, 'user@test2.com');
    const wanted = [(await b.mailboxes.show(b.system, 'user@test.com')).pk, pk];
    leaving = (ids) => (ids.includes(pk) ? { deny: 'that one stays' } : undefined);
    const remove = (some: readonly number[]) => b.mailboxes.removeMany(b.system, some);
    await expect(remove(wanted)).rejects.toMatchObject({ kind: 'refused' });
    expect(heard).toEqual([]);
    const answers = await together(b.context, wanted, remove);
    expect(answers.map((answer) => isProblem(answer) && answer.kind)).toEqual([false, 'refused']);
    expect((await b.mailboxes.show(b.system, pk)).mailbox).not.toBeNull();
    leaving = () => undefined;
    await remove([pk, (await b.mailboxes.show(b.system, 'admin@test2.com')).pk]);
    expect(
      heard.map(({ hook, event }) => [hook, (event as { account: { username: string } }).account.username]),
    ).toEqual([
      ['mailbox-deleted', 'user@test.com'],
      ['mailbox-deleted', 'user@test2.com'],
      ['mailbox-deleted', 'admin@test2.com'],
    ]);
  });

  it('signals are plain data that names the actor', async () => {
    const da = await b.actor('admin@test.com');
    await b.mailboxes.create(da, { username: 'new@test.com', passwordHash: HASH, mailbox: { quota: 1 } });
    expect(names()).toEqual(['account-created', 'mailbox-created']);
    expect(heard[1]?.event).toEqual({
      actor: { id: da.id, username: 'admin@test.com' },
      account: { pk: expect.any(Number), username: 'new@test.com' },
      mailbox: { pk: expect.any(Number), full_address: 'new@test.com' },
      domain: { pk: expect.any(Number), name: 'test.com' },
    });
    expect(JSON.parse(JSON.stringify(heard[1]?.event))).toEqual(heard[1]?.event);
    heard.length = 0;
    await b.mailboxes.update(da, 'new@test.com', { username: 'newer@test.com', create_alias_with_old_address: true });
    await b.mailboxes.remove(da, 'newer@test.com');
    expect(names()).toEqual(['alias-created', 'mailbox-renamed', 'mailbox-deleted']);
    expect(heard[1]?.event).toMatchObject({ from: 'new@test.com', mailbox: { full_address: 'newer@test.com' } });
  });

  it('a domain speaks for everything inside it', async () => {
    await b.domains.update(b.system, 'test.com', { name: 'new.com', quota: 60 });
    await b.domains.remove(b.system, 'new.com');
    expect(names()).toEqual(['domain-renamed', 'domain-changed', 'domain-deleted']);
    expect(heard[0]?.event).toMatchObject({ from: 'test.com', domain: { name: 'new.com' } });
    expect(heard[1]?.event).toMatchObject({ fields: ['quota', 'name'] });
    expect(heard[2]?.event).toMatchObject({ mailboxes: 2 });
  });

  it('a guard refuses each kind of creation, and nothing is left of it', async () => {
    const full = 'E_WATCHER_FULL';
    const attempts: Record<string, () => Promise<unknown>> = {
      domain: () => b.domains.create(b.system, { name: 'more.com' }),
      'domain-alias': () => b.domains.create(b.system, { name: 'more.com', aliases: ['more.org', 'more.net'] }),
      mailbox: () => b.mailboxes.create(b.system, { username: 'more@test.com', passwordHash: HASH }),
      alias: () => b.aliases.create(b.system, { address: 'more@test.com', recipients: ['x@y.org'] }),
      'sender-address': () => b.senders.create(b.system, { address: 'x@y.org', mailbox: 'user@test.com' }),
      'domain-admin': () => b.domains.addAdmin(b.system, 'test2.com', 'admin@test.com'),
    };
    for (const [kind, attempt] of Object.entries(attempts)) {
      refuse = (request) => request.kind === kind;
      expect([kind, await refusal(attempt())]).toEqual([kind, full]);
    }
    expect(asked.find((request) => request.kind === 'domain-alias')).toMatchObject({
      count: 2,
      domain: { name: 'more.com' },
    });
    expect(asked.find((request) => request.kind === 'mailbox')).toMatchObject({
      count: 1,
      domain: { name: 'test.com' },
    });
    expect((await all(b.domains.list(b.system))).map((d) => d.name)).toEqual(['test.com', 'test2.com']);
    expect(await refusal(b.mailboxes.show(b.system, 'more@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
    expect(heard).toEqual([]);
    // Changing what is there asks nobody.
    refuse = () => true;
    asked.length = 0;
    await b.domains.update(b.system, 'test.com', { quota: 70, name: 'other.com' });
    await b.mailboxes.update(b.system, 'user@other.com', { mailbox: { quota: 5 } });
    expect(asked).toEqual([]);
  });

  it('a guard refuses quotas, of new things and of changed ones', async () => {
    expect(await refusal(b.domains.create(b.system, { name: 'big.com', quota: 2_000 }))).toBe('E_REFUSED');
    expect(await refusal(b.domains.update(b.system, 'test.com', { quota: 2_000 }))).toBe('E_REFUSED');
    expect(await refusal(b.mailboxes.update(b.system, 'user@test2.com', { mailbox: { quota: 2_000 } }))).toBe(
      'E_REFUSED',
    );
    expect(await refusal(b.mailboxes.update(b.system, 'user@test2.com', { mailbox: { quota: 900 } }))).toBe('accepted');
  });

  it('a filter narrows what an actor sees', async () => {
    expect(await all(b.domains.list(await b.actor('admin@test.com')))).toEqual([]);
    expect(await all(b.domains.list(await b.actor('admin@test2.com')))).toHaveLength(1);
  });

  it('somebody else may deliver to addresses that are neither mailbox nor alias', async () => {
    const create = (recipient: string) =>
      refusal(b.aliases.create(b.system, { address: 'l@test.com', recipients: [recipient] }));
    expect(await create('other@test.com')).toBe('E_ADMIN_RECIPIENT_NOT_FOUND recipients');
    expect(await create('list-staff@test.com')).toBe('accepted');
  });

  it('a job gives addresses of expired forwards back to their mailboxes', async () => {
    const job = admin.contributes?.map(
      ({ item }) => item as { id?: string; run?: (p: unknown, c: unknown) => Promise<void> },
    );
    const refresh = job?.find(({ id }) => id === 'refresh-forwards');
    await b.aliases.create(b.system, {
      address: 'user@test.com',
      recipients: ['x@y.org'],
      expire_at: new Date('2026-01-02T00:00:00Z'),
    });
    await refresh?.run?.(undefined, b.context);
    expect(await lookup(b, 'user@test.com')).toEqual(['x@y.org']);
    now = new Date('2026-01-02T00:00:01Z');
    expect(await lookup(b, 'user@test.com')).toEqual([]);
    await refresh?.run?.(undefined, b.context);
    expect(await lookup(b, 'user@test.com')).toEqual(['user@test.com']);
    await b.aliases.update(b.system, 'user@test.com', { expire_at: null });
    expect(await lookup(b, 'user@test.com')).toEqual(['x@y.org']);
  });
});
