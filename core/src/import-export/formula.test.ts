import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withApostrophe, withoutApostrophe } from './formula.js';

it.each([
  ['=1+1', "'=1+1"],
  ['+cmd|x', "'+cmd|x"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ["'=1", "''=1"],
  ['\t=1', "'\t=1"],
  ['@example.test', '@example.test'],
  ['-5', '-5'],
  ["it's", "it's"],
  ['', ''],
])('%j is written as %j', (cell, written) => expect(withApostrophe(cell)).toBe(written));

it('is taken away again, whatever the cell', () => {
  const cell = fc.array(fc.constantFrom("'", '=', '+', '-', '@', 'a', '1', '.', '\t'), { maxLength: 8 });
  fc.assert(
    fc.property(
      fc.oneof(
        cell.map((c) => c.join('')),
        fc.string(),
      ),
      (text) => {
        expect(withoutApostrophe(withApostrophe(text))).toBe(text);
      },
    ),
    { numRuns: 2_000 },
  );
});
