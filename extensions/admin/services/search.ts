/** Finding text inside columns: case does not matter, `%` and `_` are letters, and IDNs are found in both their forms. */
import type { Data, Dialect } from '@posthorn/sdk';
import { formsOfName } from '../addresses.js';
import { allOf, asNumber, escaped, type Fragment, fragment } from './sql.js';

/**
 * Rows where one of the columns has the text in it. Columns hold folded text, as names and addresses do, or are given as
 * `folded(…)`.
 */
export function contains(dialect: Dialect, columns: readonly string[], text: string): Fragment {
  const parts = formsOf(text).flatMap((form) => columns.map((column) => within(dialect, column, form)));
  return { sql: parts.map(({ sql }) => sql).join(' or '), params: parts.flatMap(({ params }) => params) };
}

/** An index of the letters inside names, which SQLite has (migration 0025), and the ids of the rows that it is about. */
export interface LetterIndex {
  readonly table: 'admin_search_user' | 'admin_search_alias';
  readonly id: string;
}

/** From so many hits on, reading the list in its order until a page is full finds them sooner. */
const MANY = 10_000;
/** Characters; the index knows no shorter texts. */
const SHORTEST = 3;

export interface Found {
  /** The same as `contains`, told to the database in the way that finds the rows soonest. */
  readonly where: Fragment;
  /** A select with a row for each hit, where counting those is cheaper than asking each row. */
  readonly hits: Fragment | undefined;
}

export async function searched(
  data: Data,
  { table, id }: LetterIndex,
  columns: readonly string[],
  text: string,
): Promise<Found> {
  const found = contains(data.dialect, columns, text);
  const forms = formsOf(text);
  if (data.dialect !== 'sqlite' || forms.some((form) => [...form].length < SHORTEST)) {
    return { where: found, hits: undefined };
  }
  const match = forms.map((form) => `"${form.replaceAll('"', '""')}"`).join(' OR ');
  const hits = fragment(`select rowid from ${table} where ${table} match ?`, match);
  const [row] = await data.execute(`select count(*) as hits from (${hits.sql} limit ${MANY + 1})`, hits.params);
  if (asNumber(row?.hits) > MANY) return { where: found, hits };
  return { where: allOf([{ ...hits, sql: `${id} in (${hits.sql})` }, found]), hits: undefined };
}

/**
 * A column in which case is kept, or of which PostgreSQL has an index of letters (migration 0031). SQLite's `lower` knows
 * ASCII only, which its `like` folds anyway.
 */
export const folded = (dialect: Dialect, column: string): string =>
  dialect === 'sqlite' ? column : `lower(${column})`;

function within(dialect: Dialect, column: string, text: string): Fragment {
  return dialect === 'sqlite' && !/^[\0-\x7f]*$/.test(text)
    ? fragment(`${column} glob ?`, `*${[...text].map(eitherCase).join('')}*`)
    : fragment(`${column} like ? escape '!'`, `%${escaped(text)}%`);
}

/** A character in both cases, for SQLite's `glob`. */
function eitherCase(character: string): string {
  const cases = [character, character.toUpperCase()].filter((one) => [...one].length === 1);
  return new Set(cases).size === 1 && !'*?['.includes(character) ? character : `[${cases.join('')}]`;
}

const DOMAIN_CHARACTERS = /^[\p{L}\p{M}\p{N}.-]+$/u;

/** The text, and the other form of the domain in it (`xn--…`), label by label: either one may be what is stored. */
function formsOf(text: string): readonly string[] {
  const typed = text.normalize('NFC').toLowerCase();
  const at = typed.lastIndexOf('@') + 1;
  const domain = typed.slice(at);
  const hasForms = DOMAIN_CHARACTERS.test(domain) && (/[^\0-\x7f]/.test(domain) || domain.includes('xn--'));
  const others = hasForms ? formsOfName(domain).map((form) => typed.slice(0, at) + form) : [];
  return [...new Set([typed, ...others])];
}
