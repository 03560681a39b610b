import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashPassword } from './hash.js';
import { type MakeableScheme, makeableSchemes } from './schemes.js';
import { needsRehash, verifyPassword } from './verify.js';

// Known hashes, made with libxcrypt (Python's crypt module), libargon2 and Python's hashlib: never with
// the code they test.

const known = 'Pösthorn 8!';

const cryptVectors: readonly (readonly [password: string, hash: string])[] = [
  [known, 'abT6kX4M3StRk'],
  ['pass', './1bf5CUkza4E'],
  [known, '$1$saltsalt$0iRqUTinWd8EAt4rxmOOd/'],
  ['x'.repeat(20), '$1$s$bS4ixKe7QMZlThg.5Hjy/0'],
  [known, '$5$saltstring$yI8kL0wtLwEOzbSfKv.xfFYk49HSg3B0rOSlGJoxI4.'],
  [known, '$5$rounds=1000$0123456789abcdef$M7qhtoBwmv2uG4LG4S4YO0kMPyudDs7NKUtwhuVQeW3'],
  ['a'.repeat(32), '$5$rounds=1000$len32$pntL02N29jUiBrlmDPbYVqxffK3pttwYg10j8KvcUfC'],
  ['a'.repeat(96), '$5$rounds=1000$len96$Um2Ac3Jpw.r2KMPc2uWOTDKOm2ON/g/tTyFWlqOPyYD'],
  [known, '$6$saltstring$sa9N6rixvEPlQKR9hUnpIsLnrZGgnz.if.MbNpN8dpEzb5gCeAC1XRsU/1otRfFTq11l8XlHX.06otKNm4uL3.'],
  [
    known,
    '$6$rounds=1000$0123456789abcdef$.rG4vEFDdaGp/wLG8OpHzDQK/lryaC1CUhLBVV90MwfzSISn3waEcxpHFGfuQeRqtFXWHwzAAHQzrfHPjPfoH1',
  ],
  [
    'a'.repeat(64),
    '$6$rounds=1000$len64$hHZvuePSPeIRYG7xvKnZ/E3EWO4hF7s4zl7HGkPZStmsvbzzv1GTCa3IFJrL/SMawdqXYf4.j/leC3kX5mya4/',
  ],
  [
    'b'.repeat(128),
    '$6$rounds=1000$len128$6nf16sKB7Ih..jiCXc1JlRohcOYEtmU2.ktni8iEnOzXmF9M7Ze2nzRsLpuiduTzrOoNaKw6zalXBAZ1YlpnG0',
  ],
  ['', '$6$rounds=1000$empty$mD/mfMVeNHBUgTII19Wa60uGXYFiKQekh3g31uXM.1DkGrKMw1ICxo7N9UEq9xthpeZV2NXWk/C7RFot9C.JR.'],
  [known, '$6$rounds=1000$$InB0P3iH6H/WKv79IdrhVC35ToZjQPHPF3T7IglqcOrL9az/pxdn5lYKm79UvP8WtCCaxB79HZ8OQ8B/5RBUe0'],
  [
    known,
    '$6$rounds=1000$a-b_c,d$IL30FByDYRD9aCRLTmAvYKuMb8k.hUzcxU2aOhDUbFrujloTghVm3XtbCyRWYFa15sVWSCcQ2FckNNcx4WNla1',
  ],
  [known, '$2a$04$abcdefghijklmnopqrstuuDiRhSqA6PTNqQ9td9zNzHS8GO.5BmW2'],
  [known, '$2b$04$abcdefghijklmnopqrstuuDiRhSqA6PTNqQ9td9zNzHS8GO.5BmW2'],
  [known, '$2y$05$ABCDEFGHIJKLMNOPQRSTUu9tzKDjwKA8YYNOFBLJqWWLUl6295PIu'],
  ['z'.repeat(72), '$2y$04$ABCDEFGHIJKLMNOPQRSTUujv/k0SXhvLAe9f29zXK/OAx0yMPY5EO'],
];

