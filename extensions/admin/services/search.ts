/** Finding text inside columns: case does not matter, `%` and `_` are letters, and IDNs are found in both their forms. */
import type { Dialect } from '@posthorn/sdk';
import { formsOfName } from '../addresses.js';
import { escaped, type Fragment, fragment } from './sql.js';

/**
 * Rows where one of the columns has the text in it. Columns hold folded text, as names and addresses do, or are given as
 * `folded(…)`.
 */
export function contains(dialect: Dialect, columns: readonly string[], text: string): Fragment {
  const parts = formsOf(text).flatMap((form) => columns.map((column) => within(dialect, column, form)));
  return { sql: parts.map(({ sql }) => sql).join(' or '), params: parts.flatMap(({ params }) => params) };
}

/** A column in which case is kept. SQLite's `lower` knows ASCII only, which its `like` folds anyway. */
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
