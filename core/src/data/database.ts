import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EntityManager, FlushMode } from '@mikro-orm/core';
import type { AbstractSqlConnection, SqlMikroORM } from '@mikro-orm/sql';
import {
  type Addition,
  type Data,
  type DatabaseTarget,
  type Dialect,
  type EntityLike,
  isProblem,
  type Row,
} from '@posthorn/sdk';
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { isDeadlock, translateError } from './errors.js';
import { connectionOf, createOrm } from './orm.js';
import { joinPlaceholders, splitPlaceholders } from './placeholders.js';
import { RowInsert } from './row-insert.js';
import { invertChangeset } from './sqlite/changeset.js';
import type { SqliteConnection } from './sqlite/connection.js';
import type { HouseSqliteConnection } from './sqlite/orm-driver.js';
import { checkParameters } from './values.js';

export interface DatabaseOptions {
  readonly target: DatabaseTarget;
  readonly entities: readonly EntityLike[];
  readonly additions: readonly Addition[];
  /** Connections to a server; default 10. SQLite has one writer and a few readers of its own. */
  readonly poolSize?: number;
  /** Milliseconds until a writer gives up waiting for SQLite's lock; default 10,000. */
  readonly giveUpAfter?: number;
  /** Called after each statement (not for `begin`, `commit`, `rollback`) with its text and duration. */
  readonly onStatement?: (sql: string, ms: number) => void;
  /** Sees what statements change. */
  readonly recorder?: StatementRecorder;
  /** Called with what an `afterCommit` task threw; default: a process warning. */
  readonly onTaskError?: (error: unknown) => void;
}

/** What a statement gave back. */
export interface DatabaseResult {
  readonly rows: readonly Row[];
  readonly insertId: number | undefined;
  /** Rows that were changed, where the driver says so. */
  readonly count: number | undefined;
}

/** Looks at statements of the ORM and of `execute` alike, inside their transaction. */
export interface StatementRecorder {
  /** Undefined for a statement that is none of its business. */
  plan(sql: string): object | undefined;
  around<T extends DatabaseResult>(plan: object, params: readonly unknown[], run: () => Promise<T>): Promise<T>;
  /** A statement that inserts one row was run with the values of each of these; the ids may not be known. */
  inserted(plan: object, rows: readonly (readonly unknown[])[], ids: readonly number[]): void;
}

type Task = () => void | Promise<void>;

/** What is to happen at the end of a transaction, and what if that is rolled back afterwards all the same. */
interface LastTask {
  readonly run: () => Promise<void>;
  readonly undo: () => void;
  readonly settle: (() => Promise<void>) | undefined;
}

/** One outermost `read` or `write` and everything that joined it. */
interface Unit {
  readonly em: EntityManager;
  readonly writing: boolean;
  readonly tasks: Task[];
  readonly lastTasks: LastTask[];
  /** What is to be forgotten when the present `attempt` is taken back; undefined outside of one. */
  undos: (() => void)[] | undefined;
  depth: number;
  /** False once it is over: what was started inside and not awaited no longer belongs to it. */
  open: boolean;
  /** Why an inner `write` failed: the whole must not be committed then, even if somebody caught the error. */
  failure: { readonly error: unknown } | undefined;
}

/** How often a transaction is run that the server ends because of a deadlock. */
const DEADLOCK_TRIES = 3;

/** node:sqlite's code for a write on a read-only connection. */
const SQLITE_READONLY = 8;

/** What SQLite's readers may run. */
const QUERY = /^\s*(?:select|values|with|explain)\b/i;

const SAVES_NOT = 'data.read does not save; use data.write';
/** What `em` offers for writing beside entities. */
const WRITES = ['flush', 'insert', 'insertMany', 'nativeUpdate', 'nativeDelete', 'upsert', 'upsertMany'] as const;

/**
 * The database as the kernel and extensions see it. One per process; connects when it is first used and again by itself
 * after the server was away. The unit of work travels with the asynchronous call (AsyncLocalStorage), so that `write`
 * and `execute` anywhere below join the transaction.
 */