/** All of the password `known`, all of them accepted by Dovecot. */
const storedVectors: readonly string[] = [
  '{ARGON2ID}$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$yBzzYUDAKN5+mDK4uunkrOJwZFMxpmIu/V7FzQVwvcA',
  '{ARGON2ID}$argon2id$v=19$m=256,t=2,p=4$c2FsdHNhbHRzYWx0c2FsdA$GCGWokAV7w8B7NuMhzy6ja11N4/a7d4JhYyNaV2+EW0',
  '{ARGON2I}$argon2i$v=19$m=512,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$VnMRwd4mqxhps5VYHIqZi82LsOJK/Wh1JbPKWO2oNW8',
  '{SHA512-CRYPT}$6$rounds=1000$0123456789abcdef$.rG4vEFDdaGp/wLG8OpHzDQK/lryaC1CUhLBVV90MwfzSISn3waEcxpHFGfuQeRqtFXWHwzAAHQzrfHPjPfoH1',
  '{SHA256-CRYPT}$5$saltstring$yI8kL0wtLwEOzbSfKv.xfFYk49HSg3B0rOSlGJoxI4.',
  '{BLF-CRYPT}$2a$04$abcdefghijklmnopqrstuuDiRhSqA6PTNqQ9td9zNzHS8GO.5BmW2',
  '{BLF-CRYPT}$2b$04$abcdefghijklmnopqrstuuDiRhSqA6PTNqQ9td9zNzHS8GO.5BmW2',
  '{BLF-CRYPT}$2y$05$ABCDEFGHIJKLMNOPQRSTUu9tzKDjwKA8YYNOFBLJqWWLUl6295PIu',
  '{MD5-CRYPT}$1$saltsalt$0iRqUTinWd8EAt4rxmOOd/',
  '{MD5}$1$saltsalt$0iRqUTinWd8EAt4rxmOOd/',
  '{DES-CRYPT}abT6kX4M3StRk',
  '{CRYPT}abT6kX4M3StRk',
  '{CRYPT}$1$saltsalt$0iRqUTinWd8EAt4rxmOOd/',
  '{CRYPT}$5$saltstring$yI8kL0wtLwEOzbSfKv.xfFYk49HSg3B0rOSlGJoxI4.',
  '{CRYPT}$2y$05$ABCDEFGHIJKLMNOPQRSTUu9tzKDjwKA8YYNOFBLJqWWLUl6295PIu',
  '{PLAIN-MD5}c7c3b680f8d85fe5f34ba5eb5e4314d8',
  '{MD5}c7c3b680f8d85fe5f34ba5eb5e4314d8',
  '{LDAP-MD5}x8O2gPjYX+XzS6XrXkMU2A==',
  '{SMD5}7yeKl1Yv8j8dUeZKaOvUDXNhbHQ=',
  '{SHA}2Q9lK9MFW67DuWzGvW4VrKg962A=',
  '{SHA1}2Q9lK9MFW67DuWzGvW4VrKg962A=',
  '{SHA.HEX}d90f652bd3055baec3b96cc6bd6e15aca83deb60',
  '{SHA1}d90f652bd3055baec3b96cc6bd6e15aca83deb60',
  '{SSHA}xaKQMoqMRq6LcYxW50HLLzO3lVxzYWx0',
  '{SSHA.HEX}c5a290328a8c46ae8b718c56e741cb2f33b7955c73616c74',
  '{SHA256}jr3unZSxx3nTAErok6rTBQ/M19VMCsLnerqKr7RGAHs=',
  '{SHA256.HEX}8ebdee9d94b1c779d3004ae893aad3050fccd7d54c0ac2e77aba8aafb446007b',
  '{SHA256.hex}8EBDEE9D94B1C779D3004AE893AAD3050FCCD7D54C0AC2E77ABA8AAFB446007B',
  '{SHA256.B64}jr3unZSxx3nTAErok6rTBQ/M19VMCsLnerqKr7RGAHs=',
  '{SSHA256}GQ46+nLTuSCNb4vuEXJ/Vfh9ybiYl229n+h1OW6fczpzYWx0',
  '{SHA512}D4z1SJbrH5LCrIUDlQjZCz8JEyoLgoCKLDP5+jOvewiPboDnuG6BLxdJQ/4H9ztA4kCMvGBgFHpKzxuf1STsJQ==',
  '{SSHA512}VvZruKF/k+90fryvedQ5cc/Sw5EE7xy/4SFQgyW2rTMzLs3/9FUwbJJ565Z4Wo1dDeBnAsrzuQ/DHfmFaHxvhXNhbHQ=',
  '{PBKDF2}$1$saltysalt$5000$2c76fd4343b28be58a36e771f501766d2aa1f58d',
  '{PLAIN}Pösthorn 8!',
  '{CLEAR}Pösthorn 8!',
  '{CLEARTEXT}Pösthorn 8!',
  '{PLAIN.B64}UMO2c3Rob3JuIDgh',
  '{PLAIN.HEX}50c3b67374686f726e203821',
  '{plain}Pösthorn 8!',
];

