import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messages, type Text } from '@posthorn/sdk';
import { CsvError, type Parser, parse } from 'csv-parse';
import { problem } from '../errors.js';
import { withoutApostrophe } from './formula.js';
import { readText } from './text-reader.js';

const t = messages('host');

const ROWS_MAX = 1_000_000;
const COLUMNS_MAX = 2_000;
/** Characters of one row. */
const ROW_MAX = 262_144;

export interface CsvRow {
  /** What the file is called. */
  readonly file: string;
  /** Where it ends, from 1. */
  readonly line: number;
  /** Without the spaces around them. */
  readonly cells: readonly string[];
}

/** What the parser gives with `info`. */
interface Given {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The rows of a file as they come (RFC 4180, with any separator); lines without any cell are left out. Throws a problem
 * for a file without rows, and for what cannot be read or goes beyond what is read.
 */
export async function* readCsv(path: string, file: string, separator: string): AsyncGenerator<CsvRow> {
  const parser: Parser = parse({
    delimiter: separator,
    info: true,
    max_record_size: ROW_MAX,
    // The parser would make an error, with its stack, for every row that has not as many cells as the first one.
    on_record: (given: unknown) => {
      (parser as unknown as { state: { expectedRecordLength: number } }).state.expectedRecordLength = (
        given as Given
      ).record.length;
      return given as string[];
    },
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // Whatever breaks in it breaks the parser, which is read below.
  pipeline(Readable.from(readText(path, file)), parser).catch(() => {});
  let count = 0;
  let isEmpty = true;
  const tooLarge = (line: number, reason: Text) => problem('E_IMPORT_SIZE', { file, line, reason });
  try {
    for await (const { record, info } of parser as AsyncIterable<Given>) {
      const { lines: line } = info;
      count += 1;
      if (count > ROWS_MAX) throw tooLarge(line, t('a file has at most {{max}} rows', { max: ROWS_MAX }));
      if (record.length > COLUMNS_MAX)
        throw tooLarge(line, t('a row has at most {{max}} columns', { max: COLUMNS_MAX }));
      const cells = record.map((cell) => withoutApostrophe(cell.trim()));
      if (cells.every((cell) => cell === '')) continue;
      isEmpty = false;
      yield { file, line, cells };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: unknown }).lines ?? 0);
    if (error.code === 'CSV_MAX_RECORD_SIZE')
      throw tooLarge(line, t('a row has at most {{max}} characters', { max: ROW_MAX }));
    throw problem('E_IMPORT_CSV', { file, line });
  }
  if (isEmpty) throw problem('E_IMPORT_EMPTY', { file });
}
