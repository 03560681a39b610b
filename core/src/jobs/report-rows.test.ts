import { describe, expect, it } from 'vitest';
import { csvCell } from './report-rows.js';

describe('a cell of a report', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    [' room', '" room"'],
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-1', "'-1"],
    ['\t=1', "'\t=1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['@example.test', '@example.test'],
    ['anna@example.test', 'anna@example.test'],
  ])('%j is written %j', (text, written) => {
    expect(csvCell(text)).toBe(written);
  });
});