export class Database implements Data {
  readonly target: DatabaseTarget;
  readonly orm: SqlMikroORM;
  readonly #units = new AsyncLocalStorage<Unit | undefined>();
  readonly #unrecorded = new AsyncLocalStorage<boolean>();
  readonly #recorder: StatementRecorder | undefined;
  readonly #onTaskError: (error: unknown) => void;
  readonly #onStatement: DatabaseOptions['onStatement'];

  private constructor(o: DatabaseOptions, orm: SqlMikroORM) {
    this.target = o.target;
    this.orm = orm;
    this.#onTaskError =
      o.onTaskError ?? ((error) => process.emitWarning(error instanceof Error ? error : new Error(String(error))));
    this.#recorder = o.recorder;
    this.#onStatement = o.onStatement;
    if (o.recorder !== undefined) this.#record(connectionOf(orm));
    if (o.onStatement !== undefined) {
      observe(connectionOf(orm), o.onStatement);
      if (o.target.dialect === 'sqlite') observe(connectionOf(orm, 'read'), o.onStatement);
    }
  }

  /** Discovers the entities and applies the additions. Needs no reachable server. */
  static async create(o: DatabaseOptions): Promise<Database> {
    let database: Database | undefined;
    const orm = await createOrm({
      target: o.target,
      entities: o.entities,
      additions: o.additions,
      poolSize: o.poolSize ?? 10,
      ...(o.giveUpAfter === undefined ? {} : { giveUpAfter: o.giveUpAfter }),
      current: () => database?.em,
    });
    database = new Database(o, orm);
    return database;
  }

  get dialect(): Dialect {
    return this.target.dialect;
  }

  /** The entity manager of the present unit of work, or undefined outside of one. */
  get em(): EntityManager | undefined {
    return this.#current()?.em;
  }

  /** How many `write` calls lie around the caller; 0 outside. */
  get writeDepth(): number {
    const unit = this.#current();
    return unit?.writing === true ? unit.depth : 0;
  }

  isWriting(): boolean {
    return this.#current()?.writing === true;
  }

