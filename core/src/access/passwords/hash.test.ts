import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashPassword } from './hash.js';
import type { HashOptions } from './hash-options.js';
import { MAX_SHA_CRYPT_ROUNDS } from './limits.js';
import { dummyVerify, needsRehash, verifyPassword } from './verify.js';

const cheap: readonly HashOptions[] = [
  { scheme: 'ARGON2ID', memoryKiB: 64, timeCost: 1 },
  { scheme: 'ARGON2ID', memoryKiB: 64, timeCost: 2, parallelism: 4 },
  { scheme: 'SHA512-CRYPT', rounds: 1000 },
  { scheme: 'SHA256-CRYPT', rounds: 1000 },
  { scheme: 'BLF-CRYPT', cost: 4 },
];

test('writes the forms Dovecot reads, at the default costs', async () => {
  const unpaddedTag = '[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}';
  expect(await hashPassword('x', { scheme: 'ARGON2ID' })).toMatch(
    new RegExp(`^\\{ARGON2ID\\}\\$argon2id\\$v=19\\$m=65536,t=3,p=1\\$${unpaddedTag}$`),
  );
  expect(await hashPassword('x', { scheme: 'SHA512-CRYPT' })).toMatch(
    /^\{SHA512-CRYPT\}\$6\$rounds=70000\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/,
  );
  expect(await hashPassword('x', { scheme: 'SHA256-CRYPT', rounds: 5000 })).toMatch(
    /^\{SHA256-CRYPT\}\$5\$rounds=5000\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{43}$/,
  );
  expect(await hashPassword('x', { scheme: 'BLF-CRYPT' })).toMatch(/^\{BLF-CRYPT\}\$2y\$12\$[./0-9A-Za-z]{53}$/);
});

test.each<[string, HashOptions]>([
  ['memory beyond what Dovecot verifies', { scheme: 'ARGON2ID', memoryKiB: 229_377 }],
  ['less than 8 KiB per lane', { scheme: 'ARGON2ID', memoryKiB: 31, parallelism: 4 }],
  ['passes', { scheme: 'ARGON2ID', timeCost: 11 }],
  ['no pass', { scheme: 'ARGON2ID', timeCost: 0 }],
  ['lanes', { scheme: 'ARGON2ID', parallelism: 17 }],
  ['part of a KiB', { scheme: 'ARGON2ID', memoryKiB: 65_536.5 }],
  ['few rounds', { scheme: 'SHA512-CRYPT', rounds: 999 }],
  ['more rounds than are verified', { scheme: 'SHA256-CRYPT', rounds: MAX_SHA_CRYPT_ROUNDS + 1 }],
  ['low cost', { scheme: 'BLF-CRYPT', cost: 3 }],
  ['high cost', { scheme: 'BLF-CRYPT', cost: 16 }],
  ['a scheme that is only verified', { scheme: 'PLAIN' as HashOptions['scheme'] }],
])('refuses %s', async (_, options) => {
  await expect(hashPassword('x', options)).rejects.toThrow(RangeError);
  expect(() => needsRehash('{PLAIN}x', options)).toThrow(RangeError);
});

test('refuses passwords that could never be verified', async () => {
  await expect(hashPassword('a\0b', { scheme: 'ARGON2ID' })).rejects.toThrow(RangeError);
  await expect(hashPassword('é'.repeat(513), { scheme: 'ARGON2ID' })).rejects.toThrow(RangeError);
});

const passwords = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'));
/** Passwords that bcrypt, reading 72 bytes, tells apart. */
const shortPasswords = passwords.filter((text) => Buffer.byteLength(text) <= 72);

test.each(cheap)('$scheme: verifies its own password and no other; needs no rehash', async (options) => {
  await fc.assert(
    fc.asyncProperty(shortPasswords, shortPasswords, async (password, other) => {
      const stored = await hashPassword(password, options);
      expect(await verifyPassword(password, stored)).toBe(true);
      expect(await verifyPassword(stored, stored)).toBe(false);
      expect(await verifyPassword(other, stored)).toBe(Buffer.from(password).equals(Buffer.from(other)));
      expect(needsRehash(stored, options)).toBe(false);
    }),
    { numRuns: 15 },
  );
}, 60_000);

test('salts every hash anew', async () => {
  for (const options of cheap) {
    expect(await hashPassword('x', options)).not.toBe(await hashPassword('x', options));
  }
});

test.each(cheap)('$scheme: a dummy verification fails and computes', async (options) => {
  expect(await dummyVerify('x', options)).toBe(false);
});

test.each<HashOptions>([
  { scheme: 'ARGON2ID', memoryKiB: 8192, timeCost: 2 },
  { scheme: 'SHA512-CRYPT', rounds: 20_000 },
  { scheme: 'BLF-CRYPT', cost: 8 },
])('$scheme: the event loop turns while four hashes are computed', async (options) => {
  let running = 4;
  const hashes = Promise.all(
    ['a', 'b', 'c', 'd'].map(async (password) => {
      const stored = await hashPassword(password, options);
      running -= 1;
      return stored;
    }),
  );
  let turns = 0;
  while (running > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  expect(await hashes).toHaveLength(4);
  // Computed on this thread, a hash would take up a whole turn: a handful in all.
  expect(turns).toBeGreaterThan(100);
}, 60_000);
