import { expect, test } from 'vitest';
import { parseStored } from './schemes.js';

test.each([
  ['{SHA512-CRYPT}$6$x$y', { scheme: 'SHA512-CRYPT', value: '$6$x$y' }],
  ['{plain}a}b', { scheme: 'PLAIN', value: 'a}b' }],
  ['{SHA256.HEX}00ff', { scheme: 'SHA256', value: '00ff', encoding: 'HEX' }],
  ['{sha256.b64}AA==', { scheme: 'SHA256', value: 'AA==', encoding: 'B64' }],
  ['{SHA256.base64}AA==', { scheme: 'SHA256', value: 'AA==', encoding: 'B64' }],
  ['{NO_SUCH}x', { scheme: 'NO_SUCH', value: 'x' }],
  ['{PLAIN}', { scheme: 'PLAIN', value: '' }],
  ['$6$salt$digest', { scheme: 'CRYPT', value: '$6$salt$digest' }],
  ['$2y$12$abc', { scheme: 'CRYPT', value: '$2y$12$abc' }],
])('%s', (stored, expected) => {
  expect(parseStored(stored)).toEqual(expected);
});

test.each([
  '',
  'secret',
  '$',
  '$$',
  '#{SSHA}AAAA',
  '{}x',
  '{A B}x',
  '{SHA256.XYZ}00',
  '{SHA256',
  ' {PLAIN}x',
  `{PLAIN}${'x'.repeat(5000)}`,
])('no stored password: %s', (stored) => {
  expect(parseStored(stored)).toBeUndefined();
});
