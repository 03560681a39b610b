import { constants, type DatabaseSync, type Session, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { whileBusy } from './busy.js';
import { Statements } from './statements.js';
import { toSqlite } from './values.js';

/** A transaction that held the lock longer than this lets the others try before the next one begins. */
const LONG_HOLD_MS = 20;
const COURTESY_MS = 3;

/** What is run, with the values of its placeholders. */
export type Query = Pick<CompiledQuery, 'sql' | 'parameters'>;

/** One open database as kysely uses it. Statements run synchronously; only waiting for the lock is asynchronous. */
export class SqliteConnection implements DatabaseConnection {
  /** When the present user's patience ends, on the clock of `performance.now()`. */
  deadline = 0;
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  #began = 0;
  #ended = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = new Statements(db);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#db.isTransaction ? this.#run<R>(query) : whileBusy(() => this.#run<R>(query), this.deadline);
  }

  /** What a query yields, without waiting. Throws where the file is locked. */
  runNow<R>(query: Query): QueryResult<R> {
    return this.#run<R>(query);
  }

  /** Rows in chunks; between chunks the event loop turns. */
  async *streamQuery<R>(query: CompiledQuery, chunkSize = 100): AsyncIterableIterator<QueryResult<R>> {
    const { statement } = this.#statements.fresh(query.sql);
    const cursor = statement.iterate(...query.parameters.map(toSqlite));
    try {
      for (;;) {
        const rows: R[] = [];
        await whileBusy(() => {
          while (rows.length < chunkSize) {
            const next = cursor.next();
            if (next.done === true) break;
            rows.push(next.value as R);
          }
        }, this.deadline);
        if (rows.length > 0) yield { rows };
        if (rows.length < chunkSize) return;
        await breathe();
      }
    } finally {
      cursor.return?.();
    }
  }

  /** Takes the write lock at once: a transaction that read first and wrote later could not get it any more. */
  async begin(kind: 'immediate' | 'deferred'): Promise<void> {
    if (this.#ended - this.#began > LONG_HOLD_MS && performance.now() - this.#ended < COURTESY_MS)
      await sleep(COURTESY_MS);
    await whileBusy(() => this.#statements.get(`begin ${kind}`).statement.run(), this.deadline);
    this.#began = performance.now();
  }

  async commit(): Promise<void> {
    await whileBusy(() => this.#statements.get('commit').statement.run(), performance.now() + 1000);
    this.#ended = performance.now();
  }

  rollback(): void {
    this.#ended = performance.now();
    // SQLite has already taken it back after some errors (disk full)
    if (this.#db.isTransaction) this.#statements.get('rollback').statement.run();
  }

  /** Runs one statement that inserts a row with many rows' values; returns their ids. */
  insertEach(sql: string, rows: readonly (readonly unknown[])[]): readonly number[] {
    const { statement } = this.#statements.get(sql);
    return rows.map((values) => Number(statement.run(...values.map(toSqlite)).lastInsertRowid));
  }

  /** Notes what is changed on this connection, until it is closed. */
  track(): Session {
    return this.#db.createSession();
  }

  /**
   * Applies a changeset except to some tables, and to those inside of virtual tables, which triggers keep up: SQLite lets
   * nobody else write them. Rows that somebody else has deleted meanwhile stay deleted; what he has
   * changed in others is overwritten. Throws where references would be left without their rows.
   */
  applyChangeset(changes: Uint8Array, o: { readonly except: ReadonlySet<string> }): void {
    const { SQLITE_CHANGESET_DATA, SQLITE_CHANGESET_REPLACE, SQLITE_CHANGESET_OMIT, SQLITE_CHANGESET_ABORT } =
      constants;
    const shadows = this.#db.prepare("select name from pragma_table_list where type = 'shadow'").all();
    const inside = new Set(shadows.map(({ name }) => String(name)));
    const isDone = this.#db.applyChangeset(changes, {
      filter: (table) => !o.except.has(table) && !inside.has(table),
      onConflict: (type) =>
        type === SQLITE_CHANGESET_DATA
          ? SQLITE_CHANGESET_REPLACE
          : type === constants.SQLITE_CHANGESET_NOTFOUND
            ? SQLITE_CHANGESET_OMIT
            : SQLITE_CHANGESET_ABORT,
    });
    if (!isDone) throw new Error('changes could not be taken back, because others depend on them by now');
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #run<R>({ sql, parameters }: Query): QueryResult<R> {
    const { statement, yields } = this.#statements.get(sql);
    const values = parameters.map(toSqlite);
    if (yields) return { rows: this.#rows(sql, statement, values) as R[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] };
  }

  /** An integer too large for a number comes as text, as from the servers; node:sqlite refuses it otherwise. */
  #rows(sql: string, statement: StatementSync, values: SQLInputValue[]): unknown[] {
    try {
      return statement.all(...values);
    } catch (error) {
      // what changes rows (`returning`) must not run twice
      if ((error as NodeJS.ErrnoException).code !== 'ERR_OUT_OF_RANGE' || !/^\s*select\b/i.test(sql)) throw error;
      const { statement: exact } = this.#statements.fresh(sql);
      exact.setReadBigInts(true);
      const plain = (value: unknown) =>
        typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
      return exact
        .all(...values)
        .map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])));
    }
  }
}