  async read<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const outer = this.#current();
    if (outer !== undefined) return work(outer.em);
    const unit = this.#unit(false);
    try {
      return await this.#units.run(unit, () => work(unit.em));
    } catch (error) {
      if (this.dialect === 'sqlite' && (error as { errcode?: number }).errcode === SQLITE_READONLY)
        throw new Error(SAVES_NOT, { cause: error });
      throw this.#translate(error);
    } finally {
      unit.open = false;
    }
  }

  async write<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const outer = this.#current();
    if (outer?.writing === true) return this.#join(outer, work);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transaction(work);
      } catch (error) {
        if (attempt === DEADLOCK_TRIES || !isDeadlock(error)) throw this.#translate(error);
        await sleep(attempt * 10 * (0.5 + Math.random()));
      }
    }
  }

  /**
   * A part of the present transaction that is taken back alone when `work` throws; the transaction goes on. Entities
   * that were loaded before are none of this unit's afterwards. Outside a `write`, it is one.
   */
  async attempt<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const unit = this.#current();
    if (unit?.writing !== true) return this.write(work);
    await unit.em.flush();
    const outer = unit.undos;
    const undos: (() => void)[] = [];
    unit.undos = undos;
    await this.execute('savepoint attempt');
    try {
      const value = await this.#join(unit, work);
      await unit.em.flush();
      if (unit.failure !== undefined) throw unit.failure.error;
      await this.execute('release savepoint attempt');
      outer?.push(...undos);
      return value;
    } catch (error) {
      await this.execute('rollback to savepoint attempt');
      for (const undo of undos.reverse()) undo();
      unit.em.clear();
      unit.failure = undefined;
      throw this.#translate(error);
    } finally {
      unit.undos = outer;
    }
  }

  /**
   * What `work` changes in the present transaction, as a changeset; on SQLite alone. Statements of other transactions are
   * not in it, since there is one writer.
   */
  async changesOf(work: () => Promise<void>): Promise<Uint8Array> {
    const connection = await this.#sqlite();
    await this.#flush();
    const session = connection.track();
    try {
      await work();
      await this.#flush();
      return session.changeset();
    } finally {
      session.close();
    }
  }

  /** Takes back in the present transaction what `changesOf` has noted, except in some tables. */
  async takeBack(changes: Uint8Array, o: { readonly except: ReadonlySet<string> }): Promise<void> {
    (await this.#sqlite()).applyChangeset(invertChangeset(changes), o);
  }

  /**
   * Does what belongs to the end of the present transaction now, outside of any `attempt`, and forgets the entities that
   * were loaded: a transaction of any length takes the memory of what lies between two calls.
   */
  async settle(): Promise<void> {
    const unit = this.#current();
    if (unit?.writing !== true || unit.undos !== undefined) throw new Error('settle belongs into data.write');
    await unit.em.flush();
    for (const { settle } of unit.lastTasks) await settle?.();
    unit.em.clear();
  }

  async #flush(): Promise<void> {
    await this.#current()?.em.flush();
  }

  async #sqlite(): Promise<SqliteConnection> {
    const unit = this.#current();
    const transaction = unit?.em.getTransactionContext() as Transaction<unknown> | undefined;
    if (this.dialect !== 'sqlite' || unit?.writing !== true || transaction === undefined)
      throw new Error('changes are noted inside data.write, on SQLite');
    return transaction.getExecutor().provideConnection(async (one) => one as SqliteConnection);
  }

  /** Runs `undo` where the present `attempt` is taken back. */
  onTakenBack(undo: () => void): void {
    this.#current()?.undos?.push(undo);
  }

  async derived<T>(work: () => Promise<T>): Promise<T> {
    const unit = this.#current();
    if (unit?.writing === true) await unit.em.flush();
    return this.#unrecorded.run(true, async () => {
      const value = await work();
      if (unit?.writing === true) await unit.em.flush();
      return value;
    });
  }

  async execute<R extends Row = Row>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const plan = this.#planOf(sql);
    if (plan === undefined) {
      return this.#readNow<R>(sql, params) ?? ([...(await this.#execute<R>(sql, params)).rows] as R[]);
    }
    if (!this.isWriting()) return this.write(() => this.execute<R>(sql, params));
    const result = await this.#recorder?.around(plan, params, () => this.#execute<R>(sql, params));
    return [...(result?.rows ?? [])] as R[];
  }

  /** `computed`: more columns, each with the SQL of its value, the same for all rows. */
  async insertRows(
    table: string,
    rows: readonly Row[],
    o: { readonly unless?: readonly string[]; readonly computed?: Readonly<Record<string, string>> } = {},
  ): Promise<readonly number[]> {
    const [first] = rows;
    if (first === undefined) return [];
    const insert = new RowInsert(this.dialect, { table, columns: Object.keys(first), ...o });
    const values = rows.map((row) =>
      checkParameters(
        insert.columns.map((column) => row[column]),
        this.dialect,
      ),
    );
    return this.write(async (em) => {
      const transaction = em.getTransactionContext() as Transaction<unknown> | undefined;
      const plan = this.#planOf(insert.one);
      try {
        const ids = await this.#insertRows(insert, values, transaction);
        if (plan !== undefined) this.#recorder?.inserted(plan, values, ids);
        return ids;
      } catch (error) {
        throw this.#translate(error, true);
      }
    });
  }

  async #insertRows(
    insert: RowInsert,
    rows: readonly (readonly unknown[])[],
    transaction: Transaction<unknown> | undefined,
  ): Promise<readonly number[]> {
    if (this.dialect === 'sqlite') {
      const connection = await this.#sqlite();
      const ids = await this.#observed('write', insert.one, async () => connection.insertEach(insert.one, rows));
      return insert.givesIds ? ids : [];
    }
    const platform = this.orm.driver.getPlatform();
    const ids: number[] = [];
    for (const { sql, parameters } of insert.statements(rows, (value) => String(platform.escape(value)))) {
      const query = CompiledQuery.raw(sql, [...parameters]);
      const result = await this.#observed('write', insert.one, () =>
        (transaction as Transaction<unknown>).executeQuery(query),
      );
      for (const row of result.rows) ids.push(Number((row as Row).id));
    }
    return ids;
  }

  #planOf(sql: string): object | undefined {
    return this.#unrecorded.getStore() === true ? undefined : this.#recorder?.plan(sql);
  }

  async #execute<R extends Row>(sql: string, params: readonly unknown[]): Promise<DatabaseResult> {
    const values = checkParameters(params, this.dialect);
    const unit = this.#current();
    const transaction =
      unit?.writing === true ? (unit.em.getTransactionContext() as Transaction<unknown> | undefined) : undefined;
    try {
      if (transaction === undefined && this.dialect === 'sqlite' && QUERY.test(sql)) {
        try {
          return await this.#run<R>('read', undefined, sql, values);
        } catch (error) {
          // a `with … insert`: nothing has happened yet
          if ((error as { errcode?: number }).errcode !== SQLITE_READONLY) throw error;
        }
      }
      return await this.#run<R>('write', transaction, sql, values);
    } catch (error) {
      throw this.#translate(error, true);
    }
  }

  /**
   * Runs `task` after the outermost `write` has committed, in order; never when it is rolled back. Outside a `write`,
   * at once. The `write` returns when its tasks have ended; what they throw is reported, not thrown.
   */
  afterCommit(task: Task): void {
    const unit = this.#current();
    if (unit?.writing === true) unit.tasks.push(task);
    else void this.#runTasks([task]);
  }

  /**
   * Runs `run` as the last thing in the transaction of the outermost `write`, after everything was flushed; what it throws
   * rolls back. `undo` is called where the transaction is not committed after that. `settle` does earlier what can be done
   * earlier, when a long transaction asks for it.
   */
  beforeCommit(run: () => Promise<void>, undo: () => void, settle?: () => Promise<void>): void {
    const unit = this.#current();
    if (unit?.writing !== true) throw new Error('beforeCommit belongs inside data.write');
    unit.lastTasks.push({ run, undo, settle });
  }

  /** Resolves if the database answers, else throws E_DATABASE_AWAY or what else is wrong. */
  async ping(): Promise<void> {
    await this.#units.run(undefined, () => this.execute('select 1 as one'));
  }

  /** Ends all connections. Call it when nothing uses the database any more. */
  async close(): Promise<void> {
    await this.orm.close(true);
  }

  #current(): Unit | undefined {
    const unit = this.#units.getStore();
    return unit?.open === true ? unit : undefined;
  }

  #translate(error: unknown, driver = false): unknown {
    return translateError(error, { driver, path: this.target.path });
  }

  async #join<T>(unit: Unit, work: (em: EntityManager) => Promise<T>): Promise<T> {
    unit.depth += 1;
    try {
      return await work(unit.em);
    } catch (error) {
      unit.failure ??= { error };
      throw error;
    } finally {
      unit.depth -= 1;
    }
  }

  /**
   * kysely's callback form is used, not `em.begin()`: only that one gives the connection back when `begin`, `commit` or
   * `rollback` fails because the server went away.
   */
  async #transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const client = await this.#client('write');
    const unit = this.#unit(true);
    const run = async (transaction: Transaction<unknown>): Promise<T> => {
      unit.em.setTransactionContext(transaction as never);
      try {
        const value = await this.#units.run(unit, () => work(unit.em));
        if (unit.failure === undefined) await this.#units.run(unit, () => unit.em.flush());
        if (unit.failure === undefined) for (const task of unit.lastTasks) await this.#units.run(unit, task.run);
        if (unit.failure !== undefined) throw unit.failure.error;
        return value;
      } catch (error) {
        unit.failure ??= { error };
        throw error;
      } finally {
        unit.open = false;
      }
    };
    let result: T;
    try {
      result = await this.#units.run(undefined, () => client.transaction().execute(run));
    } catch (error) {
      for (const task of unit.lastTasks) task.undo();
      // a rollback that fails because the connection is gone must not hide why there was one
      if (unit.failure !== undefined) throw unit.failure.error;
      // from `begin` or `commit`; a deadlock stays as it is, to be tried again
      throw isDeadlock(error) ? error : this.#translate(error, true);
    } finally {
      unit.open = false;
      unit.em.resetTransactionContext();
    }
    await this.#runTasks(unit.tasks);
    return result;
  }

  async #runTasks(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) {
      try {
        await this.#units.run(undefined, task);
      } catch (error) {
        this.#onTaskError(error);
      }
    }
  }

  async #client(kind: 'read' | 'write'): Promise<Kysely<unknown>> {
    const connection = connectionOf(this.orm, kind);
    await connection.ensureConnection();
    return connection.getClient<unknown>();
  }

  async #run<R extends Row>(
    kind: 'read' | 'write',
    transaction: Transaction<unknown> | undefined,
    sql: string,
    values: readonly unknown[],
  ): Promise<DatabaseResult> {
    const client = transaction ?? (await this.#client(kind));
    const query = this.#compile(sql, values);
    const { rows, insertId, numAffectedRows } = (await this.#observed(kind, sql, () =>
      client.executeQuery(query),
    )) as QueryResult<R>;
    return { rows, insertId: asNumber(insertId), count: asNumber(numAffectedRows) };
  }

  /** Without all that lets a statement wait: undefined where it may have to. */
  #readNow<R extends Row>(sql: string, params: readonly unknown[]): R[] | undefined {
    if (this.dialect !== 'sqlite' || this.isWriting() || !QUERY.test(sql)) return undefined;
    const parameters = checkParameters(params, this.dialect);
    const reader = connectionOf(this.orm, 'read') as HouseSqliteConnection;
    const start = performance.now();
    try {
      const result = reader.runNow<R>({ sql, parameters });
      if (result !== undefined) this.#onStatement?.(sql, performance.now() - start);
      return result?.rows;
    } catch (error) {
      // a `with … insert`: nothing has happened yet
      if ((error as { errcode?: number }).errcode === SQLITE_READONLY) return undefined;
      throw this.#translate(this.orm.driver.convertException(error as Error), true);
    }
  }

  /** Runs a statement as the ORM's own ones run: seen by whoever counts them, with its errors. */
  async #observed<T>(kind: 'read' | 'write', sql: string, run: () => Promise<T>): Promise<T> {
    const connection = connectionOf(this.orm, kind) as unknown as Observed;
    try {
      return (await connection.executeQuery(sql, run, { query: sql })) as T;
    } catch (error) {
      throw isProblem(error) ? error : this.orm.driver.convertException(error as Error);
    }
  }

  /** Has the recorder see what the ORM writes. A change outside of a transaction gets one. */
  #record(connection: AbstractSqlConnection): void {
    const plain = connection.execute.bind(connection) as OrmExecute;
    const recorded: OrmExecute = async (query, params, method, transaction, logging) => {
      const { sql, values } = statementOf(query, params);
      const plan = this.#planOf(sql);
      if (plan === undefined) return plain(query, params, method, transaction, logging);
      if (!this.isWriting()) {
        return this.write((em) => recorded(query, params, method, em.getTransactionContext(), logging));
      }
      let answer: unknown;
      await this.#recorder?.around(plan, values, async () => {
        answer = await plain(query, params, method, transaction, logging);
        return ormResult(answer);
      });
      return answer;
    };
    connection.execute = recorded as never;
  }

  #compile(sql: string, values: readonly unknown[]): CompiledQuery {
    if (this.dialect === 'sqlite') return CompiledQuery.raw(sql, [...values]);
    const parts = splitPlaceholders(sql, this.dialect);
    if (parts.length - 1 !== values.length) {
      throw new TypeError(`the statement has ${parts.length - 1} placeholders, but ${values.length} values were given`);
    }
    if (this.dialect === 'postgresql')
      return CompiledQuery.raw(
        joinPlaceholders(parts, (index) => `$${index + 1}`),
        [...values],
      );
    // mysql2 would replace question marks inside quotes as well
    const platform = this.orm.driver.getPlatform();
    return CompiledQuery.raw(joinPlaceholders(parts, (index) => String(platform.escape(values[index]))));
  }

  #unit(writing: boolean): Unit {
    // a read must not save: no automatic flush before queries either
    const em = this.orm.em.fork({
      disableContextResolution: true,
      flushMode: writing ? FlushMode.AUTO : FlushMode.COMMIT,
    });
    const unit: Unit = {
      em,
      writing,
      tasks: [],
      lastTasks: [],
      undos: undefined,
      depth: 1,
      open: true,
      failure: undefined,
    };
    this.#guard(unit);
    return unit;
  }

  /** Closes the ways around the unit of work. MikroORM's own forks keep the transaction and pass. */
  #guard({ em, writing }: Unit): void {
    const fork = em.fork.bind(em);
    const stream = em.stream.bind(em);
    let streaming = 0;
    const refuse = (name: string, instead: string) => () => {
      throw new Error(`em.${name}() is not possible here: ${instead}`);
    };
    Object.assign(em, {
      fork: (o?: Parameters<typeof fork>[0]) => {
        if (o?.keepTransactionContext !== true && streaming === 0) {
          refuse(
            'fork',
            'inside a transaction it would wait for that transaction for ever; use data.read or data.write',
          )();
        }
        return fork(o);
      },
      // MikroORM forks for each row, without touching the database
      stream: async function* (...of: Parameters<typeof stream>) {
        const rows = stream(...of);
        try {
          for (;;) {
            streaming += 1;
            const row = await rows.next().finally(() => {
              streaming -= 1;
            });
            if (row.done === true) return;
            yield row.value;
          }
        } finally {
          await rows.return?.();
        }
      },
      transactional: (work: (em: EntityManager) => Promise<unknown>) => this.write(work),
      begin: refuse('begin', 'use data.write'),
      commit: refuse('commit', 'use data.write'),
      rollback: refuse('rollback', 'throw inside data.write'),
    });
    if (writing) return;
    for (const name of WRITES) Object.assign(em, { [name]: refuse(name, SAVES_NOT) });
    // on SQLite everything that is read runs beside an open write transaction, raw SQL as well
    Object.assign(em, { getConnection: () => connectionOf(this.orm, 'read') });
  }
}

