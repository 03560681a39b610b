import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface Prepared {
  readonly statement: StatementSync;
  /** Whether it yields rows (a select, or something with `returning`). */
  readonly yields: boolean;
}

/** Longer texts are one of a kind (bulk inserts), so keeping them would only hold memory. */
const LONGEST_KEPT = 4000;

/**
 * Prepared statements by their text, the least recently used leaving first. SQLite prepares a statement anew by itself
 * when the schema has changed, in this process or another; whether it yields rows does not change with it.
 */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #size: number;
  readonly #kept = new Map<string, Prepared>();

  constructor(db: DatabaseSync, size = 200) {
    this.#db = db;
    this.#size = size;
  }

  get(sql: string): Prepared {
    const known = this.#kept.get(sql);
    if (known !== undefined) {
      this.#kept.delete(sql);
      this.#kept.set(sql, known);
      return known;
    }
    const prepared = this.fresh(sql);
    if (sql.length <= LONGEST_KEPT) {
      this.#kept.set(sql, prepared);
      if (this.#kept.size > this.#size) this.#kept.delete(this.#kept.keys().next().value as string);
    }
    return prepared;
  }

  /** One that nobody else has: a statement being iterated must not be started again. */
  fresh(sql: string): Prepared {
    const statement = this.#db.prepare(sql);
    return { statement, yields: statement.columns().length > 0 };
  }

  clear(): void {
    this.#kept.clear();
  }
}
