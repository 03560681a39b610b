import { createHash, hash } from 'node:crypto';

/**
 * SHA-256 and SHA-512 crypt(3), after U. Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6;
 * the step numbers below are that text's. Not taken from the package `unixcrypt`: its 3.0.4 computes a
 * wrong hash when the password's length is a multiple of the digest's (32 and 64 bytes).
 *
 * Runs in the worker thread straight from TypeScript in tests: no relative imports, no syntax that
 * has to be compiled.
 */

/** What a SHA-crypt hash is computed from. */
export interface ShaCryptSetting {
  readonly algorithm: 'sha256' | 'sha512';
  readonly rounds: number;
  /** At most 16 characters of ASCII. */
  readonly salt: string;
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The encoded digest alone: 43 characters for SHA-256, 86 for SHA-512. Blocks its thread for about 2 µs per round. */
export function shaCryptDigest(password: string, { algorithm, rounds, salt }: ShaCryptSetting): string {
  const key = Buffer.from(password, 'utf8');
  const saltBytes = Buffer.from(salt, 'latin1');

  // Steps 4 to 8: digest B.
  const digestB = createHash(algorithm).update(key).update(saltBytes).update(key).digest();

  // Steps 1 to 3 and 9 to 12: digest A; the key's length selects bits of B and whole keys.
  const hashA = createHash(algorithm).update(key).update(saltBytes).update(stretch(digestB, key.length));
  for (let bits = key.length; bits > 0; bits >>= 1) hashA.update(bits & 1 ? digestB : key);
  let current: Buffer = hashA.digest();

  // Steps 13 to 16: the byte sequence P, as long as the key.
  const hashP = createHash(algorithm);
  for (let count = 0; count < key.length; count += 1) hashP.update(key);
  const sequenceP = stretch(hashP.digest(), key.length);

  // Steps 17 to 20: the byte sequence S, as long as the salt.
  const hashS = createHash(algorithm);
  for (let count = 16 + (current[0] ?? 0); count > 0; count -= 1) hashS.update(saltBytes);
  const sequenceS = stretch(hashS.digest(), saltBytes.length);

  // Step 21. One buffer and one call per round: a hash object per round costs several times as much.
  const scratch = Buffer.alloc(current.length + 2 * sequenceP.length + sequenceS.length);
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    let length = (odd ? sequenceP : current).copy(scratch, 0);
    if (round % 3 !== 0) length += sequenceS.copy(scratch, length);
    if (round % 7 !== 0) length += sequenceP.copy(scratch, length);
    length += (odd ? current : sequenceP).copy(scratch, length);
    current = hash(algorithm, scratch.subarray(0, length), 'buffer');
  }
  return encode(current);
}

/** `digest` repeated and cut to `length` bytes. */
function stretch(digest: Buffer, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, digest);
}

/** Step 22: crypt's own base 64 of the digest, its bytes taken in a rotating order. */
function encode(digest: Buffer): string {
  const third = Math.floor(digest.length / 3);
  const byte = (index: number): number => digest[index] ?? 0;
  let text = '';
  for (let group = 0; group < third; group += 1) {
    // The three thirds of the digest change places from group to group: right-wards in SHA-256, left-wards in SHA-512.
    const shift = digest.length === 32 ? (3 - (group % 3)) % 3 : group % 3;
    const [high, middle, low] = [0, 1, 2].map((place) => group + third * ((place + shift) % 3)) as [
      number,
      number,
      number,
    ];
    text += sixBits((byte(high) << 16) | (byte(middle) << 8) | byte(low), 4);
  }
  if (digest.length === 32) return text + sixBits((byte(31) << 8) | byte(30), 3);
  return text + sixBits(byte(63), 2);
}

function sixBits(value: number, count: number): string {
  let text = '';
  for (let index = 0; index < count; index += 1) text += alphabet.charAt((value >> (6 * index)) & 63);
  return text;
}
