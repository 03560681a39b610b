import type { ExportCell } from '@posthorn/sdk';
import { stringify } from 'csv-stringify/sync';
import { withApostrophe } from './formula.js';

/** Rows that are written together. */
const BATCH = 500;

/** CSV with CRLF at the end of each row (RFC 4180). */
export async function* writeCsv(rows: AsyncIterable<readonly ExportCell[]>, separator: string): AsyncGenerator<string> {
  const options = { delimiter: separator, record_delimiter: '\r\n' };
  let batch: string[][] = [];
  for await (const row of rows) {
    batch.push(row.map((cell) => (typeof cell === 'string' ? withApostrophe(cell) : String(cell))));
    if (batch.length < BATCH) continue;
    yield stringify(batch, options);
    batch = [];
  }
  if (batch.length > 0) yield stringify(batch, options);
}
