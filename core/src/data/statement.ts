/**
 * Reads what one data-changing statement does: which table, which columns, which rows. It knows the statements that this
 * program, its extensions and the ORM write; of any other it still says which table is touched.
 */
import type { Dialect } from '@posthorn/sdk';
import { skip } from './placeholders.js';

/** What a column is given: the nth value, a literal, or something only the database can compute. */
export type Cell = { readonly param: number } | { readonly value: unknown } | 'computed';

/** A piece of the statement, with the placeholders in it. */
export interface Piece {
  readonly sql: string;
  /** Of the first and behind the last of its values. */
  readonly params: readonly [number, number];
}

export interface InsertStatement {
  readonly kind: 'insert';
  readonly table: string;
  /** Undefined where the rows come from a query. */
  readonly rows: readonly Readonly<Record<string, Cell>>[] | undefined;
  /** A row that is there already may have been changed, or left alone. */
  readonly mayMeet: boolean;
  readonly returns: boolean;
}

export interface ChangeStatement {
  readonly kind: 'update' | 'delete';
  readonly table: string;
  /** What the row's table is called inside of the statement. */
  readonly target: string;
  /** The rest of `select target.*`, from the word `from` on; undefined where it cannot be told. */
  readonly rows: readonly Piece[] | undefined;
  readonly set: Readonly<Record<string, Cell>>;
  readonly isJoined: boolean;
}

export type Statement = InsertStatement | ChangeStatement;

interface Reading {
  readonly sql: string;
  readonly dialect: Dialect;
  /** From the word on that says what is done. */
  readonly tokens: readonly Token[];
  /** After `with …`. */
  readonly isBehindQuery: boolean;
}

interface Token {
  readonly text: string;
  /** Lower case for a bare word, as it is otherwise. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** Placeholders before it, and with those in it. */
  readonly params: number;
  readonly after: number;
}

const CHANGES = /^\s*(?:insert|update|delete|replace|with)\b/i;

/** Undefined for what changes no rows. */
export function readStatement(sql: string, dialect: Dialect): Statement | undefined {
  if (!CHANGES.test(sql)) return undefined;
  const tokens = tokensOf(sql, dialect);
  const begin = tokens.findIndex(({ word }) => /^(?:insert|update|delete|replace)$/.test(word));
  const first = tokens[begin];
  if (first === undefined) return undefined;
  const rest = tokens.slice(begin);
  const read = { insert: readInsert, replace: readInsert, update: readUpdate, delete: readDelete }[first.word];
  return read?.({ sql, dialect, tokens: rest, isBehindQuery: begin > 0 });
}

/** The tokens outside of all parentheses; one pair with all inside is one token. */
function tokensOf(sql: string, dialect: Dialect): readonly Token[] {
  const tokens: Token[] = [];
  let params = 0;
  let at = 0;
  while (at < sql.length) {
    const c = sql[at] as string;
    const start = at;
    const before = params;
    if (/\s/.test(c)) {
      at += 1;
      continue;
    }
    const end = skip(sql, at, dialect);
    if (end > at) {
      at = end;
      if (c === '-' || c === '/' || c === '#') continue;
    } else if (c === '(') {
      let depth = 0;
      do {
        const quoted = skip(sql, at, dialect);
        if (quoted > at) {
          at = quoted;
          continue;
        }
        if (sql[at] === '(') depth += 1;
        else if (sql[at] === ')') depth -= 1;
        else if (sql[at] === '?') params += 1;
        at += 1;
      } while (depth > 0 && at < sql.length);
    } else if (c === '?') {
      params += 1;
      at += 1;
    } else {
      const bare = /^[\p{L}_][\p{L}\p{N}_$]*|^\d+(?:\.\d+)?/u.exec(sql.slice(at, at + 200))?.[0] ?? c;
      at += bare.length;
    }
    const text = sql.slice(start, at);
    tokens.push({ text, word: text.toLowerCase(), start, end: at, params: before, after: params });
  }
  return tokens;
}

