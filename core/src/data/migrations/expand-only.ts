import type { Dialect, Migration } from '@posthorn/sdk';
import { ddlFor } from '../ddl.js';

const DIALECTS: readonly Dialect[] = ['sqlite', 'postgresql', 'mariadb'];

/** What a generation that serves on could miss or stumble over, and how the sentence calls it. */
const NARROWING: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bdrop\s+(?:table|view|schema|sequence|materialized\s+view)\b/i, 'drops a table or a view'],
  [/\btruncate\b/i, 'empties a table'],
  [/\balter\s+table\b.*\bdrop\s+(?!constraint\b|index\b|key\b|foreign\b|default\b|not\b|check\b)/is, 'drops a column'],
  [/\balter\s+(?:table|view)\b.*\brename\b|\brename\s+table\b/is, 'renames something'],
  [/\balter\s+table\b.*\bset\s+not\s+null\b/is, 'makes a column not null'],
  [/\balter\s+table\b.*\b(?:modify|change)\b/is, 'changes a column'],
  [/\balter\s+table\b.*\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b/is, 'changes a type'],
];

const ADDS_COLUMN =
  /\balter\s+table\s+\S+\s+add\s+(?!constraint\b|index\b|key\b|foreign\b|unique\b|primary\b|check\b)(.*)/is;

/** What stands in quotes is data or a name, and comments are neither. */
const bare = (sql: string): string =>
  sql
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^'\\]|''|\\.)*'/g, "''")
    .replace(/"[^"]*"|`[^`]*`/g, 'name');

function narrows(statement: string): string | undefined {
  const sql = bare(statement);
  const found = NARROWING.find(([pattern]) => pattern.test(sql));
  if (found !== undefined) return found[1];
  const column = ADDS_COLUMN.exec(sql)?.[1];
  if (column !== undefined && /\bnot\s+null\b/i.test(column) && !/\bdefault\b/i.test(column)) {
    return 'adds a column that must have a value and has no default';
  }
  return undefined;
}

/** A view is replaced in the same transaction where the database cannot change it. */
function isRemadeView(statement: string, all: readonly string[]): boolean {
  const view = /^\s*drop\s+view\s+(?:if\s+exists\s+)?(\S+)\s*$/i.exec(statement)?.[1];
  if (view === undefined) return false;
  return all.some((other) => other.trimStart().toLowerCase().startsWith(`create view ${view.toLowerCase()} `));
}

/**
 * Why a migration may not run while an older generation serves, or undefined. Going up only adds: processes of the
 * generation before read and write the same tables until they are replaced, and a step that took something away would
 * break them. What nobody needs any more goes in `down`, or with the extension.
 */
export function narrowingOf(migration: Migration): string | undefined {
  for (const dialect of DIALECTS) {
    const statements = migration.up(ddlFor(dialect));
    for (const statement of statements) {
      if (isRemadeView(statement, statements)) continue;
      const what = narrows(statement);
      if (what !== undefined) return `its schema step ${migration.name} ${what}; going up may only add`;
    }
  }
  return undefined;
}
