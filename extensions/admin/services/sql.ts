/** What the three databases say differently, and how raw rows become values. `||` joins text on all of them. */
import { type Data, type Dialect, UtcTimestamp } from '@posthorn/sdk';

/** A piece of SQL with the values of its placeholders. */
export interface Fragment {
  readonly sql: string;
  readonly params: readonly unknown[];
}

export const fragment = (sql: string, ...params: readonly unknown[]): Fragment => ({ sql, params });

/** Conditions joined by `and`; `true` where there are none. */
export function allOf(conditions: readonly Fragment[]): Fragment {
  if (conditions.length === 0) return fragment('1 = 1');
  return {
    sql: conditions.map((c) => `(${c.sql})`).join(' and '),
    params: conditions.flatMap((c) => c.params),
  };
}

/** So many ids go as values of their own, which planners estimate best; more of them as one JSON list. */
const IDS_INLINE = 1_000;

/** `column in (…)` for any number of ids: a reseller may have more domains than placeholders are allowed. */
export function idIn(dialect: Dialect, column: string, ids: Iterable<number>): Fragment {
  const list = [...ids];
  if (list.length === 0) return fragment('1 = 0');
  if (list.length <= IDS_INLINE) return { sql: `${column} in (${list.map(() => '?').join(', ')})`, params: list };
  const rows: Readonly<Record<Dialect, string>> = {
    sqlite: 'select value from json_each(?)',
    postgresql: 'select value::int from json_array_elements_text(?::json) as ids(value)',
    mariadb: "select id from json_table(?, '$[*]' columns (id int path '$')) as ids",
  };
  return fragment(`${column} in (${rows[dialect]})`, JSON.stringify(list));
}

/** `column in (?, …)` for a few texts; matches nothing for none. */
export const textIn = (column: string, texts: readonly string[]): Fragment =>
  texts.length === 0 ? fragment('1 = 0') : { sql: `${column} in (${texts.map(() => '?').join(', ')})`, params: texts };

/** Text that stands for itself in the pattern of a `like` with `escape '!'`. */
export const escaped = (text: string): string => text.replace(/[!%_]/g, (c) => `!${c}`);

/** `a = ?, b = ?` for an update. The names come from our code, never from input. */
export function assignments(values: Readonly<Record<string, unknown>>): Fragment {
  const names = Object.keys(values);
  return { sql: names.map((name) => `${name} = ?`).join(', '), params: Object.values(values) };
}

/** SQLite's `like` uses no index, a range does; there texts are compared by their bytes. */
export function startsWith(dialect: Dialect, column: string, text: string): Fragment {
  const prefix = text.normalize('NFC').toLowerCase();
  const like = fragment(`${column} like ? escape '!'`, `${escaped(prefix)}%`);
  if (dialect !== 'sqlite') return like;
  return {
    sql: `${like.sql} and ${column} >= ? and ${column} < ?`,
    params: [...like.params, prefix, `${prefix}\u{10ffff}`],
  };
}

export const endsWith = (column: string, suffix: string): Fragment =>
  fragment(`${column} like ? escape '!'`, `%${escaped(suffix)}`);

/** The domain of an address, as the indexes of migration 0025 have it; MariaDB indexes no expressions. */
export const domainPart = {
  sqlite: (column: string): string => `substr(${column}, instr(${column}, '@') + 1)`,
  postgresql: (column: string): string => `split_part(${column}, '@', 2)`,
};

/** Addresses of a domain. */
export function inDomain(dialect: Dialect, column: string, domain: string): Fragment {
  const ending = endsWith(column, `@${domain}`);
  return dialect === 'mariadb' ? ending : allOf([fragment(`${domainPart[dialect](column)} = ?`, domain), ending]);
}

/** The text of a column with its ending replaced; use it together with `endsWith`. */
export function replaceEnd(dialect: Dialect, column: string, suffix: string, by: string): Fragment {
  const length = dialect === 'sqlite' ? 'length' : 'char_length';
  return fragment(`substr(${column}, 1, ${length}(${column}) - ?) || ?`, [...suffix].length, by);
}

/** Rows that two transactions must not change at once. SQLite has one writer anyway. */
export const forUpdate = (dialect: Dialect): string => (dialect === 'sqlite' ? '' : ' for update');

/** Keeps everybody else from changing a row until the transaction ends. The table's name comes from our code. */
export async function lockRow(data: Data, table: string, id: number): Promise<void> {
  await data.execute(`select id from ${table} where id = ?${forUpdate(data.dialect)}`, [id]);
}

export const asNumber = (value: unknown): number => Number(value ?? 0);
export const asNumberOrNull = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);
export const asBoolean = (value: unknown): boolean => value === true || Number(value) === 1;
export const asText = (value: unknown): string => (value === null || value === undefined ? '' : String(value));
export const asTextOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

const moments = new UtcTimestamp();

/** As SQLite keeps a moment. */
const STORED = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** ISO 8601, UTC, whole seconds. */
export function asMomentOrNull(value: unknown): string | null {
  if (typeof value === 'string' && STORED.test(value)) return `${value.replace(' ', 'T')}Z`;
  const at = moments.convertToJSValue((value ?? null) as string | number | Date | null);
  return at === null ? null : at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
export const asMoment = (value: unknown): string => asMomentOrNull(value) ?? '';
