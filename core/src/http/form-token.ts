import { randomBytes } from 'node:crypto';
import { isSame, mac } from '../access/sessions/tokens.js';

const SHAPE = /^([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

/** The field of every form that proves it was sent by a page of ours. */
export const TOKEN_FIELD = '_token';

/** Another text each time, so that compressed pages give nothing away of it (BREACH). */
export function makeFormToken(secret: string): string {
  const nonce = randomBytes(12).toString('base64url');
  return `${nonce}.${mac(secret, nonce)}`;
}

export function isFormToken(secret: string, given: unknown): boolean {
  const parts = typeof given === 'string' ? SHAPE.exec(given) : null;
  return parts !== null && isSame(mac(secret, parts[1] ?? ''), parts[2] ?? '');
}
