/** A cell that a spreadsheet would run, perhaps behind apostrophes. */
const FORMULA = /^'*[=+\-@\t\r]/;
/** `@host.name` and numbers begin like formulas and do nothing. */
const HARMLESS = /^(?:@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?|[+-]?\d+(?:\.\d+)?)$/u;

/** Puts an apostrophe before what would be run, which `withoutApostrophe` takes away again. */
export const withApostrophe = (cell: string): string =>
  FORMULA.test(cell) && !HARMLESS.test(cell) ? `'${cell}` : cell;

export const withoutApostrophe = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
