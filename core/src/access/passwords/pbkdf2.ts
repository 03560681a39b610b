import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { equalInConstantTime } from './encodings.js';
import { MAX_PBKDF2_ROUNDS } from './limits.js';
import { hashingPool } from './semaphore.js';

const derive = promisify(pbkdf2);
const format = /^\$1\$([^$]*)\$([1-9]\d{0,8})\$([0-9a-f]{40})$/i;

/**
 * Whether the password gives a hash in the IMAP server's notation `$1$SALT$ROUNDS$HEX`: PBKDF2 (RFC 8018 section
 * 5.2) with HMAC-SHA1, 20 bytes, the salt's text used as it stands. Computed on the libuv pool.
 *
 * @returns false for other notations (passlib, Django) and for more than 2,000,000 rounds too.
 */
export async function matchesPbkdf2(password: string, value: string): Promise<boolean> {
  const match = format.exec(value);
  if (!match) return false;
  const [, salt = '', roundsText, hex = ''] = match;
  const rounds = Number(roundsText);
  if (rounds > MAX_PBKDF2_ROUNDS) return false;
  return equalInConstantTime(
    await hashingPool.run(() => derive(password, salt, rounds, 20, 'sha1')),
    Buffer.from(hex, 'hex'),
  );
}
