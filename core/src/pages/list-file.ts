import {
  download,
  type ExportCell,
  type ListFormat,
  type ListTable,
  type PageAnswer,
  type PageRequest,
} from '@posthorn/sdk';
import { writeCsv } from '../import-export/csv-writer.js';
import type { Kernel } from '../kernel.js';
import { listColumns } from './list-parts.js';

const TYPES: Readonly<Record<ListFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

interface Line {
  readonly columns: readonly { readonly key: string; readonly label: string }[];
  readonly cells: readonly (ExportCell | null)[];
}

/** A list as a file: its own columns, then those of others. It is read while it is sent. */
export function listFile<Row, Ref>(
  kernel: Kernel,
  table: ListTable<Row, Ref>,
  o: { readonly name: string; readonly format: ListFormat },
  request: PageRequest,
): PageAnswer {
  const content = o.format === 'csv' ? csv(kernel, table, request) : ndjson(kernel, table, request);
  return download({ filename: `${o.name}.${o.format}`, type: TYPES[o.format], content });
}

async function* csv<Row, Ref>(kernel: Kernel, table: ListTable<Row, Ref>, request: PageRequest) {
  // Programs for tables take UTF-8 for something else without it.
  yield '\ufeff';
  yield* writeCsv(rows(kernel, table, request), ',');
}

async function* rows<Row, Ref>(kernel: Kernel, table: ListTable<Row, Ref>, request: PageRequest) {
  let isBegun = false;
  for await (const { columns, cells } of lines(kernel, table, request)) {
    if (!isBegun) yield columns.map(({ label }) => label);
    isBegun = true;
    yield cells.map((cell) => cell ?? '');
  }
  if (!isBegun) yield (await columnsOf(kernel, table, [], request)).map(({ label }) => label);
}

async function* ndjson<Row, Ref>(kernel: Kernel, table: ListTable<Row, Ref>, request: PageRequest) {
  for await (const { columns, cells } of lines(kernel, table, request)) {
    yield `${JSON.stringify(Object.fromEntries(columns.map(({ key }, i) => [key, cells[i] ?? null])))}\n`;
  }
}

async function* lines<Row, Ref>(
  kernel: Kernel,
  table: ListTable<Row, Ref>,
  request: PageRequest,
): AsyncGenerator<Line> {
  for await (const chunk of table.chunks) {
    request.signal.throwIfAborted();
    const columns = await columnsOf(kernel, table, chunk, request);
    for (const [i, row] of chunk.entries()) {
      const own = table.cells(row);
      yield {
        columns,
        cells: columns.map((column) => (column.cells === undefined ? own[column.key] : column.cells[i]) ?? null),
      };
    }
  }
}

/** Its own columns without cells, and those of others with the cells of this chunk. */
async function columnsOf<Row, Ref>(
  kernel: Kernel,
  table: ListTable<Row, Ref>,
  chunk: readonly Row[],
  request: PageRequest,
) {
  const { others } = table;
  const own = table.columns.map(({ key, label }) => ({ key, label: request.t(label), cells: undefined }));
  if (others === undefined) return own;
  const refs = chunk.map((row) => others.ref(row));
  return [...own, ...(await listColumns(kernel, others.columns, refs, request))];
}
