import { randomInt } from 'node:crypto';

/** `length` characters drawn uniformly from `alphabet` by a CSPRNG. */
export function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** The digits of crypt(3)'s base 64, in order of value. */
export const cryptAlphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
