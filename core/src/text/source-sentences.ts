import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Eta } from 'eta';
import { type Token, tokensOf } from './source-tokens.js';

/** A sentence that is said somewhere. */
export interface Said {
  /** The key: the sentence, or the plural of a counted one. */
  readonly key: string;
  /** The singular, where it is counted. */
  readonly one: string | undefined;
  /** The file it stands in, below its folder. */
  readonly file: string;
}

export interface Sentences {
  /** By key. */
  readonly said: ReadonlyMap<string, Said>;
  /** Calls whose sentence is put together where it is said, so that no catalogue can have it. */
  readonly unseen: readonly string[];
  /** Every text of the sources: a sentence of a catalogue that is none of these is said by nobody. */
  readonly texts: ReadonlySet<string>;
}

const eta = new Eta({ cache: false });
const SOURCES = '**/*.{js,eta}';
/** Other packages, code for the browser, and what is never shown. */
const OTHERS = ['**/node_modules/**', '**/assets/**', '**/*.test.js'];

/**
 * The sentences that an extension says, found in its compiled scripts and its views: `t('…')` and `t({ one, other })` where `t` is
 * `messages('<id>')`, `it.t` of its views, messages and hints of `problems('<id>', …)`, and messages of `.refine`. It
 * reads source text and runs nothing. It sees a sentence that stands in such a call, also as a branch of `? :`, and no
 * sentence that comes from a variable; and it needs names as they were written, not shortened by a bundler.
 */
export async function sentencesIn(id: string, folders: readonly string[]): Promise<Sentences> {
  const found = new SentenceFinder(id);
  for (const folder of folders) {
    const files: string[] = [];
    for await (const file of glob(SOURCES, { cwd: folder, exclude: OTHERS })) files.push(file);
    for (const file of files.toSorted()) {
      const source = await readFile(join(folder, file), 'utf8');
      const isView = file.endsWith('.eta');
      found.read(isView ? eta.compileToString(source) : source, isView, file);
    }
  }
  return found;
}

/** Collects what one extension says, file by file. */
export class SentenceFinder implements Sentences {
  readonly said = new Map<string, Said>();
  readonly unseen: string[] = [];
  readonly texts = new Set<string>();

  constructor(private readonly id: string) {}

  read(source: string, isView: boolean, file: string): void {
    const tokens = tokensOf(source);
    for (const { kind, value } of tokens) if (kind === 'text') this.texts.add(value);
    const bound = isView ? new Set(['t']) : boundNames(tokens, this.id);
    tokens.forEach((token, at) => {
      if (token.kind !== 'name') return;
      const next = at + 1;
      if (bound.has(token.value) && is(tokens[next], '(')) {
        const isOwn = !is(tokens[at - 1], '.') || (isView && is(tokens[at - 2], 'it'));
        if (isOwn) this.#call(tokens, next + 1, file);
      } else if (isCallFor(tokens, at, 'messages', this.id) && is(tokens[at + 4], '(')) {
        this.#call(tokens, at + 5, file);
      } else if (isCallFor(tokens, at, 'problems', this.id, ',')) {
        this.#properties(tokens, at + 4, ['message', 'hint'], file);
      } else if (token.value === 'refine' && is(tokens[at - 1], '.') && is(tokens[next], '(')) {
        this.#properties(tokens, next + 1, ['message', 'error'], file);
      }
    });
  }

  #call(tokens: readonly Token[], from: number, file: string): void {
    const argument = tokens.slice(from, endOf(tokens, from, true));
    if (this.#take(argument, file) || argument.every(isNamed)) return;
    this.unseen.push(`${file}: ${argument.map(({ value }) => value).join(' ')}`);
  }

  /** The sentences that stand under certain names anywhere in the arguments of a call. */
  #properties(tokens: readonly Token[], from: number, names: readonly string[], file: string): void {
    const end = endOf(tokens, from, false);
    for (let at = from; at < end; at++) {
      const token = tokens[at];
      if (token?.kind !== 'name' || !names.includes(token.value) || !is(tokens[at + 1], ':')) continue;
      this.#take(tokens.slice(at + 2, endOf(tokens, at + 2, true)), file);
    }
  }

  /** Whether the tokens are a sentence, both forms of one, or a choice between sentences. */
  #take(tokens: readonly Token[], file: string): boolean {
    if (is(tokens[0], '{')) {
      const [one, other] = ['one', 'other'].map((name) => {
        const at = tokens.findIndex((token, i) => token.value === name && is(tokens[i + 1], ':'));
        return at !== -1 && tokens[at + 2]?.kind === 'text' ? tokens[at + 2]?.value : undefined;
      });
      if (one === undefined || other === undefined) return false;
      this.said.set(other, { key: other, one, file });
      return true;
    }
    const branches = tokens.filter(
      ({ kind }, i) => kind === 'text' && opens(tokens[i - 1]) && (i === tokens.length - 1 || is(tokens[i + 1], ':')),
    );
    for (const { value } of branches) this.said.set(value, { key: value, one: undefined, file });
    return branches.length > 0;
  }
}

const is = (token: Token | undefined, value: string): boolean => token?.kind !== 'text' && token?.value === value;
const opens = (token: Token | undefined): boolean => token === undefined || is(token, '?') || is(token, ':');
const isNamed = ({ kind, value }: Token): boolean => kind === 'name' || /^[.[\]?!]$/.test(value);

/** `messages('id')`, `problems('id',`: a call that begins with a text. */
const isCallFor = (tokens: readonly Token[], at: number, name: string, id: string, end = ')'): boolean =>
  is(tokens[at], name) &&
  is(tokens[at + 1], '(') &&
  tokens[at + 2]?.kind === 'text' &&
  tokens[at + 2]?.value === id &&
  is(tokens[at + 3], end);

/** The names that a file gives to `messages('id')`. */
function boundNames(tokens: readonly Token[], id: string): ReadonlySet<string> {
  const names = new Set<string>();
  tokens.forEach((token, at) => {
    const isBound = token.kind === 'name' && is(tokens[at + 1], '=') && isCallFor(tokens, at + 2, 'messages', id);
    if (isBound && !is(tokens[at + 6], '(')) names.add(token.value);
  });
  return names;
}

/** Where an argument ends, or with `isOne` false all arguments of the call. */
function endOf(tokens: readonly Token[], from: number, isOne: boolean): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind !== 'sign') continue;
    if (depth === 0 && (/^[)\]}]$/.test(token.value) || (isOne && token.value === ','))) return at;
    if (/^[([{]$/.test(token.value)) depth++;
    if (/^[)\]}]$/.test(token.value)) depth--;
  }
  return tokens.length;
}
