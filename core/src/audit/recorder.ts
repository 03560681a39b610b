import type { Dialect, Row } from '@posthorn/sdk';
import { UtcTimestamp } from '@posthorn/sdk';
import type { Database, DatabaseResult, StatementRecorder } from '../data/database.js';
import {
  type Cell,
  type ChangeStatement,
  type InsertStatement,
  readStatement,
  type Statement,
} from '../data/statement.js';
import { marks } from '../jobs/sql-expressions.js';
import type { AuditedTables, RecordedTable } from './audited-tables.js';
import type { Change } from './change.js';

/** Rows of one statement that are recorded one by one; of more, only their number. */
export const ROWS_MOST = 1_000;
/** Ids of one `in (…)`. */
const IDS = 500;
/** Texts of statements whose reading is kept. */
const PLANS_MOST = 1_000;
/** Characters of such a text; longer ones name many rows and do not come back. */
const PLAN_LENGTH = 2_000;

const moments = new UtcTimestamp();

export interface RecorderParts {
  readonly database: () => Database;
  readonly tables: () => AuditedTables;
  /** Takes what one statement changed, inside its transaction. */
  readonly take: (changes: readonly Change[]) => void;
}

/** A statement that changes a recorded table. */
interface Plan {
  readonly statement: Statement;
  readonly table: RecordedTable;
}

/**
 * Sees every statement that changes rows, whoever writes it and however, and finds out what each of them changes: what
 * is inserted is read off the statement, what is changed or deleted is read from the table first.
 */
export class Recorder implements StatementRecorder {
  readonly #plans = new Map<string, Plan | undefined>();
  #types: ReadonlyMap<string, ReadonlyMap<string, 'boolean' | 'moment'>> | undefined;

  constructor(private readonly parts: RecorderParts) {}

