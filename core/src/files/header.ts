/**
 * The three lines at the top of every generated file: what wrote it, with which command, and that it should not be
 * edited. No date: writing again what is there already changes no byte.
 */
export interface HeaderInput {
  readonly comment: '#' | '--' | '//';
  /** A line that has to stand before the header (`#!/bin/sh`). */
  readonly firstLine: string | undefined;
  readonly version: string;
  readonly summary: string;
  /** The command that writes the file, on one line. */
  readonly command: string;
}

const MARK = 'Written by Posthorn';
const LINES = 3;

export function withHeader(body: string, o: HeaderInput): string {
  const header = [
    `${[MARK, o.version].join(' ').trim()}: ${oneLine(o.summary)}`,
    `Command: ${oneLine(o.command)}`,
    'Do not edit: a file that was edited is noticed and left alone; the command with --force replaces it.',
  ];
  const first = o.firstLine === undefined ? '' : `${o.firstLine}\n`;
  return `${first}${header.map((line) => `${o.comment} ${line}\n`).join('')}${body}`;
}

/**
 * The file's content without its first line and header; all of it where no header of ours stands. Two files with the
 * same body say the same, whichever version or command line wrote them.
 */
export function bodyOf(text: string, o: Pick<HeaderInput, 'comment' | 'firstLine'>): string {
  let rest = text;
  if (o.firstLine !== undefined) {
    if (!rest.startsWith(`${o.firstLine}\n`)) return text;
    rest = rest.slice(o.firstLine.length + 1);
  }
  if (!rest.startsWith(`${o.comment} ${MARK}`)) return text;
  const lines = rest.split('\n');
  const isHeader = lines.length > LINES && lines.slice(0, LINES).every((line) => line.startsWith(`${o.comment} `));
  return isHeader ? lines.slice(LINES).join('\n') : text;
}

// A line break would end the comment and let the rest be read as settings.
// biome-ignore lint/suspicious/noControlCharactersInRegex: replacing control characters is the point
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');

/** A word as a shell reads it, quoted where it needs to be. */
export const shellWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
