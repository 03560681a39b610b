/** Plain text tables. */

/**
 * Three significant digits, without exponents; thousands are grouped.
 * @param {number | undefined} value
 */
export function figure(value) {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return '?';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : 2);
}

/**
 * @param {readonly string[]} head columns whose name ends in `>` are flush right
 * @param {readonly (readonly string[])[]} lines
 */
export function table(head, lines) {
  const names = head.map((name) => name.replace(/>$/, ''));
  const widths = names.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const format = (/** @type {readonly string[]} */ line) =>
    line
      .map((cell, i) => (head[i]?.endsWith('>') ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [format(names), widths.map((width) => '─'.repeat(width)).join('  '), ...lines.map(format)].join('\n');
}

/** @param {readonly import('./rows.mjs').Row[]} rows */
export function resultTable(rows) {
  const head = ['benchmark', 'median>', 'p95>', 'unit', 'baseline', 'base>', 'ratio>', 'aim', 'measured>', 'met'];
  const lines = rows.map((row) =>
    row.notRun !== undefined
      ? [row.name, '', '', '', `did not run: ${row.notRun}`]
      : [
          row.name,
          figure(row.median),
          figure(row.p95),
          row.unit,
          row.baseline?.name ?? '',
          figure(row.baseline?.median),
          row.ratio === undefined ? '' : `${figure(row.ratio)}×`,
          row.aim ?? '',
          row.difference === undefined ? '' : `${row.difference < 0 ? '' : '+'}${figure(row.difference)}`,
          row.met === undefined ? '' : row.met ? 'yes' : 'NO',
        ],
  );
  return table(head, lines);
}
