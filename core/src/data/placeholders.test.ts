import { expect, test } from 'vitest';
import { joinPlaceholders, splitPlaceholders } from './placeholders.js';

const numbered = (sql: string) => joinPlaceholders(splitPlaceholders(sql, 'postgresql'), (index) => `$${index + 1}`);

test.each([
  ['select 1', 'select 1'],
  ['?', '$1'],
  ['select ?, ?', 'select $1, $2'],
  [`select '?' , ?`, `select '?' , $1`],
  [`select 'it''s ?', ?`, `select 'it''s ?', $1`],
  [`select '\\', ?`, `select '\\', $1`],
  [`select E'\\'?', ?`, `select E'\\'?', $1`],
  [`select "a?""?", ?`, `select "a?""?", $1`],
  ['select $$ ? $$, $x$ ? $$ ? $x$, ?', 'select $$ ? $$, $x$ ? $$ ? $x$, $1'],
  ['select 1 -- ?\n, ?', 'select 1 -- ?\n, $1'],
  ['select /* ? */ ?', 'select /* ? */ $1'],
  [`select 'open ? `, `select 'open ? `],
])('%s', (sql, expected) => {
  expect(numbered(sql)).toBe(expected);
});

test('MariaDB knows backslashes, backticks and #', () => {
  expect(splitPlaceholders(`select '\\'?', \`?\`, "\\"?" # ?\n, ?`, 'mariadb')).toHaveLength(2);
});
