import type { Dialect } from '@posthorn/sdk';

/** The statement's text between its `?` placeholders; those in quotes and comments do not count. */
export function splitPlaceholders(sql: string, dialect: Dialect): string[] {
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < sql.length) {
    const end = skip(sql, at, dialect);
    if (end > at) {
      at = end;
    } else if (sql[at] === '?') {
      parts.push(sql.slice(from, at));
      at += 1;
      from = at;
    } else {
      at += 1;
    }
  }
  parts.push(sql.slice(from));
  return parts;
}

/** Where the quoted text or comment that begins at `at` ends; `at` itself where none begins. */
export function skip(sql: string, at: number, dialect: Dialect): number {
  const pair = sql.slice(at, at + 2);
  if (pair === '--') return until(sql, at + 2, '\n');
  if (pair === '/*') return until(sql, at + 2, '*/');
  switch (sql[at]) {
    case '#':
      return dialect === 'mariadb' ? until(sql, at + 1, '\n') : at;
    case "'":
      return quoted(
        sql,
        at,
        dialect === 'mariadb' || (dialect === 'postgresql' && /(?<!\w)[eE]$/.test(sql.slice(0, at).slice(-2))),
      );
    case '"':
      return quoted(sql, at, dialect === 'mariadb');
    case '`':
      return dialect === 'postgresql' ? at : quoted(sql, at, false);
    case '[':
      return at;
    case '$': {
      const tag = dialect === 'postgresql' ? /^\$(?:[A-Za-z_]\w*)?\$/.exec(sql.slice(at, at + 70))?.[0] : undefined;
      return tag === undefined ? at : until(sql, at + tag.length, tag);
    }
    default:
      return at;
  }
}

function until(sql: string, from: number, mark: string): number {
  const end = sql.indexOf(mark, from);
  return end === -1 ? sql.length : end + mark.length;
}

function quoted(sql: string, at: number, backslash: boolean): number {
  const quote = sql[at];
  for (let i = at + 1; i < sql.length; i += 1) {
    if (backslash && sql[i] === '\\') i += 1;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i += 1;
    }
  }
  return sql.length;
}

/** Joins the parts of `splitPlaceholders` with what stands for the nth value. */
export function joinPlaceholders(parts: readonly string[], mark: (index: number) => string): string {
  return parts.reduce((text, part, index) => (index === 0 ? part : text + mark(index - 1) + part), '');
}