test.each(cryptVectors)('crypt(3) of %j: %s', async (password, hash) => {
  expect(await verifyPassword(password, hash.startsWith('$') ? hash : `{CRYPT}${hash}`)).toBe(true);
  expect(await verifyPassword(`!${password}`, `{CRYPT}${hash}`)).toBe(false);
});

test.each(storedVectors)('%s', async (stored) => {
  expect(await verifyPassword(known, stored)).toBe(true);
  expect(await verifyPassword(`!${known}`, stored)).toBe(false);
  expect(await verifyPassword('', stored)).toBe(false);
  expect(await verifyPassword(known.toLowerCase(), stored)).toBe(false);
  expect(needsRehash(stored, { scheme: 'ARGON2ID' })).toBe(true);
});

test('Argon2 of version 1.0, and with the costs in the order of the npm package', async () => {
  const tail = 'c2FsdHNhbHRzYWx0c2FsdA$VzCGe+47QPh2Lk7zO3l3Z5PVYVWW/ky0woimzcYZQ+A';
  expect(await verifyPassword(known, `{ARGON2ID}$argon2id$v=16$m=1024,t=1,p=1$${tail}`)).toBe(true);
  expect(await verifyPassword(known, `{ARGON2ID}$argon2id$m=1024,t=1,p=1$${tail}`)).toBe(true);
  const packages =
    '{ARGON2ID}$argon2id$v=19$m=1024,p=1,t=1$DlPKDpwE8o/Hm2moC26KDQ$THi8FdDikDgKZXk3dsOdbyJV5ugoTHZ5BE8KCcZWcu4';
  expect(await verifyPassword('x', packages)).toBe(true);
  // Dovecot takes that order for a mismatch: such a hash is to be replaced even at the right costs.
  expect(needsRehash(packages, { scheme: 'ARGON2ID', memoryKiB: 1024, timeCost: 1 })).toBe(true);
});

test('DES reads 8 bytes', async () => {
  expect(await verifyPassword(known.slice(0, 7), '{DES-CRYPT}abT6kX4M3StRk')).toBe(true);
  expect(await verifyPassword(known.slice(0, 6), '{DES-CRYPT}abT6kX4M3StRk')).toBe(false);
});

test('bcrypt reads 72 bytes', async () => {
  const stored = '{BLF-CRYPT}$2y$04$ABCDEFGHIJKLMNOPQRSTUujv/k0SXhvLAe9f29zXK/OAx0yMPY5EO';
  expect(await verifyPassword('z'.repeat(80), stored)).toBe(true);
  expect(await verifyPassword('z'.repeat(71), stored)).toBe(false);
});

