import { expect, test } from 'vitest';
import { storedKey } from './unique-key.js';

test('a plain key stays readable', () => {
  expect(storedKey('key', 'admin', 'move:17')).toBe('key:admin:move:17');
  expect(storedKey('once', 'dns', 'cron:probe:1700000000000')).toBe('once:dns:cron:probe:1700000000000');
});

test('keys that a database may take for the same do not meet', () => {
  const keys = ['a', 'A', 'a ', 'á', '', '#', 'a'.repeat(300), `${'a'.repeat(300)}b`].map((key) =>
    storedKey('key', 'x', key),
  );
  expect(new Set(keys.map((key) => key.toLowerCase().trimEnd())).size).toBe(keys.length);
  for (const key of keys) expect(key.length).toBeLessThanOrEqual(190);
});

test('extensions and kinds have keys of their own', () => {
  expect(new Set([storedKey('key', 'a', 'k'), storedKey('key', 'b', 'k'), storedKey('once', 'a', 'k')]).size).toBe(3);
});
