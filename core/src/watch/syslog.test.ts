import { describe, expect, it } from 'vitest';
import { syslogLine } from './syslog.js';

describe('a line for syslog', () => {
  it('quotes its values', () => {
    expect(syslogLine('sign-in', { result: 'success', user: 'änne@example.test', from: '192.0.2.1' })).toBe(
      'sign-in result="success" user="änne@example.test" from="192.0.2.1"',
    );
  });

  it.each([
    ['a\nb\r\u2028\u2029\u0085', 'a\\u{a}b\\u{d}\\u{2028}\\u{2029}\\u{85}'],
    ['a" result="success', 'a\\" result=\\"success'],
    ['\\"', '\\\\\\"'],
    ['\u0000\u001b[31m', '\\u{0}\\u{1b}[31m'],
    ['\u202eadmin\u2066\u200f\u061c', '\\u{202e}admin\\u{2066}\\u{200f}\\u{61c}'],
    ['\ud800', '\\u{d800}'],
    ['a\u00a0\u3000b', 'a\\u{a0}\\u{3000}b'],
  ])('lets nobody out of the quotes: %j', (typed, shown) => {
    expect(syslogLine('sign-in', { user: typed })).toBe(`sign-in user="${shown}"`);
  });

  it('is bounded', () => {
    const line = syslogLine('sign-in', { user: '\u{10ffff}'.repeat(5_000), from: '\u{10ffff}'.repeat(5_000) });
    expect(Buffer.byteLength(line)).toBeLessThan(8_000);
    expect(line.endsWith('…"')).toBe(true);
  });
});
