import type { Dialect } from '@posthorn/sdk';

/** Rows of one statement on a server. */
const ROWS_MOST = 500;
/** PostgreSQL counts the values of a statement with 16 bits. */
const VALUES_MOST = 30_000;

/** How rows of one table are inserted, of which all have the same columns. */
export class RowInsert {
  /** Those of which each row brings a value. */
  readonly columns: readonly string[];
  /** The statement for one row, with `?` for its values. */
  readonly one: string;
  readonly givesIds: boolean;
  readonly #dialect: Dialect;
  readonly #into: string;
  readonly #end: string;
  readonly #computed: readonly string[];

  constructor(
    dialect: Dialect,
    o: {
      readonly table: string;
      readonly columns: readonly string[];
      /** The columns of a unique key: rows that are there already stay as they are. */
      readonly unless?: readonly string[];
      /** More columns, with the SQL of their value. */
      readonly computed?: Readonly<Record<string, string>>;
    },
  ) {
    const computed = Object.entries(o.computed ?? {});
    this.#dialect = dialect;
    this.columns = o.columns;
    this.givesIds = o.unless === undefined;
    this.#computed = computed.map(([, sql]) => sql);
    this.#into = `insert into ${o.table} (${[...o.columns, ...computed.map(([column]) => column)].join(', ')}) values `;
    this.#end = this.#otherwise(o.unless);
    this.one = this.#into + this.#row(() => '?') + this.#end;
  }

  /** Statements for servers. `quoted` writes a value into the text, where that is done. */
  *statements(
    rows: readonly (readonly unknown[])[],
    quoted: (value: unknown) => string,
  ): Generator<{ readonly sql: string; readonly parameters: readonly unknown[] }> {
    const size = Math.min(ROWS_MOST, Math.max(1, Math.floor(VALUES_MOST / Math.max(1, this.columns.length))));
    for (let at = 0; at < rows.length; at += size) {
      const parameters: unknown[] = [];
      const mark = (value: unknown): string => {
        if (this.#dialect === 'mariadb') return quoted(value);
        parameters.push(value);
        return `$${parameters.length}`;
      };
      const texts = rows.slice(at, at + size).map((row) => this.#row((i) => mark(row[i])));
      yield { sql: this.#into + texts.join(', ') + this.#end + (this.givesIds ? ' returning id' : ''), parameters };
    }
  }

  #row = (mark: (i: number) => string): string =>
    `(${[...this.columns.map((_, i) => mark(i)), ...this.#computed].join(', ')})`;

  #otherwise(unless: readonly string[] | undefined): string {
    if (unless === undefined) return '';
    return this.#dialect === 'mariadb'
      ? ` on duplicate key update ${unless[0]} = ${unless[0]}`
      : ` on conflict (${unless.join(', ')}) do nothing`;
  }
}
