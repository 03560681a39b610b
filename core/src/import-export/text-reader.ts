import { createReadStream } from 'node:fs';
import { problem } from '../errors.js';

const LINE_END = /\r\n|\n|\r/g;
const lineEnds = (text: string): number => text.match(LINE_END)?.length ?? 0;

/**
 * The text of a file as it comes: UTF-16 where a mark at its beginning says so, otherwise UTF-8 and nothing else. Throws a
 * problem that names the line with what is no text in that encoding, or with a NUL, which no database stores.
 */
export async function* readText(path: string, file: string): AsyncGenerator<string> {
  let encoding: string | undefined;
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let lines = 1;
  let last = '';
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      encoding ??= encodingOf(chunk);
      decoder ??= new TextDecoder(encoding, { fatal: true });
      let text: string;
      try {
        text = decoder.decode(chunk, { stream: true });
      } catch {
        // A character may have begun in the chunk before, and is no mistake.
        const readable = new TextDecoder(encoding).decode(chunk);
        const mistake = readable.indexOf('\ufffd', 3);
        throw problem('E_IMPORT_ENCODING', { file, line: lines + lineEnds(readable.slice(0, Math.max(0, mistake))) });
      }
      const nul = text.indexOf('\0');
      if (nul !== -1) throw problem('E_IMPORT_NUL', { file, line: lines + lineEnds(text.slice(0, nul)) });
      yield text;
      lines += lineEnds(text) - (last === '\r' && text.startsWith('\n') ? 1 : 0);
      last = text.at(-1) ?? last;
    }
    yield decoder?.decode() ?? '';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('E_IMPORT_') === true) throw error;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw problem('E_IMPORT_ENCODING', { file, line: lines });
    throw problem('E_FILE_READ', { path, reason: code ?? 'unreadable' }, { cause: error });
  }
}

const encodingOf = (start: Buffer): string =>
  start[0] === 0xff && start[1] === 0xfe ? 'utf-16le' : start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
