import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpError } from '../http-error.js';
import { DEPTH_MAX, parseJson } from './json-body.js';

const refusal = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    return error instanceof HttpError ? error.status : error;
  }
};

describe('JSON of the API', () => {
  it('is read as JSON.parse reads it, whatever it says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('__proto__') || text.includes('\\ud')) return;
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('ends in a value or in a refusal, whatever comes', () => {
    const piece = fc.oneof(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '"a"', '"__proto__"', '1', 'null', ' ', '\\u', '\n'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const answer = refusal(text);
        expect(answer).not.toBeInstanceOf(Error);
        // What is accepted is what JSON.parse accepts.
        if (answer !== 400) expect(answer).toEqual(JSON.parse(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice in two spellings', '{"a":1,"\\u0061":2}'],
    ['a name twice further in', '{"x":[{"a":1,"b":{},"a":2}]}'],
    ['__proto__', '{"__proto__":{}}'],
    ['__proto__ further in', '{"a":{"\\u005f_proto__":1}}'],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['a byte order mark', '\ufeff{}'],
    ['a comment', '{}//'],
    ['nothing', ' '],
    ['a comma too many', '[1,]'],
    ['too many levels', '['.repeat(DEPTH_MAX + 1) + ']'.repeat(DEPTH_MAX + 1)],
    ['a string without an end', `["${'\\"'.repeat(400_000)}`],
    ['a string that ends in the middle of an escape', '["a\\'],
    ['very many levels', '['.repeat(500_000)],
  ])('refuses %s', (_what, text) => expect(refusal(text)).toBe(400));

  it('takes one name in several objects, and as a value', () => {
    for (const text of ['[{"a":1},{"a":"a"}]', '{"a":{"a":["a","a"]},"b":"__proto__"}']) {
      expect(refusal(text)).toEqual(JSON.parse(text));
    }
    expect(refusal('['.repeat(DEPTH_MAX) + ']'.repeat(DEPTH_MAX))).toBeInstanceOf(Array);
  });
});
