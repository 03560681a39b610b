import { randomInt } from 'node:crypto';

// Without characters that look like others, since it may be read aloud or typed from paper.
const LETTERS = 'abcdefghijkmnpqrstuvwxyz';
const DIGITS = '23456789';
const ALL = LETTERS + LETTERS.toUpperCase() + DIGITS;
const CLASSES = [/[a-z]/, /[A-Z]/, /[0-9]/];

/** 20 random characters (114 bits) in groups of five: every class of characters that a policy may ask for is in it. */
export function randomPassword(): string {
  for (;;) {
    const text = Array.from({ length: 20 }, () => ALL[randomInt(ALL.length)]).join('');
    if (CLASSES.every((one) => one.test(text))) return (text.match(/.{5}/g) ?? []).join('-');
  }
}