  plan(sql: string): Plan | undefined {
    if (this.#plans.has(sql)) return this.#plans.get(sql);
    const plan = this.#read(sql);
    if (sql.length > PLAN_LENGTH) return plan;
    if (this.#plans.size >= PLANS_MOST) this.#plans.clear();
    this.#plans.set(sql, plan);
    return plan;
  }

  #read(sql: string): Plan | undefined {
    const statement = readStatement(sql, this.#dialect);
    const table = statement === undefined ? undefined : this.parts.tables().find(statement.table);
    if (statement === undefined || table === undefined) return undefined;
    const isSeen = statement.kind !== 'update' || Object.keys(statement.set).some((column) => table.isSeen(column));
    return isSeen ? { statement, table } : undefined;
  }

  async around<T extends DatabaseResult>(
    { statement, table }: Plan,
    params: readonly unknown[],
    run: () => Promise<T>,
  ): Promise<T> {
    return statement.kind === 'insert'
      ? this.#insert(table, statement, params, run)
      : this.#change(table, statement, params, run);
  }

  inserted({ statement, table }: Plan, rows: readonly (readonly unknown[])[], ids: readonly number[]): void {
    if (statement.kind !== 'insert') return;
    const [cells = {}] = statement.rows ?? [];
    this.parts.take(rows.map((params, i) => this.#created(table, statement, { cells, params, id: ids[i] })));
  }

  #created(
    table: RecordedTable,
    { mayMeet }: InsertStatement,
    row: { readonly cells: Readonly<Record<string, Cell>>; readonly params: readonly unknown[]; readonly id: unknown },
  ): Change {
    const after = this.#given(table, row.cells, row.params);
    const id = Number(after[table.id] ?? row.id);
    return {
      table,
      action: mayMeet ? 'updated' : 'created',
      id: Number.isSafeInteger(id) ? id : undefined,
      before: undefined,
      after,
      rows: 1,
    };
  }

  get #dialect(): Dialect {
    return this.parts.database().dialect;
  }

  async #insert<T extends DatabaseResult>(
    table: RecordedTable,
    statement: InsertStatement,
    params: readonly unknown[],
    run: () => Promise<T>,
  ): Promise<T> {
    const result = await run();
    if (statement.rows === undefined) {
      const action = statement.mayMeet ? 'updated' : 'created';
      this.parts.take([{ table, action, id: undefined, before: undefined, after: {}, rows: result.count ?? 0 }]);
      return result;
    }
    const ids = statement.mayMeet ? [] : this.#ids(table, result, statement.rows.length);
    this.parts.take(statement.rows.map((cells, i) => this.#created(table, statement, { cells, params, id: ids[i] })));
    return result;
  }

  /** The ids of rows that one statement inserted: those it gave back, or counted from the one that the driver says. */
  #ids(table: RecordedTable, { rows, insertId }: DatabaseResult, count: number): readonly unknown[] {
    if (rows.length > 0) return rows.map((row) => row[table.id]);
    if (insertId === undefined || insertId === 0 || table.id === '') return [];
    const first = this.#dialect === 'sqlite' ? insertId - count + 1 : insertId;
    return Array.from({ length: count }, (_, i) => first + i);
  }

  async #change<T extends DatabaseResult>(
    table: RecordedTable,
    statement: ChangeStatement,
    params: readonly unknown[],
    run: () => Promise<T>,
  ): Promise<T> {
    const before = await this.#before(table, statement, params);
    const action = statement.kind === 'update' ? 'updated' : 'deleted';
    if (before === undefined) {
      const result = await run();
      const after = statement.kind === 'update' ? this.#given(table, statement.set, params) : undefined;
      const rows = result.count ?? result.rows.length;
      // Where the driver does not tell how many, that there was a change is recorded all the same.
      if (rows > 0 || result.count === undefined)
        this.parts.take([{ table, action, id: undefined, before: undefined, after, rows }]);
      return result;
    }
    const along = statement.kind === 'delete' ? await this.#goingAlong(table, before) : [];
    const result = await run();
    if (before.length === 0) return result;
    const after = statement.kind === 'delete' ? undefined : await this.#after(table, statement, params, before);
    this.parts.take([
      ...along,
      ...before.map(
        (row, i): Change => ({ table, action, id: idOf(table, row), before: row, after: after?.[i], rows: 1 }),
      ),
    ]);
    return result;
  }

  /** The rows that the statement will meet, locked as it will lock them; undefined where they are too many to keep. */
  async #before(
    table: RecordedTable,
    statement: ChangeStatement,
    params: readonly unknown[],
  ): Promise<readonly Row[] | undefined> {
    if (statement.rows === undefined) return undefined;
    const locks = this.#dialect === 'sqlite' || statement.isJoined ? '' : ' for update';
    const rows = await this.parts.database().execute(
      `select ${statement.target}.*${statement.rows.map(({ sql }) => sql).join('')} limit ${ROWS_MOST + 1}${locks}`,
      statement.rows.flatMap((piece) => params.slice(...piece.params)),
    );
    if (rows.length > ROWS_MOST) return undefined;
    // A join may find one row twice.
    const distinct = table.id === '' ? rows : [...new Map(rows.map((row) => [String(row[table.id]), row])).values()];
    return distinct.map((row) => this.#typed(table, row));
  }

  async #after(
    table: RecordedTable,
    statement: ChangeStatement,
    params: readonly unknown[],
    before: readonly Row[],
  ): Promise<readonly Row[]> {
    const seen = Object.entries(statement.set).filter(([column]) => table.isSeen(column));
    const isTold = seen.every(([, cell]) => cell !== 'computed');
    const ids = before.map((row) => row[table.id]);
    if (isTold || ids.some((id) => id === undefined)) {
      const given = this.#given(table, statement.set, params);
      return before.map((row) => ({ ...row, ...given }));
    }
    const now = await this.#rowsBy(table, table.id, ids);
    const byId = new Map(now.map((row) => [String(row[table.id]), row]));
    return before.map((row) => byId.get(String(row[table.id])) ?? row);
  }

