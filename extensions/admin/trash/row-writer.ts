import type { Data, ExtensionContext, Row } from '@posthorn/sdk';
import type { TrashPart } from '../contract/trash.js';
import { asBoolean, asNumber, asText, type Fragment, idIn, textIn } from '../services/sql.js';
import { partsOf } from './snapshot.js';

/** Placeholders of one statement; the smallest limit of the three databases is SQLite's 32,766. */
const PLACEHOLDERS = 20_000;
/** Texts asked for at once. */
const TEXTS = 500;

export const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** PostgreSQL's driver reads a column of JSON as what it says; it is written as text. */
const asParameter = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array)
    ? JSON.stringify(value)
    : value;

/** Writes rows of the trash back into their tables. All methods run inside a `write`. */
export class RowWriter {
  readonly #data: Data;
  readonly #parts: readonly TrashPart[];

  constructor(context: ExtensionContext) {
    this.#data = context.data;
    this.#parts = partsOf(context);
  }

  /** A fixed number of statements for each table. Columns that are no more are left out. */
  async insert(table: string, rows: readonly Row[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const there = await this.#columns(table);
    const columns = Object.keys(first).filter((name) => there.has(name));
    const row = `(${columns.map(() => '?').join(', ')})`;
    for (const some of chunks(rows, Math.floor(PLACEHOLDERS / columns.length))) {
      await this.#data.execute(
        `insert into ${table} (${columns.join(', ')}) values ${some.map(() => row).join(', ')}`,
        some.flatMap((one) => columns.map((name) => asParameter(one[name]))),
      );
    }
  }

  /** Those whose place is free and whose other things are there. */
  async fitting(table: string, rows: readonly Row[]): Promise<readonly Row[]> {
    if (rows.length === 0) return [];
    const own = await this.#existing(
      table,
      rows.map((row) => asNumber(row.id)),
    );
    let left = rows.filter((row) => !own.has(asNumber(row.id)));
    for (const { of, column } of this.#parts.filter((part) => part.table === table)) {
      const wanted = left.flatMap((row) =>
        row[column] === null || row[column] === undefined ? [] : [asNumber(row[column])],
      );
      const found = await this.#existing(of, wanted);
      left = left.filter(
        (row) => row[column] === null || row[column] === undefined || found.has(asNumber(row[column])),
      );
    }
    const taken = await this.#taken(table, left);
    return left.filter((row) => !taken(row));
  }

  async #existing(table: string, ids: readonly number[]): Promise<ReadonlySet<number>> {
    const among = idIn(this.#data.dialect, 'id', new Set(ids));
    const rows =
      ids.length === 0 ? [] : await this.#data.execute(`select id from ${table} where ${among.sql}`, among.params);
    return new Set(rows.map((row) => asNumber(row.id)));
  }

  /** What the unique keys of our own tables say. */
  async #taken(table: string, rows: readonly Row[]): Promise<(row: Row) => boolean> {
    const unique = UNIQUE[table];
    if (unique === undefined) return () => false;
    const found = new Set<string>();
    for (const { column, isText, key } of unique) {
      for (const some of chunks([...new Set(rows.map((row) => row[column]))], TEXTS)) {
        const among: Fragment = isText
          ? textIn(column, some.map(asText))
          : idIn(this.#data.dialect, column, some.map(asNumber));
        const there = await this.#data.execute(`select * from ${table} where ${among.sql}`, among.params);
        for (const row of there) found.add(`${column} ${key(row)}`);
      }
    }
    return (row) => unique.some(({ column, key }) => found.has(`${column} ${key(row)}`));
  }

  async #columns(table: string): Promise<ReadonlySet<string>> {
    const { dialect } = this.#data;
    const rows = await this.#data.execute(
      dialect === 'sqlite'
        ? 'select name from pragma_table_info(?)'
        : `select column_name as name from information_schema.columns where table_name = ?
           and table_schema = ${dialect === 'mariadb' ? 'database()' : 'current_schema()'}`,
      [table],
    );
    return new Set(rows.map(({ name }) => asText(name)));
  }
}

interface Unique {
  /** By which rows are looked up. */
  readonly column: string;
  readonly isText: boolean;
  readonly key: (row: Row) => string;
}
const UNIQUE: Readonly<Record<string, readonly Unique[]>> = {
  core_user: [{ column: 'username', isText: true, key: (row) => asText(row.username) }],
  admin_mailbox: [
    { column: 'user_id', isText: false, key: (row) => asText(row.user_id) },
    { column: 'address', isText: true, key: (row) => `${asText(row.address)} ${asNumber(row.domain_id)}` },
  ],
  admin_alias: [{ column: 'address', isText: true, key: (row) => `${asText(row.address)} ${asBoolean(row.internal)}` }],
  admin_aliasrecipient: [
    { column: 'alias_id', isText: false, key: (row) => `${asNumber(row.alias_id)} ${asText(row.address)}` },
  ],
};
