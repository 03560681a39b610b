import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { field, fieldMeta, isOptional, isPlainLine, parseShape, parseSize, z } from './field.js';

const shape = {
  name: field.string({ label: 'Name', max: 20 }),
  quota: field.size({ label: 'Quota' }).default(0),
  on: field.boolean({ label: 'On' }).optional(),
  tags: field.list(field.string({ label: 'Tag' }), { label: 'Tags' }).optional(),
  until: field.timestamp({ label: 'Until' }).nullable().optional(),
  raw: z.number().optional(),
};
const issues = (raw: Record<string, unknown>, o = {}) => {
  try {
    parseShape(shape, raw, o);
    return [];
  } catch (error) {
    return (error as { issues: { path: string }[] }).issues.map((i) => i.path);
  }
};

describe('parseShape', () => {
  it('reads text where text is what comes', () => {
    expect(
      parseShape(shape, { name: 'a', quota: '2G', on: 'yes', tags: 'x', until: '2030-01-02' }, { text: true }),
    ).toEqual({
      name: 'a',
      quota: 2048,
      on: true,
      tags: ['x'],
      until: new Date('2030-01-02T00:00:00Z'),
    });
  });

  it('does not read text where JSON comes', () => {
    expect(issues({ name: 'a', quota: '2G', on: 'yes' })).toEqual(['quota', 'on']);
  });

  it('names every issue at once, and unknown fields too', () => {
    expect(issues({ quota: -1, nope: 1, raw: 'x' })).toEqual(['nope', 'name', 'quota', 'raw']);
  });

  it('does not take what an object inherits for input, nor __proto__ for a field', () => {
    expect(issues(JSON.parse('{"name":"a","__proto__":{"on":true}}'))).toEqual(['__proto__']);
    expect(issues(Object.create({ name: 'a' }))).toEqual(['name']);
  });

  it('leaves out what is not there when only a part is given', () => {
    expect(parseShape(shape, { on: false }, { partial: true })).toEqual({ on: false });
  });

  it('drops repeated values of a list and keeps their order', () => {
    expect(parseShape(shape, { name: 'a', tags: ['b', 'a', 'b'] }).tags).toEqual(['b', 'a']);
  });

  it.each([
    'a\u0000',
    'a\r\nb',
    'a\u202eb',
    'a\u200b',
    '\ud800',
    '\u0085',
    'x'.repeat(21),
  ])('refuses %j as a line', (name) => {
    expect(issues({ name })).toContain('name');
  });
});

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['500', 500],
    ['500M', 500],
    ['1 GB', 1024],
    ['1GiB', 1024],
    ['2t', 2_097_152],
    ['1k', 1],
    ['1025K', 2],
    ['500 MB', 500],
    ['1.5 GiB', 1536],
    ['0.5T', 524_288],
    ['1.1M', 2],
  ])('%s is %d MB', (text, megabytes) => expect(parseSize(text)).toBe(megabytes));

  it.each([
    '',
    '-1',
    '1.5',
    '1.G',
    '.5G',
    '1,5G',
    '1.5.1G',
    '1e3',
    'G',
    '1P',
    '0x10',
    '١',
    '1G G',
  ])('%j is none', (text) => expect(parseSize(text)).toBeUndefined());
});

describe('presentation', () => {
  it('is found through wrappers', () => {
    expect(fieldMeta(field.integer({ label: 'N', min: 0 }).optional().default(3))).toMatchObject({
      kind: 'integer',
      label: 'N',
    });
    expect(isOptional(field.boolean({ label: 'B' }))).toBe(false);
    expect(isOptional(field.boolean({ label: 'B' }).default(true))).toBe(true);
  });

  it('calls a line plain exactly when no control, direction or zero-width character is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const isOdd = [...text].some(
          (c) =>
            /\p{Cc}/u.test(c) ||
            '\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\ufeff'.includes(
              c,
            ),
        );
        expect(isPlainLine(text)).toBe(!isOdd);
      }),
      { numRuns: 2000 },
    );
  });
});
