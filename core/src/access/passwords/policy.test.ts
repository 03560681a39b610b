import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPasswordPolicy, type PasswordPolicy, randomPassword } from './policy.js';

const none: PasswordPolicy = { minLength: 0, digits: 0, lowercase: 0, uppercase: 0, special: 0 };
const usual: PasswordPolicy = { minLength: 8, digits: 1, lowercase: 1, uppercase: 1, special: 0 };

test('accepts what the policy asks for', () => {
  expect(checkPasswordPolicy('Secret12', usual)).toEqual([]);
  expect(checkPasswordPolicy('', none)).toEqual([]);
  expect(checkPasswordPolicy('ÉCOLE-été-٣', { ...usual, special: 2 })).toEqual([]);
});

test.each([...`~!@#$%^&*()_+{}":;,'[]`])('%s is a special character', (character) => {
  expect(checkPasswordPolicy(character, { ...none, special: 1 })).toEqual([]);
});

test('names every reason', () => {
  expect(checkPasswordPolicy('', { minLength: 1, digits: 1, lowercase: 1, uppercase: 1, special: 1 })).toEqual([
    'too-short',
    'no-digit',
    'no-lowercase',
    'no-uppercase',
    'no-special',
  ]);
  expect(checkPasswordPolicy('Ab1!', { minLength: 4, digits: 2, lowercase: 2, uppercase: 2, special: 2 })).toEqual([
    'no-digit',
    'no-lowercase',
    'no-uppercase',
    'no-special',
  ]);
});

test('counts code points for the least length and bytes for the greatest', () => {
  expect(checkPasswordPolicy('😀'.repeat(7), { ...none, minLength: 8 })).toEqual(['too-short']);
  expect(checkPasswordPolicy('😀'.repeat(8), { ...none, minLength: 8 })).toEqual([]);
  expect(checkPasswordPolicy('é'.repeat(512), none)).toEqual([]);
  expect(checkPasswordPolicy('é'.repeat(513), none)).toEqual(['too-long']);
  expect(checkPasswordPolicy('é'.repeat(36), none, { scheme: 'BLF-CRYPT' })).toEqual([]);
  expect(checkPasswordPolicy('é'.repeat(37), none, { scheme: 'BLF-CRYPT' })).toEqual(['too-long']);
});

test.each(['\0', '\r', '\n', '\t', '\u007f', '\u0085', '\ud800'])('refuses %j', (character) => {
  expect(checkPasswordPolicy(`Secret12${character}`, usual)).toEqual(['control-character']);
});

test('refuses the name one signs in with', () => {
  const context = { username: 'Jane.Doe1@example.com' };
  expect(checkPasswordPolicy('jane.doe1@EXAMPLE.com', none, context)).toEqual(['same-as-username']);
  expect(checkPasswordPolicy('JANE.doe1', none, context)).toEqual(['same-as-username']);
  expect(checkPasswordPolicy('jane.doe12', none, context)).toEqual([]);
  expect(checkPasswordPolicy('admin', none, { username: 'admin' })).toEqual(['same-as-username']);
  expect(checkPasswordPolicy('', none, { username: '' })).toEqual([]);
  expect(checkPasswordPolicy('', none, { username: '@example.com' })).toEqual([]);
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (password, username) => {
      checkPasswordPolicy(password, usual, { username });
    }),
  );
});

test('random passwords satisfy digits, upper and lower case', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 64 }), (length) => {
      const password = randomPassword(length);
      expect(password).toMatch(/^[A-Za-z0-9]+$/);
      expect(password).toHaveLength(length);
      expect(checkPasswordPolicy(password, { ...usual, minLength: length })).toEqual([]);
    }),
  );
  expect(new Set(Array.from({ length: 200 }, () => randomPassword(8))).size).toBe(200);
});

test.each([7, 0, -1, 8.5, Number.NaN, 1025])('no random password of %d characters', (length) => {
  expect(() => randomPassword(length)).toThrow(RangeError);
});
