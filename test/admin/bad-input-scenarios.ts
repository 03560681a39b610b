import { isProblem } from '@posthorn/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { WICKED } from './bad-input.js';
import { all, type Bench, empty, HASH, populate } from './fixture.js';

/** What a caller without types may send where text is expected. */
const WRONG_TYPES = [null, 0, true, {}, [], { toString: () => 'x@test.com' }, ['x@test.com'], Number.NaN] as const;

type Attempt = (value: never) => Promise<unknown>;

/** Everything above through every door of the services. */
export function badInputScenarios(given: () => Bench): void {
  let b: Bench;
  beforeAll(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });

  const snapshot = async () => ({
    domains: (await all(b.domains.list(b.system))).map((d) => [d.name, d.dkim_key_selector]),
    aliasesOfDomains: (await all(b.domainAliases.list(b.system))).map((d) => d.name),
    accounts: (await all(b.mailboxes.list(b.system))).map((a) => [a.username, a.email]),
    aliases: (await all(b.aliases.list(b.system, { internal: true }))).map((a) => [a.address, a.recipients]),
    senders: (await all(b.senders.list(b.system))).map((s) => s.address),
  });
  /** The value is refused with a problem that names the matter, and nothing has changed. */
  const refuses = async (attempt: Attempt, values: readonly unknown[]) => {
    const before = await snapshot();
    for (const value of values) {
      const outcome = await attempt(value as never).then(
        () => 'accepted',
        (error: unknown) => (isProblem(error) ? error.kind : error),
      );
      expect([value, outcome]).toEqual([value, expect.stringMatching(/^(invalid|not-found|conflict)$/)]);
    }
    expect(await snapshot()).toEqual(before);
  };
  const withDomain = (values: readonly string[]) => values.map((value) => `${value}@test.com`);
  // Odd, but an address: only a colleague of `__proto__` would complain.
  const locals = WICKED.filter((value) => value !== '__proto__' && value !== 'constructor');
  const addresses = [...WICKED, ...WRONG_TYPES, ...withDomain(locals), ...WICKED.map((value) => `user@${value}`)];
  const names = [
    ...WICKED,
    ...WRONG_TYPES,
    ...WICKED.map((value) => `${value}.com`).filter((name) => name !== 'constructor.com'),
  ];
  const hash = { passwordHash: HASH };

  describe('bad input', () => {
    const doors: Record<string, readonly [Attempt, readonly unknown[]]> = {
      'domain create name': [(name) => b.domains.create(b.system, { name }), names],
      'domain create aliases': [(name) => b.domains.create(b.system, { name: 'new.com', aliases: [name] }), names],
      'domain update name': [(name) => b.domains.update(b.system, 'test.com', { name }), names],
      'domain update aliases': [(name) => b.domains.update(b.system, 'test.com', { aliases: [name] }), names],
      'domain update selector': [
        (dkim_key_selector) => b.domains.update(b.system, 'test.com', { dkim_key_selector }),
        [...locals, '__proto__', ...WRONG_TYPES],
      ],
      'domain update key': [(key) => b.domains.update(b.system, key, { quota: 1 }), [...WICKED, -1, 0, 1.5]],
      'domain remove key': [(key) => b.domains.remove(b.system, key), [...WICKED, -1, 0]],
      'domain alias create name': [(name) => b.domainAliases.create(b.system, { name, target: 'test.com' }), names],
      'domain alias create target': [(target) => b.domainAliases.create(b.system, { name: 'new.com', target }), WICKED],
      'account create username': [(username) => b.mailboxes.create(b.system, { ...hash, username }), addresses],
      'account create name of an administrator': [
        (username) => b.mailboxes.create(b.system, { ...hash, username, role: 'Resellers' }),
        [...locals.filter((v) => !["it's", '=cmd()'].includes(v)), ...WRONG_TYPES],
      ],
      'account create address': [
        (full_address) =>
          b.mailboxes.create(b.system, { ...hash, username: 'boss', role: 'Resellers', mailbox: { full_address } }),
        addresses,
      ],
      'account create aliases': [
        (alias) => b.mailboxes.create(b.system, { ...hash, username: 'x@test.com', aliases: [alias] }),
        addresses.filter((a) => a !== '@test.com'),
      ],
      'account create senders': [
        (sender) => b.mailboxes.create(b.system, { ...hash, username: 'x@test.com', senderaddresses: [sender] }),
        addresses.filter((a) => a !== "it's@test.com" && a !== '@test.com'),
      ],
      'account create domains': [
        (name) => b.mailboxes.create(b.system, { ...hash, username: 'x', role: 'DomainAdmins', domains: [name] }),
        names,
      ],
      'account create role': [
        (role) => b.mailboxes.create(b.system, { ...hash, username: 'x@test.com', role }),
        [...WICKED, 0, true, {}],
      ],
      'account create language': [
        (language) => b.mailboxes.create(b.system, { ...hash, username: 'x@test.com', language }),
        WICKED.filter((v) => v !== ''),
      ],
      'account create phone': [
        (phone_number) => b.mailboxes.create(b.system, { ...hash, username: 'x@test.com', phone_number }),
        WICKED.filter((v) => v !== ''),
      ],
      'account create second address': [
        (secondary_email) => b.mailboxes.create(b.system, { ...hash, username: 'x@test.com', secondary_email }),
        [...WICKED.filter((v) => v !== ''), 'a@b@c'],
      ],
      'account create hash': [
        (passwordHash) => b.mailboxes.create(b.system, { username: 'x@test.com', passwordHash }),
        WICKED,
      ],
      'account create password': [
        (password) => b.mailboxes.create(b.system, { username: 'x@test.com', password }),
        ['', 'nul\u0000Byte1', 'x'.repeat(10_240), 7, null, {}],
      ],
      'account update username': [(username) => b.mailboxes.update(b.system, 'user@test.com', { username }), addresses],
      'account update address': [
        (full_address) => b.mailboxes.update(b.system, 'user@test.com', { mailbox: { full_address } }),
        addresses,
      ],
      'account update first name': [
        (first_name) => b.mailboxes.update(b.system, 'user@test.com', { first_name }),
        ['nul\u0000byte', 'line\r\nbreak', 'bidi\u202egnp', 'lone\ud800surrogate', 'x'.repeat(10_240), 5, {}],
      ],
      'account update quota': [
        (quota) => b.mailboxes.update(b.system, 'user@test.com', { mailbox: { quota } }),
        [-1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, '5', {}, true],
      ],
      'account update key': [(key) => b.mailboxes.update(b.system, key, { first_name: 'x' }), [...WICKED, -1, 0]],
      'alias create address': [
        (address) => b.aliases.create(b.system, { address, recipients: ['x@y.org'] }),
        addresses.filter((a) => a !== '@test.com'),
      ],
      'alias create recipients': [
        (recipient) => b.aliases.create(b.system, { address: 'new@test.com', recipients: ['x@y.org', recipient] }),
        // A catch-all of a domain is a recipient, and so is somebody else's apostrophe.
        addresses.filter((a) => a !== '@test.com'),
      ],
      'alias create list of recipients': [
        (recipients) => b.aliases.create(b.system, { address: 'new@test.com', recipients }),
        [null, 'x@y.org', 5, {}, []],
      ],
      'alias create description': [
        (description) => b.aliases.create(b.system, { address: 'new@test.com', recipients: ['x@y.org'], description }),
        ['nul\u0000byte', 'bidi\u202egnp', 'lone\ud800surrogate', 'x'.repeat(10_240), 5],
      ],
      'alias create expire_at': [
        (expire_at) => b.aliases.create(b.system, { address: 'new@test.com', recipients: ['x@y.org'], expire_at }),
        ['2040-01-01', 5, new Date('nonsense'), {}],
      ],
      'alias update address': [
        (address) => b.aliases.update(b.system, 'alias@test.com', { address }),
        addresses.filter((a) => a !== '@test.com'),
      ],
      'alias update recipients': [
        (recipient) => b.aliases.update(b.system, 'alias@test.com', { recipients: [recipient] }),
        addresses.filter((a) => a !== '@test.com'),
      ],
      'alias update key': [(key) => b.aliases.update(b.system, key, { enabled: true }), [...WICKED, -1, 0]],
      'sender create address': [
        (address) => b.senders.create(b.system, { address, mailbox: 'user@test.com' }),
        addresses.filter((a) => a !== "it's@test.com" && a !== '@test.com'),
      ],
      'sender create mailbox': [
        (mailbox) => b.senders.create(b.system, { address: 'x@y.org', mailbox }),
        [...WICKED, -1, 0],
      ],
    };
    for (const [door, [attempt, values]] of Object.entries(doors)) {
      it(door, () => refuses(attempt, values));
    }

    it('odd names that are names are stored as they are', async () => {
      const made = await b.mailboxes.create(b.system, {
        ...hash,
        username: '__proto__@test.com',
        first_name: `Robert'); drop table "x"; -- %s \\`,
        mailbox: { quota: 1 },
      });
      expect(made).toMatchObject({ username: '__proto__@test.com', first_name: `Robert'); drop table "x"; -- %s \\` });
      expect(await b.mailboxes.show(b.system, 'constructor@test.com').catch((e: { code: string }) => e.code)).toBe(
        'E_ADMIN_ACCOUNT_NOT_FOUND',
      );
      await b.mailboxes.remove(b.system, '__proto__@test.com');
    });

    it('lists take any words and cursors', async () => {
      for (const word of WICKED) {
        for (const list of [
          () => b.domains.list(b.system, { search: word }),
          () => b.domains.list(b.system, { after: word }),
          () => b.mailboxes.list(b.system, { search: word }),
          () => b.mailboxes.list(b.system, { after: word, role: word }),
          () => b.aliases.list(b.system, { search: word, recipient: word }),
          () => b.aliases.list(b.system, { after: word }),
          () => b.domainAliases.list(b.system, { search: word }),
          () => b.senders.list(b.system, { after: word }),
        ]) {
          const outcome = await (async () => all<unknown>(list()))().then(
            () => 'listed',
            (error: unknown) => (isProblem(error) ? error.kind : error),
          );
          expect([word, outcome]).toEqual([word, expect.stringMatching(/^(listed|invalid)$/)]);
        }
      }
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        expect(
          await (async () => all(b.domains.list(b.system, { limit })))().catch((e: { kind: string }) => e.kind),
        ).toBe('invalid');
      }
    });
  });
}
