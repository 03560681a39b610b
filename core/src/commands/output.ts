import type { Output, Printable, PrintableObject, PrintableRow, Text } from '@posthorn/sdk';
import type { Translate } from '../text/catalogs.js';

export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly translate: Translate;
  readonly streams: Streams;
}

/** Rows of a table whose widths are measured together; more rows are measured in the next block. */
const BLOCK = 500;

// What came from outside (names, mail headers) must not steer the terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);

function cell(value: Printable | readonly Printable[] | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((v) => cell(v as Printable)).join(' ');
  return printable(String(value));
}

const width = (text: string): number => [...text].length;
const pad = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)));

function table(head: readonly string[], rows: readonly PrintableRow[], withHead: boolean): string {
  const cells = rows.map((row) => head.map((name) => cell(row[name])));
  const widths = head.map((name, i) => Math.max(width(name), ...cells.map((c) => width(c[i] ?? ''))));
  const line = (c: readonly string[]): string =>
    `${c
      .map((text, i) => pad(text, widths[i] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  return (withHead ? [line(head), ...cells.map(line)] : cells.map(line)).join('');
}

function sheet(value: PrintableRow): string {
  const longest = Math.max(0, ...Object.keys(value).map(width));
  const lines = Object.entries(value).map(([name, v]) => `${pad(name, longest)}  ${cell(v)}`.trimEnd());
  return `${lines.join('\n')}\n`;
}

/** Data on stdout, words on stderr. */
export class CommandOutput implements Output {
  #progressShown = false;

  constructor(private readonly o: OutputOptions) {}

  get isJson(): boolean {
    return this.o.json;
  }

  async list(rows: AsyncIterable<PrintableRow> | Iterable<PrintableRow>, columns?: readonly string[]): Promise<void> {
    let block: PrintableRow[] = [];
    let head = columns;
    let isFirst = true;
    const flush = async (): Promise<void> => {
      if (block.length === 0) return;
      head ??= Object.keys(block[0] as PrintableRow);
      await this.#write(table(head, block, isFirst));
      isFirst = false;
      block = [];
    };
    for await (const row of rows) {
      if (this.o.json) {
        await this.#write(`${JSON.stringify(row)}\n`);
        continue;
      }
      block.push(row);
      if (block.length >= BLOCK) await flush();
    }
    await flush();
    if (isFirst && !this.o.json) this.note('Nothing found.');
  }

  item(value: PrintableObject, lines?: readonly Text[]): void {
    if (this.o.json) this.raw(`${JSON.stringify(value)}\n`);
    else if (lines === undefined) this.raw(sheet(value as PrintableRow));
    else this.raw(lines.map((line) => `${printable(this.o.translate(line))}\n`).join(''));
  }

  raw(text: string): void {
    this.o.streams.out.write(text);
  }

  async stream(pieces: AsyncIterable<string>): Promise<void> {
    for await (const piece of pieces) await this.#write(piece);
  }

  note(text: Text): void {
    if (this.o.quiet) return;
    this.#say(this.o.translate(text));
  }

  warn(text: Text): void {
    this.#say(`! ${this.o.translate(text)}`);
  }

  progress(done: number, total: number | undefined, label: Text): void {
    if (this.o.streams.err.isTTY !== true || this.o.quiet) return;
    const share = total === undefined ? `${done}` : `${done}/${total}`;
    this.o.streams.err.write(`\r\u001b[K${printable(this.o.translate(label))} ${share}`);
    this.#progressShown = true;
    if (total !== undefined && done >= total) this.#endProgress();
  }

  #say(sentence: string): void {
    this.#endProgress();
    this.o.streams.err.write(`${printable(sentence)}\n`);
  }

  #endProgress(): void {
    if (!this.#progressShown) return;
    this.#progressShown = false;
    this.o.streams.err.write('\n');
  }

  /** Waits when the reader is slower than we are, so that a million rows need no more memory than one. */
  #write(text: string): Promise<void> | undefined {
    if (this.o.streams.out.write(text)) return undefined;
    return new Promise((resolve) => this.o.streams.out.once('drain', resolve));
  }
}