describe('refuses, however the password', () => {
  const salted = 'c2FsdHNhbHRzYWx0c2FsdA$yBzzYUDAKN5+mDK4uunkrOJwZFMxpmIu/V7FzQVwvcA';
  const refused: readonly string[] = [
    // No scheme, an unknown one, none we verify.
    '',
    known,
    'abT6kX4M3StRk',
    `{}${known}`,
    `{NO-SUCH}${known}`,
    `{PLAIN.XYZ}${known}`,
    `{PLAIN-TRUNC}99-${known}`,
    '#{PLAIN}x',
    '{CRAM-MD5}e02d374fde0dc75a17a557039a3a5338c7743304777dccd376f332bee68d2cf6',
    // Empty values.
    '{PLAIN}',
    '{CRYPT}',
    '{MD5}',
    '{SSHA}',
    '{ARGON2ID}',
    '{PBKDF2}',
    // The right digest, wrongly written.
    '{SHA256.HEX}jr3unZSxx3nTAErok6rTBQ/M19VMCsLnerqKr7RGAHs=',
    '{SHA256.B64}8ebdee9d94b1c779d3004ae893aad3050fccd7d54c0ac2e77aba8aafb446007b',
    '{SHA256}jr3unZSxx3nTAErok6rTBQ/M19VMCsLnerqKr7RGAHs',
    '{SHA256} jr3unZSxx3nTAErok6rTBQ/M19VMCsLnerqKr7RGAHs=',
    '{SHA512}jr3unZSxx3nTAErok6rTBQ/M19VMCsLnerqKr7RGAHs=',
    '{SSHA}2Q9lK9MFW67DuWzGvW4VrKg962A=',
    '{PLAIN-MD5}c7c3b680f8d85fe5f34ba5eb5e4314d',
    '{PBKDF2}$pbkdf2$5000$c2FsdHlzYWx0$LHb9Q0OyhYo2',
    '{PBKDF2}$1$saltysalt$0$2c76fd4343b28be58a36e771f501766d2aa1f58d',
    '{MD5-CRYPT}abT6kX4M3StRk',
    '{CRYPT}$2x$04$abcdefghijklmnopqrstuuDiRhSqA6PTNqQ9td9zNzHS8GO.5BmW2',
    '{CRYPT}$y$j9T$abcdefghijklmnop$fea4Xs35Rk6966GNL2gK6e6MZ8VGnLEg2qBwtaoKKa.',
    `{CRYPT}$argon2id$v=19$m=1024,t=1,p=1$${salted}`,
    '{ARGON2ID}$argon2d$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$2k9YtHEd8JQhpb3eD1Czf4+MljS10I0BYI1EKMvnxzc',
    // Malformed: trailing bits and characters, costs missing, doubled, unknown.
    `{ARGON2ID}$argon2id$v=19$m=1024,t=1,p=1$${salted}=`,
    `{ARGON2ID}$argon2id$v=19$m=1024,t=1$${salted}`,
    `{ARGON2ID}$argon2id$v=19$m=1024,t=1,t=1$${salted}`,
    `{ARGON2ID}$argon2id$v=19$m=1024,t=1,p=1,keyid=AA$${salted}`,
    `{ARGON2ID}$argon2id$v=18$m=1024,t=1,p=1$${salted}`,
    // Costs out of bounds.
    `{ARGON2ID}$argon2id$v=19$m=4194304,t=1,p=1$${salted}`,
    `{ARGON2ID}$argon2id$v=19$m=229377,t=1,p=1$${salted}`,
    `{ARGON2ID}$argon2id$v=19$m=1024,t=11,p=1$${salted}`,
    `{ARGON2ID}$argon2id$v=19$m=1024,t=1,p=17$${salted}`,
    `{ARGON2ID}$argon2id$v=19$m=7,t=1,p=1$${salted}`,
    `{SHA512-CRYPT}$6$rounds=999999999$salt$${'a'.repeat(86)}`,
    `{SHA512-CRYPT}$6$rounds=999$salt$${'a'.repeat(86)}`,
    `{SHA512-CRYPT}$6$rounds=1000001$salt$${'a'.repeat(86)}`,
    `{BLF-CRYPT}$2y$31$${'a'.repeat(53)}`,
    `{BLF-CRYPT}$2y$03$${'a'.repeat(53)}`,
    '{PBKDF2}$1$saltysalt$2000001$2c76fd4343b28be58a36e771f501766d2aa1f58d',
  ];

  test.each(refused)('%s', async (stored) => {
    for (const password of [known, '', stored, stored.replace(/^\{[^}]*\}/, '')]) {
      expect(await verifyPassword(password, stored)).toBe(false);
    }
  });

  test('a password with NUL, where C would end it, or over 1024 bytes', async () => {
    expect(await verifyPassword('pass\0word', '{CRYPT}./1bf5CUkza4E')).toBe(false);
    expect(await verifyPassword('a\0b', '{PLAIN}a\0b')).toBe(false);
    expect(await verifyPassword('a'.repeat(1025), `{PLAIN}${'a'.repeat(1025)}`)).toBe(false);
    expect(await verifyPassword('a'.repeat(1024), `{PLAIN}${'a'.repeat(1024)}`)).toBe(true);
  });
});