const nameOf = (token: Token | undefined): string => (token?.text ?? '').replace(/^["`]|["`]$/g, '');

/** The pieces between commas. */
function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ',') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

const LITERALS: Readonly<Record<string, unknown>> = { null: null, true: true, false: false };

function cellOf(tokens: readonly Token[], offset: number): Cell {
  const [only, ...more] = tokens;
  if (only === undefined || more.length > 0) return 'computed';
  if (only.text === '?') return { param: offset + only.params };
  if (Object.hasOwn(LITERALS, only.word)) return { value: LITERALS[only.word] };
  if (/^\d/.test(only.text)) return { value: Number(only.text) };
  if (/^'[^\\]*'$/.test(only.text)) return { value: only.text.slice(1, -1).replaceAll("''", "'") };
  return 'computed';
}

const inside = (token: Token, dialect: Dialect): readonly Token[] => tokensOf(token.text.slice(1, -1), dialect);

function readInsert({ tokens, dialect, isBehindQuery }: Reading): Statement | undefined {
  const into = tokens.findIndex(({ word }) => word === 'into');
  const table = nameOf(tokens[into + 1]);
  if (into === -1 || table === '') return undefined;
  const words = new Set(tokens.map(({ word }) => word));
  const mayMeet = tokens[0]?.word === 'replace' || ['ignore', 'or', 'on', 'replace'].some((word) => words.has(word));
  const common = { kind: 'insert' as const, table, mayMeet, returns: words.has('returning') };
  const columns = tokens[into + 2];
  const values = tokens.findIndex(({ word }) => word === 'values');
  if (isBehindQuery || values === -1 || columns?.text.startsWith('(') !== true) return { ...common, rows: undefined };
  const names = split(inside(columns, dialect)).map(([token]) => nameOf(token));
  const rows: Record<string, Cell>[] = [];
  for (const token of tokens.slice(values + 1)) {
    if (token.text === ',') continue;
    if (!token.text.startsWith('(')) break;
    const cells = split(inside(token, dialect)).map((cell) =>
      cell[0]?.word === 'default' ? undefined : cellOf(cell, token.params),
    );
    rows.push(Object.fromEntries(names.flatMap((name, i) => (cells[i] === undefined ? [] : [[name, cells[i]]]))));
  }
  return { ...common, rows };
}

/** Where the clause that begins with one of these words lies. */
function clauses(tokens: readonly Token[], words: readonly string[]): ReadonlyMap<string, readonly Token[]> {
  const found = new Map<string, Token[]>();
  let current: Token[] | undefined;
  for (const token of tokens) {
    if (words.includes(token.word) && !found.has(token.word)) {
      current = [];
      found.set(token.word, current);
    } else current?.push(token);
  }
  return found;
}

/** The text from the first of these tokens to the last. */
function piece(sql: string, tokens: readonly Token[] | undefined): Piece | undefined {
  const [from, to] = [tokens?.[0], tokens?.at(-1)];
  return from === undefined || to === undefined
    ? undefined
    : { sql: sql.slice(from.start, to.end), params: [from.params, to.after] };
}

const CLAUSES = ['update', 'delete', 'set', 'from', 'where', 'returning', 'limit', 'order'];
const JOIN = /^(?:join|inner|left|cross)$/;

/** What the statement itself calls the first table of these tokens. */
const calledIn = (tokens: readonly Token[]): Token | undefined => {
  const [table, next, last] = tokens;
  if (next === undefined || next.text === ',' || JOIN.test(next.word)) return table;
  return next.word === 'as' ? last : next;
};

function readUpdate({ sql, tokens, isBehindQuery }: Reading): Statement | undefined {
  const parts = clauses(tokens, CLAUSES);
  const head = (parts.get('update') ?? []).filter(({ word }) => word !== 'ignore');
  const table = nameOf(head[0]);
  const assigned = parts.get('set');
  if (table === '' || assigned === undefined) return undefined;
  const set: Record<string, Cell> = {};
  for (const part of split(assigned)) {
    const equal = part.findIndex(({ text }) => text === '=');
    if (equal > 0) set[nameOf(part[equal - 1])] = cellOf(part.slice(equal + 1), 0);
  }
  const from = [piece(sql, head), piece(sql, parts.get('from'))];
  return {
    kind: 'update',
    table,
    target: calledIn(head)?.text ?? table,
    rows: isBehindQuery || parts.has('limit') ? undefined : selection(from, piece(sql, parts.get('where'))),
    set,
    isJoined: parts.has('from') || head.some(({ word }) => JOIN.test(word)),
  };
}

function readDelete({ sql, tokens, isBehindQuery }: Reading): Statement | undefined {
  const parts = clauses(tokens, CLAUSES);
  const from = parts.get('from') ?? [];
  const table = nameOf(from[0]);
  if (table === '') return undefined;
  const target = parts.get('delete')?.[0] ?? calledIn(from);
  return {
    kind: 'delete',
    table,
    target: target?.text ?? table,
    rows:
      isBehindQuery || parts.has('limit') ? undefined : selection([piece(sql, from)], piece(sql, parts.get('where'))),
    set: {},
    isJoined: from.some(({ word }) => JOIN.test(word)),
  };
}

function selection(from: readonly (Piece | undefined)[], condition: Piece | undefined): readonly Piece[] {
  const pieces = from
    .filter((part) => part !== undefined)
    .map((part, i): Piece => ({ sql: `${i === 0 ? ' from ' : ', '}${part.sql}`, params: part.params }));
  return condition === undefined ? pieces : [...pieces, { sql: ` where ${condition.sql}`, params: condition.params }];
}
