import { messages, Problem } from '@posthorn/sdk';
import { expect, test } from 'vitest';
import { errorText } from './error-text.js';

test('is the first line that says something', () => {
  expect(errorText(new Error('\n  one \r\n    at two'))).toBe('one');
  expect(errorText(new Problem('E_X', 'failure', messages('host')('no {{what}}', { what: 'luck' })))).toBe('no luck');
  expect(errorText(new TypeError())).toBe('TypeError');
  expect(errorText('text')).toBe('text');
  expect(errorText(undefined)).toBe('undefined');
  expect(errorText('')).toBe('failed without saying why');
});

test('holds nothing that a column refuses', () => {
  expect(errorText('a\u0000b\u001bc')).toBe('a b c');
  const long = errorText('x'.repeat(998) + '🦊'.repeat(10));
  expect(long).toHaveLength(999);
  expect(long.endsWith('x…')).toBe(true);
  expect(long.isWellFormed()).toBe(true);
  expect(errorText('y'.repeat(1000))).toHaveLength(1000);
});
