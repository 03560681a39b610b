import { randomBytes } from 'node:crypto';
import { matchesArgon, parseArgon, writeArgon2id } from './argon.js';
import { parseCrypt } from './crypt-string.js';
import { cryptWorker } from './crypt-worker.js';
import { isDigestScheme, matchesDigest } from './digest-schemes.js';
import { decodeBase64, decodeHex, equalInConstantTime } from './encodings.js';
import { defaultHashOptions, type HashOptions, planHash } from './hash-options.js';
import { matchesPbkdf2 } from './pbkdf2.js';
import { cryptAlphabet, randomText } from './random-text.js';
import { parseStored, type StoredPassword } from './schemes.js';
import { isUsablePassword } from './usable-password.js';

/**
 * Whether a password is the one stored. Knows ARGON2ID, ARGON2I, SHA512-CRYPT, SHA256-CRYPT, BLF-CRYPT,
 * DES-CRYPT and CRYPT (any of `$6$`, `$5$`, `$2a$`, `$2b$`, `$2y$`, `$1$`, DES under each of these five names,
 * as the IMAP server reads them), MD5-CRYPT, PBKDF2 in the IMAP server's notation, SSHA, SSHA256, SSHA512, SMD5, SHA, SHA1,
 * SHA256, SHA512, MD5, PLAIN-MD5, LDAP-MD5, PLAIN, CLEAR, CLEARTEXT; `.HEX` and `.B64` suffixes; crypt(3)
 * hashes without a scheme.
 *
 * Never rejects. False as well for an unknown scheme, a malformed value, costs out of bounds (`limits.ts`),
 * a password with NUL or over 1024 bytes, and when the computation fails. Text is compared with the
 * password only where the scheme says that it is one.
 */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parsed = parseStored(stored);
  if (!parsed || !isUsablePassword(password)) return false;
  try {
    return await matches(password.toWellFormed(), parsed);
  } catch {
    // Out of memory, a worker thread that dies: nobody gets in on a failure.
    return false;
  }
}

/**
 * Whether a stored password should be hashed anew, at the next sign-in: another scheme, other costs, or a
 * writing the IMAP server does not read.
 *
 * @throws RangeError when `wanted` is out of bounds.
 */
export function needsRehash(stored: string, wanted: HashOptions): boolean {
  const plan = planHash(wanted);
  const parsed = parseStored(stored);
  if (!parsed || parsed.encoding !== undefined || parsed.scheme !== plan.scheme) return true;
  if (plan.scheme === 'ARGON2ID') {
    const hash = parseArgon(parsed.value);
    return !(
      hash?.canonical &&
      hash.variant === 'argon2id' &&
      hash.memoryKiB === plan.memoryKiB &&
      hash.timeCost === plan.timeCost &&
      hash.parallelism === plan.parallelism
    );
  }
  const hash = parseCrypt(parsed.value);
  if (plan.scheme === 'BLF-CRYPT') return !(hash?.kind === 'bcrypt' && hash.cost === plan.cost);
  const kind = plan.scheme === 'SHA512-CRYPT' ? 'sha512' : 'sha256';
  return !(hash?.kind === kind && hash.rounds === plan.rounds);
}

/**
 * The work of verifying a password made with `wanted`, for nothing: where the user does not exist or has no
 * password, the answer takes as long as elsewhere and does not tell that apart. (A user whose hash is still of
 * another scheme does differ, until the next sign-in rehashes it.)
 *
 * @returns false, always.
 */
export async function dummyVerify(password: string, wanted: HashOptions = defaultHashOptions): Promise<false> {
  await verifyPassword(password, unmatchable(wanted));
  return false;
}

async function matches(password: string, { scheme, value, encoding }: StoredPassword): Promise<boolean> {
  if (isDigestScheme(scheme) && !(scheme === 'MD5' && value.startsWith('$1$'))) {
    return matchesDigest(password, scheme, value, encoding);
  }
  const bytes = encoding === 'HEX' ? decodeHex(value) : encoding === 'B64' ? decodeBase64(value) : Buffer.from(value);
  // An empty stored password opens nothing, not even to an empty one.
  if (!bytes || bytes.length === 0) return false;
  const text = bytes.toString('utf8');
  switch (scheme) {
    case 'ARGON2ID':
    case 'ARGON2I': {
      // Either variant under either name, as libsodium goes by the string alone.
      const hash = parseArgon(text);
      return hash ? matchesArgon(password, hash) : false;
    }
    case 'SHA512-CRYPT':
    case 'SHA256-CRYPT':
    case 'BLF-CRYPT':
    case 'DES-CRYPT':
    case 'CRYPT':
      return parseCrypt(text) ? matchesCrypt(password, text) : false;
    case 'MD5':
    case 'MD5-CRYPT':
      return parseCrypt(text)?.kind === 'md5' ? matchesCrypt(password, text) : false;
    case 'PBKDF2':
      return matchesPbkdf2(password, text);
    case 'PLAIN':
    case 'CLEAR':
    case 'CLEARTEXT':
      return equalInConstantTime(password, bytes);
    default:
      return false;
  }
}

async function matchesCrypt(password: string, hash: string): Promise<boolean> {
  return equalInConstantTime(await cryptWorker.crypt(password, hash), hash);
}

/** A stored password of the wanted scheme and cost that was made from no password. */
function unmatchable(wanted: HashOptions): string {
  const plan = planHash(wanted);
  switch (plan.scheme) {
    case 'ARGON2ID':
      return `{ARGON2ID}${writeArgon2id(plan, randomBytes(16), randomBytes(32))}`;
    case 'BLF-CRYPT':
      return `{BLF-CRYPT}$2y$${String(plan.cost).padStart(2, '0')}$${randomText(53, cryptAlphabet)}`;
    default: {
      const [id, digest] = plan.scheme === 'SHA512-CRYPT' ? [6, 86] : [5, 43];
      return `{${plan.scheme}}$${id}$rounds=${plan.rounds}$${randomText(16, cryptAlphabet)}$${randomText(digest, cryptAlphabet)}`;
    }
  }
}