  /** Rows that foreign keys will delete with these, at any depth. */
  async #goingAlong(table: RecordedTable, rows: readonly Row[]): Promise<readonly Change[]> {
    const ids = rows.map((row) => row[table.id]).filter((id) => id !== undefined);
    if (ids.length === 0) return [];
    const changes: Change[] = [];
    for (const { child, column } of this.parts.tables().goingWith(table.table)) {
      const found = await this.#rowsBy(child, column, ids, ROWS_MOST + 1);
      if (found.length > ROWS_MOST) {
        const rowCount = await this.#count(child, column, ids);
        changes.push({
          table: child,
          action: 'deleted',
          id: undefined,
          before: undefined,
          after: undefined,
          rows: rowCount,
        });
        continue;
      }
      changes.push(...(await this.#goingAlong(child, found)));
      for (const row of found) {
        changes.push({ table: child, action: 'deleted', id: idOf(child, row), before: row, after: undefined, rows: 1 });
      }
    }
    return changes;
  }

  async #rowsBy(table: RecordedTable, column: string, ids: readonly unknown[], most?: number): Promise<readonly Row[]> {
    const found: Row[] = [];
    for (let at = 0; at < ids.length && found.length < (most ?? Number.POSITIVE_INFINITY); at += IDS) {
      const some = ids.slice(at, at + IDS);
      const limit = most === undefined ? '' : ` limit ${most}`;
      const sql = `select * from ${table.table} where ${column} in (${marks(some)})${limit}`;
      found.push(...(await this.parts.database().execute(sql, some)));
    }
    return found.map((row) => this.#typed(table, row));
  }

  async #count(table: RecordedTable, column: string, ids: readonly unknown[]): Promise<number> {
    let count = 0;
    for (let at = 0; at < ids.length; at += IDS) {
      const some = ids.slice(at, at + IDS);
      const sql = `select count(*) as n from ${table.table} where ${column} in (${marks(some)})`;
      const [row] = await this.parts.database().execute(sql, some);
      count += Number(row?.n ?? 0);
    }
    return count;
  }

  /** What the statement itself gives to columns. */
  #given(table: RecordedTable, cells: Readonly<Record<string, Cell>>, params: readonly unknown[]): Row {
    const given = Object.entries(cells).flatMap(([column, cell]): [string, unknown][] => {
      if (cell === 'computed') return [];
      const value = 'param' in cell ? params[cell.param] : cell.value;
      const isPlain =
        typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array;
      return isPlain ? [[column, value ?? null]] : [];
    });
    return this.#typed(table, Object.fromEntries(given));
  }

  /** The same on every database: booleans, moments as ISO 8601, bytes by their number. */
  #typed(table: RecordedTable, row: Row): Row {
    const types = this.#columns().get(table.table);
    return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, typed(value, types?.get(column))]));
  }

  #columns(): ReadonlyMap<string, ReadonlyMap<string, 'boolean' | 'moment'>> {
    this.#types ??= new Map(
      [...this.parts.database().orm.getMetadata().getAll().values()].map((meta) => [
        meta.tableName,
        new Map(
          Object.values(meta.properties).flatMap((p): [string, 'boolean' | 'moment'][] => {
            const column = p.fieldNames?.[0];
            if (column === undefined) return [];
            if (p.runtimeType === 'boolean') return [[column, 'boolean']];
            return p.customType instanceof UtcTimestamp || p.runtimeType === 'Date' ? [[column, 'moment']] : [];
          }),
        ),
      ]),
    );
    return this.#types;
  }
}

function typed(value: unknown, type: 'boolean' | 'moment' | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'boolean') return value === true || Number(value) === 1;
  if (type === 'moment' || value instanceof Date) return wholeSeconds(value as string | Date);
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  return typeof value === 'bigint' ? String(value) : value;
}

function wholeSeconds(value: string | Date): unknown {
  const at = moments.convertToJSValue(value);
  return at === null || Number.isNaN(at.getTime()) ? String(value) : at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

const idOf = (table: RecordedTable, row: Row): number | undefined => {
  const id = Number(row[table.id] ?? Number.NaN);
  return Number.isSafeInteger(id) ? id : undefined;
};