/** The protected side of MikroORM's connection: every statement of `em` and of `execute` passes `executeQuery`. */
interface Observed {
  executeQuery(sql: string, run: () => Promise<unknown>, context?: object): Promise<unknown>;
}

function observe(connection: AbstractSqlConnection, onStatement: (sql: string, ms: number) => void): void {
  const observed = connection as unknown as Observed;
  const plain = observed.executeQuery.bind(observed);
  observed.executeQuery = async (sql, run, context) => {
    const start = performance.now();
    try {
      return await plain(sql, run, context);
    } finally {
      onStatement(sql, performance.now() - start);
    }
  };
}

interface QueryResult<R> {
  readonly rows: R[];
  readonly insertId?: bigint | number | null;
  readonly numAffectedRows?: bigint | number | null;
}

const asNumber = (value: bigint | number | null | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

type OrmExecute = (
  query: unknown,
  params?: unknown,
  method?: string,
  transaction?: unknown,
  logging?: unknown,
) => Promise<unknown>;

/** The ORM gives its statements as text, as a raw fragment or as a query builder. */
function statementOf(query: unknown, params: unknown): { readonly sql: string; readonly values: readonly unknown[] } {
  const given = query as { readonly toRaw?: () => unknown };
  const raw = (typeof given === 'object' && typeof given.toRaw === 'function' ? given.toRaw() : given) as
    | string
    | { readonly sql: string; readonly params: readonly unknown[] };
  if (typeof raw !== 'string') return { sql: raw.sql, values: raw.params };
  return { sql: raw, values: Array.isArray(params) ? params : [] };
}

function ormResult(answer: unknown): DatabaseResult {
  if (Array.isArray(answer)) return { rows: answer, insertId: undefined, count: undefined };
  const { rows, insertId, affectedRows } = (answer ?? {}) as {
    readonly rows?: readonly Row[];
    readonly insertId?: number;
    readonly affectedRows?: number;
  };
  return { rows: rows ?? [], insertId: asNumber(insertId), count: asNumber(affectedRows) };
}
