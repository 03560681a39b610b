import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { problem } from '../errors.js';
import { withoutApostrophe } from './formula.js';

const ROWS_MAX = 1_000_000;
const COLUMNS_MAX = 2_000;
/** Characters of one row. */
const ROW_MAX = 262_144;

export interface CsvRow {
  /** Where it ends, from 1. */
  readonly line: number;
  /** Without the spaces around them. */
  readonly cells: readonly string[];
}

/** The rows of a file as they come (RFC 4180, with any separator); lines without any cell are left out. */
export async function* readCsv(path: string, separator: string): AsyncGenerator<CsvRow> {
  const file = basename(path);
  const parser = parse({
    delimiter: separator,
    info: true,
    max_record_size: ROW_MAX,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // Whatever breaks in it breaks the parser, which is read below.
  pipeline(Readable.from(decoded(path)), parser).catch(() => {});
  let count = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      count += 1;
      if (count > ROWS_MAX) throw problem('E_IMPORT_SIZE', { file, line: info.lines });
      if (record.length > COLUMNS_MAX) throw problem('E_IMPORT_SIZE', { file, line: info.lines });
      const cells = record.map((cell) => withoutApostrophe(cell.trim()));
      if (cells.some((cell) => cell !== '')) yield { line: info.lines, cells };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: unknown }).lines ?? 0);
    throw problem(error.code === 'CSV_MAX_RECORD_SIZE' ? 'E_IMPORT_SIZE' : 'E_IMPORT_CSV', { file, line });
  }
}

/** The text of a file: UTF-16 where a mark at its beginning says so, otherwise UTF-8 and nothing else. */
async function* decoded(path: string): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  const file = basename(path);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder?.decode() ?? '';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw problem('E_IMPORT_ENCODING', { file });
    throw problem('E_FILE_READ', { path, reason: code ?? 'unreadable' }, { cause: error });
  }
}

const encodingOf = (start: Buffer): string =>
  start[0] === 0xff && start[1] === 0xfe ? 'utf-16le' : start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
