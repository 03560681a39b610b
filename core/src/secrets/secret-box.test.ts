import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeyRing, newKeyLine } from './key-ring.js';
import { SecretBox } from './secret-box.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'posthorn-secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true }));
const box = () => new SecretBox(new KeyRing(directory));
const file = () => join(directory, 'secrets', 'keys');

it('makes a key for its owner only, once, and opens what another process sealed', () => {
  const sealed = box().seal('Toto1234', 'a');
  expect(sealed).not.toContain('Toto');
  expect(box().open(sealed, 'a')).toBe('Toto1234');
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'secrets')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(directory, 'secrets'))).toEqual(['keys']);
});

it('seals the same text differently each time', () => {
  expect(box().seal('x', 'a')).not.toBe(box().seal('x', 'a'));
});

it('opens nothing that was changed, or sealed for another purpose', () => {
  const sealed = box().seal('x', 'a');
  expect(() => box().open(sealed, 'b')).toThrow();
  const [version, id, data = ''] = sealed.split('.');
  const bytes = Buffer.from(data, 'base64url');
  bytes[12] = (bytes[12] ?? 0) ^ 1;
  expect(() => box().open(`${version}.${id}.${bytes.toString('base64url')}`, 'a')).toThrow();
  expect(() => box().open('plain', 'a')).toThrow('this is not sealed text');
});

it('seals with a new key put first and still opens with the old one, without a restart', () => {
  const old = box();
  const sealed = old.seal('x', 'a');
  writeFileSync(file(), `${newKeyLine()}${readFileSync(file(), 'utf8')}`);
  const renewed = box();
  const again = renewed.seal('x', 'a');
  expect(again.split('.')[1]).not.toBe(sealed.split('.')[1]);
  expect(renewed.open(sealed, 'a')).toBe('x');
  expect(old.open(again, 'a')).toBe('x');
});

it('names a key that is gone, and a line that is none without showing it', () => {
  const sealed = box().seal('x', 'a');
  writeFileSync(file(), newKeyLine());
  expect(() => box().open(sealed, 'a')).toThrow(`the key ${sealed.split('.')[1]} is not in the key file`);
  writeFileSync(file(), 'abc secretsecret\n');
  expect(() => box().seal('x', 'a')).toThrow(/keys:1 is not a key$/);
  writeFileSync(file(), '\n');
  expect(() => box().seal('x', 'a')).toThrow(/holds no key$/);
});
