import { describe, expect, it } from 'vitest';
import { requestId } from './request-id.js';

const FRESH = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('request ids', () => {
  it.each(['a', 'abc-123', '7f.3:A_b', 'x'.repeat(64)])('%s is kept', (id) => expect(requestId(id)).toBe(id));

  it.each([undefined, '', ' ', '-x', 'a b', 'a\nb', 'é', '<b>', 'x'.repeat(65), ['a', 'b']])('%j is replaced', (id) =>
    expect(requestId(id as string)).toMatch(FRESH));

  it('makes another one each time', () => expect(requestId(undefined)).not.toBe(requestId(undefined)));
});
