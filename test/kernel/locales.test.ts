import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): Promise<string> => readFile(`${root}${file}`, 'utf8');
const french = JSON.parse(await read('core/locales/fr.json')) as Record<string, string>;
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{\w+\}\}/g)].map(([name]) => name).toSorted();

const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/;
const literalAt = new RegExp(LITERAL, 'y');
const unquoted = (literal: string): string => literal.slice(1, -1).replace(/\\(.)/g, '$1');

/** Sentences that stand in a table and are looked up there, by file and name of the table. */
const TABLES: readonly (readonly [file: string, table: string])[] = [
  ['core/src/access/password-service.ts', 'REASONS'],
  ['core/src/forms/issue-text.ts', 'OURS'],
  ['core/src/pages/log-page.ts', 'LEVELS'],
];
/** `row.label`, `REASONS[reason]`: a text that arose elsewhere, or one of a table. */
const NAMED = /^\w+(?:\.\w+|\[\w+\])*$/;

/** The first argument of a call, from behind its bracket to the comma or bracket that ends it. */
function firstArgument(source: string, from: number): string {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    literalAt.lastIndex = at;
    const literal = literalAt.exec(source)?.[0];
    if (literal !== undefined) {
      at += literal.length - 1;
      continue;
    }
    const c = source.charAt(at);
    if (depth === 0 && (c === ',' || c === ')')) return source.slice(from, at).trim();
    if ('([{'.includes(c)) depth++;
    if (')]}'.includes(c)) depth--;
  }
  throw new Error(`a call does not end: ${source.slice(from, from + 80)}`);
}

/** `'a'` → a; `isFew ? 'a' : 'b'` → a and b; anything else is no sentence that stands here. */
function sentencesOf(argument: string): readonly string[] | undefined {
  const found: string[] = [];
  const literals = argument.matchAll(new RegExp(`(^|[?:]\\s*)(${LITERAL.source})(?=\\s*(?:$|:))`, 'g'));
  for (const [, , literal = ''] of literals) found.push(unquoted(literal));
  return found.length === 0 ? undefined : found;
}

/** Every sentence of the kernel's catalogue with the file it stands in, and calls whose sentence cannot be seen. */
async function collect(): Promise<{ readonly sentences: Map<string, string>; readonly unseen: readonly string[] }> {
  const sentences = new Map<string, string>();
  const unseen: string[] = [];
  const take = (found: readonly string[] | undefined, file: string, argument: string): void => {
    if (found === undefined && !NAMED.test(argument)) unseen.push(`${file}: ${argument}`);
    for (const sentence of found ?? []) sentences.set(sentence, file);
  };
  const calls = (source: string, call: RegExp, file: string): void => {
    for (const { 0: start, index } of source.matchAll(call)) {
      const argument = firstArgument(source, index + start.length);
      take(sentencesOf(argument), file, argument);
    }
  };
  const files = await Array.fromAsync(
    glob(['core/src/**/*.ts', 'core/views/**/*.eta', 'sdk/src/problem.ts', 'sdk/src/field.ts'], { cwd: root }),
  );
  for (const file of files.filter((name) => !name.endsWith('.test.ts')).toSorted()) {
    const source = await read(file);
    if (file.endsWith('.eta')) calls(source, /(?<![\w$.])(?:it\.)?t\(/g, file);
    if (/\bt = messages\('host'\)/.test(source)) calls(source, /(?<![\w$.])t\(/g, file);
    calls(source, /messages\('host'\)\(/g, file);
    if (source.includes("problems('host'") || file === 'sdk/src/field.ts') {
      for (const [, literal = ''] of source.matchAll(new RegExp(`\\b(?:message|hint):\\s*(${LITERAL.source})`, 'g'))) {
        sentences.set(unquoted(literal), file);
      }
    }
  }
  for (const [file, table] of TABLES) {
    const source = await read(file);
    const body = new RegExp(`const ${table}\\b[^=]*= ([^;]*);`).exec(source)?.[1] ?? '';
    const literals = [...body.matchAll(new RegExp(`(${LITERAL.source})(\\s*:)?`, 'g'))];
    const found = literals.flatMap(([, literal = '', colon]) => (colon === undefined ? [literal] : []));
    if (found.length === 0) unseen.push(`${file}: ${table}`);
    for (const literal of found) sentences.set(unquoted(literal), file);
  }
  return { sentences, unseen };
}

describe("the kernel's French catalogue", async () => {
  const { sentences, unseen } = await collect();

  it('can see every sentence', () => {
    expect(unseen).toEqual([]);
    expect(sentences.size).toBeGreaterThan(250);
  });

  it('has every sentence of the kernel', () => {
    const missing = [...sentences].filter(([key]) => !Object.hasOwn(french, key) || french[key] === '');
    expect(missing.map(([key, file]) => `${file}: ${key}`)).toEqual([]);
  });

  it('has nothing that the kernel does not say', () => {
    expect(Object.keys(french).filter((key) => !sentences.has(key))).toEqual([]);
  });

  it('keeps the arguments of every sentence', () => {
    for (const [key, translation] of Object.entries(french)) {
      expect([key, placeholders(translation)]).toEqual([key, placeholders(key)]);
    }
  });
});
