import { randomBytes } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { makeArgon2id } from './argon.js';
import { cryptWorker } from './crypt-worker.js';
import { type HashOptions, planHash } from './hash-options.js';
import { cryptAlphabet, randomText } from './random-text.js';
import { isUsablePassword } from './usable-password.js';

export type { HashOptions } from './hash-options.js';

/**
 * Hashes a password for storing, in a form the IMAP server verifies: `{ARGON2ID}$argon2id$v=19$m=…,t=…,p=…$…`,
 * `{SHA512-CRYPT}$6$rounds=…$…`, `{SHA256-CRYPT}$5$rounds=…$…` or `{BLF-CRYPT}$2y$…`, salted anew.
 * ARGON2ID computes on the libuv pool, the others in the worker thread.
 *
 * With BLF-CRYPT only the first 72 bytes count, here as everywhere: `checkPasswordPolicy` refuses longer ones.
 *
 * @throws RangeError when a setting is out of bounds, or for a password that could never be verified:
 *   over 1024 bytes of UTF-8, or with a NUL, where crypt(3) and the IMAP server end it.
 */
export async function hashPassword(password: string, options: HashOptions): Promise<string> {
  const plan = planHash(options);
  if (!isUsablePassword(password)) throw new RangeError('the password contains NUL or is longer than 1024 bytes');
  // Lone surrogates have no UTF-8; every library replaces them in its own way.
  const text = password.toWellFormed();
  switch (plan.scheme) {
    case 'ARGON2ID':
      return `{ARGON2ID}${await makeArgon2id(text, plan, randomBytes(16))}`;
    case 'SHA512-CRYPT':
    case 'SHA256-CRYPT': {
      const id = plan.scheme === 'SHA512-CRYPT' ? 6 : 5;
      const setting = `$${id}$rounds=${plan.rounds}$${randomText(16, cryptAlphabet)}`;
      return `{${plan.scheme}}${await cryptWorker.crypt(text, setting)}`;
    }
    case 'BLF-CRYPT': {
      const setting = `$2y$${String(plan.cost).padStart(2, '0')}$${bcrypt.encodeBase64([...randomBytes(16)], 16)}`;
      return `{BLF-CRYPT}${await cryptWorker.crypt(text, setting)}`;
    }
  }
}
