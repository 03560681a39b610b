import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as 43 characters that need no quoting in a cookie or a form. */
export const newToken = (): string => randomBytes(32).toString('base64url');

export const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** What is stored of a token. It has 256 bits already, so nothing slower than SHA-256 is needed. */
export const hashToken = (token: string): string => hash('sha256', token, 'base64url');

export const mac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64url');

/** Compares in the same time wherever the first difference is. */
export function isSame(a: string, b: string): boolean {
  const one = Buffer.from(a);
  const other = Buffer.from(b);
  return one.length === other.length && timingSafeEqual(one, other);
}
