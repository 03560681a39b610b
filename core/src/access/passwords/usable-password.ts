import { MAX_PASSWORD_BYTES } from './limits.js';

/** Whether a password can be hashed or verified at all: without NUL, at most 1024 bytes of UTF-8. */
export function isUsablePassword(password: string): boolean {
  return !password.includes('\0') && Buffer.byteLength(password, 'utf8') <= MAX_PASSWORD_BYTES;
}
