import { describe, expect, it } from 'vitest';
import type { Notice } from '../access/sessions/session.js';
import { openNotices, sealNotices } from './guest-notices.js';

const notice = (text: string): Notice => ({ level: 'info', text });
const sealed = sealNotices('key', [{ level: 'success', text: 'Done: <é>' }], 1_000);

describe('what a guest is told on the next page', () => {
  it('comes back as it was left', () => {
    expect(openNotices('key', sealed, 1_000)).toEqual([{ level: 'success', text: 'Done: <é>' }]);
  });

  it('is worth nothing with another key, another text, or later', () => {
    expect(openNotices('other', sealed, 1_000)).toEqual([]);
    expect(openNotices('key', sealed, 1_000 + 5 * 60_000 + 1)).toEqual([]);
    const [body = '', signature = ''] = sealed.split('.');
    const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('Done', 'Gone')).toString('base64url');
    for (const made of [
      `${other}.${signature}`,
      `${body}.${'A'.repeat(43)}`,
      body,
      '.',
      '',
      'a.b',
      sealed.repeat(99),
    ]) {
      expect(openNotices('key', made, 1_000)).toEqual([]);
    }
  });

  it('fits into a cookie, whatever was said', () => {
    for (const text of ['x'.repeat(100_000), '€'.repeat(400), '😀'.repeat(400), '\u0000'.repeat(400)]) {
      const made = sealNotices(
        'key',
        Array.from({ length: 50 }, () => notice(text)),
        0,
      );
      expect(made.length).toBeLessThanOrEqual(3_000);
      expect(made).toMatch(/^[\w-]+\.[\w-]{43}$/);
    }
    const few = openNotices('key', sealNotices('key', ['a', 'b', 'c', 'd'].map(notice), 0), 0);
    expect(few.map(({ text }) => text)).toEqual(['b', 'c', 'd']);
  });
});
