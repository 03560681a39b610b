import { crc32 } from 'node:zlib';
import { randomText } from '../passwords/random-text.js';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 40 digits of base 62 are 238 random bits. */
const SECRET = 40;
const CHECKSUM = 6;
const SHAPE = new RegExp(`^pht_[0-9A-Za-z]{${SECRET + CHECKSUM}}$`);

/** How much of a token is shown afterwards. */
export const PREFIX = 12;

/** The prefix lets scanners of source code find tokens that leaked, the checksum lets them be sure. */
export function newApiToken(): string {
  const secret = randomText(SECRET, DIGITS);
  return `pht_${secret}${checksum(secret)}`;
}

/** Whether a text can be a token; what cannot be is never looked up. */
export const isApiToken = (text: string): boolean =>
  SHAPE.test(text) && checksum(text.slice(4, 4 + SECRET)) === text.slice(4 + SECRET);

function checksum(secret: string): string {
  let rest = crc32(secret);
  let digits = '';
  for (let i = 0; i < CHECKSUM; i += 1) {
    digits = `${DIGITS.charAt(rest % DIGITS.length)}${digits}`;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}
