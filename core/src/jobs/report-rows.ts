import type { Text } from '@posthorn/sdk';
import type { JobDriver, StoredReportRow } from './driver.js';

const CHUNK = 500;

/** Every kept row of a job's report from behind one of them on, read in chunks. */
export async function* allReportRows(driver: JobDriver, id: number, behind = 0): AsyncGenerator<StoredReportRow> {
  for (let after = behind; ; ) {
    const rows = await driver.reportRows(id, { after, limit: CHUNK });
    yield* rows;
    after = rows.at(-1)?.id ?? 0;
    if (rows.length < CHUNK) return;
  }
}

/** A report as CSV (RFC 4180) with a line of headings, in the reader's language. */
export async function* reportCsv(
  rows: AsyncIterable<StoredReportRow>,
  headings: readonly string[],
  say: (text: Text) => string,
): AsyncGenerator<string> {
  // Programs for tables take UTF-8 for something else without it.
  yield `\ufeff${csvLine(headings)}`;
  for await (const { subject, text } of rows) yield csvLine([subject, say(text)]);
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** What a program for tables would take for a formula becomes text; an `@name` is none of those. */
export function csvCell(text: string): string {
  const plain = /^(?:[=+\-\t\r\n]|@(?![\p{L}\p{N}][\p{L}\p{N}.-]*$))/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) || plain !== plain.trim() ? `"${plain.replaceAll('"', '""')}"` : plain;
}
