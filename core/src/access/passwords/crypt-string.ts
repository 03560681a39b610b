import { MAX_BCRYPT_COST, MAX_SHA_CRYPT_ROUNDS, MIN_BCRYPT_COST, MIN_SHA_CRYPT_ROUNDS } from './limits.js';

/** A crypt(3) hash string whose cost is within bounds. */
export type CryptHash =
  | { readonly kind: 'sha512' | 'sha256'; readonly rounds: number }
  | { readonly kind: 'bcrypt'; readonly revision: 'a' | 'b' | 'y'; readonly cost: number }
  | { readonly kind: 'md5' | 'des' };

// Drepper's text says salts are any characters but `$`; libxcrypt refuses `:` (it separates fields of passwd).
const sha = /^\$([56])\$(?:rounds=([1-9]\d{0,8})\$)?[!-#%-9;-~]{0,16}\$([./0-9A-Za-z]+)$/;
const bcrypt = /^\$2([aby])\$(\d\d)\$[./0-9A-Za-z]{53}$/;
const md5 = /^\$1\$[!-#%-9;-~]{0,8}\$[./0-9A-Za-z]{22}$/;
const des = /^[./0-9A-Za-z]{13}$/;
const defaultShaRounds = 5000;

/**
 * Reads a crypt(3) hash: `$6$` and `$5$` (SHA-crypt, 5000 rounds unless `rounds=` says otherwise), `$2a$`,
 * `$2b$`, `$2y$` (bcrypt), `$1$` (MD5-crypt), 13 characters (traditional DES).
 *
 * @returns undefined for other kinds (yescrypt, scrypt, extended DES, the broken `$2x$`), when malformed,
 *   and when the cost is out of bounds.
 */
export function parseCrypt(text: string): CryptHash | undefined {
  const shaMatch = sha.exec(text);
  if (shaMatch) {
    const [, id, roundsText, digest = ''] = shaMatch;
    const rounds = Number(roundsText ?? defaultShaRounds);
    if (digest.length !== (id === '6' ? 86 : 43)) return undefined;
    if (rounds < MIN_SHA_CRYPT_ROUNDS || rounds > MAX_SHA_CRYPT_ROUNDS) return undefined;
    return { kind: id === '6' ? 'sha512' : 'sha256', rounds };
  }
  const bcryptMatch = bcrypt.exec(text);
  if (bcryptMatch) {
    const cost = Number(bcryptMatch[2]);
    if (cost < MIN_BCRYPT_COST || cost > MAX_BCRYPT_COST) return undefined;
    return { kind: 'bcrypt', revision: bcryptMatch[1] as 'a' | 'b' | 'y', cost };
  }
  if (md5.test(text)) return { kind: 'md5' };
  return des.test(text) ? { kind: 'des' } : undefined;
}
