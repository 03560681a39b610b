import { type ExportCell, fieldMeta } from '@posthorn/sdk';
import type { ImportRows } from './import-rows.js';

/**
 * One JSON object to a line: the kind of the row and its cells by the columns of whoever imports that kind, the last of
 * which may be a list. A kind that nobody imports has its cells as they come.
 */
export async function* writeNdjson(
  rows: AsyncIterable<readonly ExportCell[]>,
  known: ImportRows,
): AsyncGenerator<string> {
  const columns = new Map(known.kinds.map(({ item }) => [item.kind, Object.entries(item.columns)]));
  for await (const [kind = '', ...cells] of rows) {
    const names = columns.get(String(kind));
    yield `${JSON.stringify({ kind, ...(names === undefined ? { cells } : named(names, cells)) })}\n`;
  }
}

type Columns = readonly (readonly [string, Parameters<typeof fieldMeta>[0]])[];

function named(columns: Columns, cells: readonly ExportCell[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    columns.flatMap(([name, schema], i): [string, unknown][] => {
      if (i === columns.length - 1 && fieldMeta(schema).kind === 'list') return [[name, cells.slice(i)]];
      return cells[i] === undefined ? [] : [[name, cells[i]]];
    }),
  );
}
