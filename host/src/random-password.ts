import { randomInt } from 'node:crypto';

/** Without characters that look alike. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz';
const CAPITALS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DIGITS = '23456789';
const ALL = LETTERS + CAPITALS + DIGITS;
const GROUPS = 5;
const GROUP = 4;

const pick = (from: string): string => from[randomInt(from.length)] ?? '';

/** A password of twenty random characters (115 bits) in groups, with every class a policy may ask for. */
export function randomPassword(): string {
  for (;;) {
    const groups = Array.from({ length: GROUPS }, () => Array.from({ length: GROUP }, () => pick(ALL)).join(''));
    const password = groups.join('-');
    if ([LETTERS, CAPITALS, DIGITS].every((set) => [...set].some((letter) => password.includes(letter))))
      return password;
  }
}
