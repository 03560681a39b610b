import { BCRYPT_PASSWORD_BYTES, MAX_PASSWORD_BYTES } from './limits.js';
import { randomText } from './random-text.js';
import type { MakeableScheme } from './schemes.js';

/** What a password must have at least: characters in all, and characters of each class. 0 asks for nothing. */
export interface PasswordPolicy {
  readonly minLength: number;
  readonly digits: number;
  readonly lowercase: number;
  readonly uppercase: number;
  /** Punctuation and symbols. */
  readonly special: number;
}

/** What else a password is judged by. */
export interface PasswordContext {
  /** Sign-in name; of an address, the local part counts as a name too. */
  readonly username?: string;
  /** The scheme it will be hashed with: BLF-CRYPT reads 72 bytes only. */
  readonly scheme?: MakeableScheme;
}

/** Why a password is refused. */
export type PasswordRefusal =
  | 'control-character'
  | 'too-long'
  | 'too-short'
  | 'no-digit'
  | 'no-lowercase'
  | 'no-uppercase'
  | 'no-special'
  | 'same-as-username';

/**
 * Checks a new password. Lengths are in code points, classes are Unicode's; a letter without case counts
 * for no class.
 *
 * @returns every reason to refuse it, in the order of `PasswordRefusal`; empty when it is accepted.
 *   `control-character`: NUL, CR, LF and other control characters, which protocols and files cannot carry, and
 *   lone surrogates, which UTF-8 cannot. `too-long`: over 1024 bytes of UTF-8, or 72 for BLF-CRYPT.
 *   `same-as-username` ignores case.
 */
export function checkPasswordPolicy(
  password: string,
  policy: PasswordPolicy,
  context: PasswordContext = {},
): PasswordRefusal[] {
  const most = context.scheme === 'BLF-CRYPT' ? BCRYPT_PASSWORD_BYTES : MAX_PASSWORD_BYTES;
  const checks: [PasswordRefusal, boolean][] = [
    ['control-character', /\p{Cc}/u.test(password) || !password.isWellFormed()],
    ['too-long', Buffer.byteLength(password, 'utf8') > most],
    ['too-short', [...password].length < policy.minLength],
    ['no-digit', count(password, /\p{Nd}/gu) < policy.digits],
    ['no-lowercase', count(password, /\p{Ll}/gu) < policy.lowercase],
    ['no-uppercase', count(password, /\p{Lu}/gu) < policy.uppercase],
    ['no-special', count(password, /[\p{P}\p{S}]/gu) < policy.special],
    ['same-as-username', isUsername(password, context.username)],
  ];
  return checks.filter(([, refused]) => refused).map(([reason]) => reason);
}

const digits = '0123456789';
const lowercase = 'abcdefghijklmnopqrstuvwxyz';
const uppercase = lowercase.toUpperCase();

/**
 * A random password of ASCII letters and digits with at least one digit, one lower-case and one
 * upper-case letter, from a CSPRNG.
 *
 * @param length 8 to 1024 characters.
 * @throws RangeError for another length.
 */
export function randomPassword(length: number): string {
  if (!Number.isInteger(length) || length < 8 || length > MAX_PASSWORD_BYTES) {
    throw new RangeError(`a random password has 8 to ${MAX_PASSWORD_BYTES} characters, not ${length}`);
  }
  // Drawn again until every class is there: placing one of each by hand would not be uniform.
  for (;;) {
    const password = randomText(length, digits + lowercase + uppercase);
    if (/[0-9]/.test(password) && /[a-z]/.test(password) && /[A-Z]/.test(password)) return password;
  }
}

function count(text: string, kind: RegExp): number {
  return text.match(kind)?.length ?? 0;
}

function isUsername(password: string, username: string | undefined): boolean {
  if (!username) return false;
  const at = username.lastIndexOf('@');
  const names = at > 0 ? [username, username.slice(0, at)] : [username];
  return names.some((name) => name.toLowerCase() === password.toLowerCase());
}
