import { expect, it } from 'vitest';
import { readRevisionCookie, writeRevisionCookie } from './revision-cookie.js';

it('is read as it was written', () => {
  const written = writeRevisionCookie({ revision: 42, assembly: 7 }, { isSecure: true });
  expect(written).toBe('posthorn-revision=42.7; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure');
  expect(writeRevisionCookie({ revision: 1, assembly: 1 }, { isSecure: false })).not.toContain('Secure');
  const header = `posthorn=abc; ${written.split(';')[0]}; other=1`;
  expect(readRevisionCookie(header)).toEqual({ revision: 42, assembly: 7 });
});

it.each([
  undefined,
  '',
  'a=b',
  'posthorn-revision=',
  'posthorn-revision=1',
  'posthorn-revision=1.x',
  'x=posthorn-revision=1.2',
  `posthorn-revision=${'9'.repeat(16)}.1`,
])('tells nothing: %s', (header) => expect(readRevisionCookie(header)).toBeUndefined());
