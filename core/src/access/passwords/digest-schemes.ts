import { createHash } from 'node:crypto';
import { decodeBase64, decodeHex, equalInConstantTime } from './encodings.js';

/** A scheme that stores one digest of the password, of the password and a salt, or the password itself. */
interface DigestScheme {
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512';
  readonly bytes: number;
  /** Whether a salt of at least one byte follows the digest; it was hashed after the password. */
  readonly salted: boolean;
}

const md5 = { algorithm: 'md5', bytes: 16 } as const;
const sha1 = { algorithm: 'sha1', bytes: 20 } as const;
const sha256 = { algorithm: 'sha256', bytes: 32 } as const;
const sha512 = { algorithm: 'sha512', bytes: 64 } as const;

/** the IMAP server's digest schemes by name ("Password Schemes" in its documentation). */
const digestSchemes: ReadonlyMap<string, DigestScheme> = new Map([
  ['MD5', { ...md5, salted: false }],
  ['PLAIN-MD5', { ...md5, salted: false }],
  ['LDAP-MD5', { ...md5, salted: false }],
  ['SHA', { ...sha1, salted: false }],
  ['SHA1', { ...sha1, salted: false }],
  ['SHA256', { ...sha256, salted: false }],
  ['SHA512', { ...sha512, salted: false }],
  ['SMD5', { ...md5, salted: true }],
  ['SSHA', { ...sha1, salted: true }],
  ['SSHA256', { ...sha256, salted: true }],
  ['SSHA512', { ...sha512, salted: true }],
]);

/** Whether `matchesDigest` knows the scheme. */
export function isDigestScheme(scheme: string): boolean {
  return digestSchemes.has(scheme);
}

/**
 * Whether the password gives the stored digest.
 *
 * @param encoding what the scheme's suffix says. Without one, a value of a digest's length in hex is hex
 *   and any other base64, as the IMAP server guesses; a salted value is base64.
 * @returns false for an unknown scheme and a malformed value too.
 */
export function matchesDigest(password: string, scheme: string, value: string, encoding?: 'HEX' | 'B64'): boolean {
  const known = digestSchemes.get(scheme);
  if (!known) return false;
  const guessed = !known.salted && value.length === known.bytes * 2 ? 'HEX' : 'B64';
  const stored = (encoding ?? guessed) === 'HEX' ? decodeHex(value) : decodeBase64(value);
  if (!stored || (known.salted ? stored.length <= known.bytes : stored.length !== known.bytes)) return false;
  const salt = stored.subarray(known.bytes);
  const computed = createHash(known.algorithm).update(password, 'utf8').update(salt).digest();
  return equalInConstantTime(computed, stored.subarray(0, known.bytes));
}