describe('garbage', () => {
  const schemes = fc.constantFrom(
    ...[
      'ARGON2ID',
      'ARGON2I',
      'CRYPT',
      'SHA512-CRYPT',
      'BLF-CRYPT',
      'MD5-CRYPT',
      'DES-CRYPT',
      'PBKDF2',
      'SSHA',
      'SMD5',
    ],
    ...['SHA', 'SHA256', 'SHA512', 'MD5', 'PLAIN-MD5', 'LDAP-MD5', 'NO-SUCH', 'SHA256.HEX', 'CRYPT.B64', 'PLAIN.HEX'],
  );
  const values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'$,=.126amtpv{}') }),
    fc.constantFrom(...storedVectors.map((stored) => stored.replace(/^\{[^}]*\}/, ''))),
  );
  const texts = fc.string({ unit: 'binary' });

  test('never throws and is never its own password', async () => {
    await fc.assert(
      fc.asyncProperty(schemes, values, texts, async (scheme, value, password) => {
        const stored = `{${scheme}}${value}`;
        expect(await verifyPassword(value, stored)).toBe(false);
        expect(await verifyPassword(stored, stored)).toBe(false);
        expect(typeof (await verifyPassword(password, stored))).toBe('boolean');
        expect(typeof needsRehash(stored, { scheme: 'ARGON2ID' })).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  test('text without a scheme is no password', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await verifyPassword(text, text)).toBe(false);
      }),
    );
  });

  test('plain text is its own password and no other', async () => {
    const usable = texts.filter((text) => text !== '' && !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(usable, usable, async (text, other) => {
        expect(await verifyPassword(text, `{PLAIN}${text}`)).toBe(true);
        expect(await verifyPassword(other, `{PLAIN}${text}`)).toBe(Buffer.from(other).equals(Buffer.from(text)));
      }),
    );
  });
});

test('needsRehash: another scheme or another cost', () => {
  const sha512 =
    '{SHA512-CRYPT}$6$rounds=1000$0123456789abcdef$.rG4vEFDdaGp/wLG8OpHzDQK/lryaC1CUhLBVV90MwfzSISn3waEcxpHFGfuQeRqtFXWHwzAAHQzrfHPjPfoH1';
  expect(needsRehash(sha512, { scheme: 'SHA512-CRYPT', rounds: 1000 })).toBe(false);
  expect(needsRehash(sha512, { scheme: 'SHA512-CRYPT', rounds: 1001 })).toBe(true);
  expect(needsRehash(sha512, { scheme: 'SHA256-CRYPT', rounds: 1000 })).toBe(true);
  expect(needsRehash(sha512.replace('SHA512', 'SHA256'), { scheme: 'SHA256-CRYPT', rounds: 1000 })).toBe(true);
  expect(needsRehash(sha512.replace('SHA512-', ''), { scheme: 'SHA512-CRYPT', rounds: 1000 })).toBe(true);
  // Without rounds= it has 5000.
  const sha256 = '{SHA256-CRYPT}$5$saltstring$yI8kL0wtLwEOzbSfKv.xfFYk49HSg3B0rOSlGJoxI4.';
  expect(needsRehash(sha256, { scheme: 'SHA256-CRYPT', rounds: 5000 })).toBe(false);
  const bcrypt = '{BLF-CRYPT}$2b$04$abcdefghijklmnopqrstuuDiRhSqA6PTNqQ9td9zNzHS8GO.5BmW2';
  expect(needsRehash(bcrypt, { scheme: 'BLF-CRYPT', cost: 4 })).toBe(false);
  expect(needsRehash(bcrypt, { scheme: 'BLF-CRYPT' })).toBe(true);
  const [argon = ''] = storedVectors;
  expect(needsRehash(argon, { scheme: 'ARGON2ID', memoryKiB: 1024, timeCost: 1 })).toBe(false);
  expect(needsRehash(argon, { scheme: 'ARGON2ID', memoryKiB: 1024, timeCost: 2 })).toBe(true);
  expect(needsRehash(argon, { scheme: 'ARGON2ID', memoryKiB: 2048, timeCost: 1 })).toBe(true);
  expect(needsRehash(argon, { scheme: 'ARGON2ID', memoryKiB: 1024, timeCost: 1, parallelism: 2 })).toBe(true);
  expect(needsRehash('garbage', { scheme: 'ARGON2ID' })).toBe(true);
});

