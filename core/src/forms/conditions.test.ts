import { describe, expect, it } from 'vitest';
import { hiddenFields } from './conditions.js';

const hidden = (typed: Record<string, string | boolean>, conditions: Parameters<typeof hiddenFields>[1]) =>
  [...hiddenFields(Object.keys(typed), conditions, (name) => typed[name] ?? '')].sort();

describe('conditions', () => {
  it('hide a field until another has one of the values', () => {
    const conditions = { key: { field: 'on', is: [true] } };
    expect(hidden({ on: false, key: '' }, conditions)).toEqual(['key']);
    expect(hidden({ on: true, key: '' }, conditions)).toEqual([]);
  });

  it('hide what looks at a hidden field', () => {
    const conditions = { b: { field: 'a', is: ['1'] }, c: { field: 'b', is: ['1'] } };
    expect(hidden({ a: '1', b: '1', c: '' }, conditions)).toEqual([]);
    expect(hidden({ a: '0', b: '1', c: '' }, conditions)).toEqual(['b', 'c']);
  });

  it('end where they run in a circle or look at nothing', () => {
    const circle = { a: { field: 'b', is: ['1'] }, b: { field: 'a', is: ['1'] } };
    expect(hidden({ a: '1', b: '1' }, circle)).toEqual([]);
    expect(hidden({ a: '' }, { a: { field: 'gone', is: ['1'] } })).toEqual([]);
  });
});
