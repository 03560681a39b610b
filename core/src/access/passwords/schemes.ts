import { MAX_STORED_LENGTH } from './limits.js';

/** The schemes new hashes are made with. Everything else is only verified. */
export type MakeableScheme = 'ARGON2ID' | 'SHA512-CRYPT' | 'SHA256-CRYPT' | 'BLF-CRYPT';

/** `MakeableScheme` as a list, strongest first, for settings and validation. */
export const makeableSchemes: readonly MakeableScheme[] = ['ARGON2ID', 'SHA512-CRYPT', 'SHA256-CRYPT', 'BLF-CRYPT'];

/** A stored password taken apart. */
export interface StoredPassword {
  /** Upper-case name without braces and suffix, e.g. `SHA512-CRYPT`; not necessarily one we know. */
  readonly scheme: string;
  /** What follows the closing brace, or the whole string of an unprefixed crypt(3) hash. */
  readonly value: string;
  /** How `value` is encoded when the scheme says so (`{SHA256.HEX}`), overriding the scheme's default. */
  readonly encoding?: 'HEX' | 'B64';
}

const prefixed = /^\{([\w-]+)(?:\.(hex|b64|base64))?\}(.*)$/is;
const crypt = /^\$[0-9a-z-]+\$/;

/**
 * Takes a stored password apart: `{SCHEME}value`, `{SCHEME.HEX}value`, `{SCHEME.B64}value` (also
 * `.BASE64`), names in any case, as the IMAP server reads its passdb ("Password Schemes" in its documentation).
 * A string without braces that looks like a crypt(3) hash (`$6$…`) is scheme `CRYPT`.
 *
 * @returns undefined for anything else: text without a scheme, a scheme with an unknown suffix, a hash
 *   disabled by a leading `#`, an over-long string. Never a plain-text reading.
 */
export function parseStored(stored: string): StoredPassword | undefined {
  if (stored.length > MAX_STORED_LENGTH) return undefined;
  const match = prefixed.exec(stored);
  if (match) {
    const [, scheme = '', suffix, value = ''] = match;
    if (suffix === undefined) return { scheme: scheme.toUpperCase(), value };
    return { scheme: scheme.toUpperCase(), value, encoding: suffix.toUpperCase() === 'HEX' ? 'HEX' : 'B64' };
  }
  return crypt.test(stored) ? { scheme: 'CRYPT', value: stored } : undefined;
}