describe('as Dovecot', () => {
  const doveadm = '/usr/bin/doveadm';

  /** `doveadm pw -t`: exit status 0 and "(verified)", or another status. */
  async function dovecotVerifies(password: string, stored: string): Promise<boolean> {
    try {
      const { stdout } = await promisify(execFile)(doveadm, ['pw', '-t', stored, '-p', password]);
      return stdout.includes('(verified)');
    } catch {
      return false;
    }
  }

  function isMissing(): boolean {
    if (existsSync(doveadm)) return false;
    if (process.env.POSTHORN_TEST_REQUIRE === 'all') throw new Error(`${doveadm} is missing`);
    console.log(`did not run: ${doveadm} is missing`);
    return true;
  }

  test('the known hashes are verified by Dovecot too', async () => {
    if (isMissing()) return;
    for (const stored of storedVectors) {
      expect([stored, await dovecotVerifies(known, stored)]).toEqual([stored, true]);
      expect([stored, await dovecotVerifies(`${known}x`, stored)]).toEqual([
        stored,
        await verifyPassword(`${known}x`, stored),
      ]);
    }
  }, 60_000);

  test.each(makeableSchemes)('%s made here is verified by Dovecot', async (scheme: MakeableScheme) => {
    if (isMissing()) return;
    for (const password of [known, 'a'.repeat(32), 'b'.repeat(64), '😀 }{$']) {
      const stored = await hashPassword(password, { scheme });
      expect(await dovecotVerifies(password, stored)).toBe(true);
      expect(await dovecotVerifies(`!${password}`, stored)).toBe(false);
    }
    const costly = await hashPassword(known, {
      scheme,
      memoryKiB: 229_376,
      timeCost: 1,
      parallelism: 2,
      rounds: 100_000,
      cost: 5,
    });
    expect(await dovecotVerifies(known, costly)).toBe(true);
  }, 60_000);

  test('what Dovecot makes is verified here', async () => {
    if (isMissing()) return;
    const schemes = [
      ...['ARGON2ID', 'ARGON2I', 'SHA512-CRYPT', 'SHA256-CRYPT', 'BLF-CRYPT', 'DES-CRYPT', 'CRYPT', 'MD5-CRYPT', 'MD5'],
      ...['PBKDF2', 'SSHA', 'SSHA256', 'SSHA512', 'SMD5', 'SHA', 'SHA1', 'SHA256', 'SHA512', 'PLAIN-MD5', 'LDAP-MD5'],
      ...['PLAIN', 'CLEAR', 'CLEARTEXT', 'SHA256.HEX', 'SSHA.HEX', 'PLAIN-MD5.B64'],
    ];
    for (const scheme of schemes) {
      const { stdout } = await promisify(execFile)(doveadm, ['pw', '-s', scheme, '-p', known]);
      const stored = stdout.trim();
      expect([scheme, stored, await verifyPassword(known, stored)]).toEqual([scheme, stored, true]);
      expect(await verifyPassword(`!${known}`, stored)).toBe(false);
    }
  }, 60_000);
});
