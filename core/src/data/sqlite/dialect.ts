import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  type TransactionSettings,
} from 'kysely';
import { GIVE_UP_AFTER, isBusy, LockedError } from './busy.js';
import { type Query, SqliteConnection } from './connection.js';
import { openSqlite } from './file.js';

export interface SqliteOptions {
  /** Absolute path of the file. */
  readonly path: string;
  readonly readOnly?: boolean;
  /** Milliseconds to wait for a connection and the lock together. */
  readonly giveUpAfter?: number;
}

/** Readers beside each other: more than one is used only while results are streamed. */
const READERS = 4;

/**
 * Hands out connections, the longest waiting first. One writer: SQLite allows one at a time anyway, and waiting here is
 * cheaper than asking the file again and again.
 */
class HouseDriver implements Driver {
  readonly #path: string;
  readonly #readOnly: boolean;
  readonly #giveUpAfter: number;
  readonly #size: number;
  readonly #idle: SqliteConnection[] = [];
  readonly #all = new Set<SqliteConnection>();
  readonly #waiting: ((free: SqliteConnection | undefined) => void)[] = [];
  #places = 0;

  constructor(o: SqliteOptions) {
    this.#path = o.path;
    this.#readOnly = o.readOnly === true;
    this.#giveUpAfter = o.giveUpAfter ?? GIVE_UP_AFTER;
    this.#size = this.#readOnly ? READERS : 1;
  }

  async init(): Promise<void> {}

  /** A connection that nobody holds: whatever is done with it has to be done before anything else happens. */
  get idle(): SqliteConnection | undefined {
    return this.#idle.at(-1);
  }

  async acquireConnection(): Promise<SqliteConnection> {
    const deadline = performance.now() + this.#giveUpAfter;
    const connection =
      this.#idle.pop() ?? (this.#places < this.#size ? await this.#open(deadline) : await this.#wait(deadline));
    connection.deadline = deadline;
    return connection;
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection as SqliteConnection);
    else next(connection as SqliteConnection);
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await (connection as SqliteConnection).begin(
      this.#readOnly || settings.accessMode === 'read only' ? 'deferred' : 'immediate',
    );
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteConnection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteConnection).rollback();
  }

  async savepoint(connection: DatabaseConnection, name: string, _: QueryCompiler['compileQuery']): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint "${name}"`));
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    _: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to "${name}"`));
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    _: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release "${name}"`));
  }

  async destroy(): Promise<void> {
    for (const connection of this.#all) connection.close();
    this.#all.clear();
    this.#idle.length = 0;
  }

  async #open(deadline: number): Promise<SqliteConnection> {
    this.#places += 1;
    try {
      const connection = new SqliteConnection(await openSqlite(this.#path, { readOnly: this.#readOnly, deadline }));
      this.#all.add(connection);
      return connection;
    } catch (error) {
      this.#places -= 1;
      // the next in line may have more luck
      this.#waiting.shift()?.(undefined);
      throw error;
    }
  }

  /** A connection that another user gives back; undefined means that a place became free. */
  async #wait(deadline: number): Promise<SqliteConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<SqliteConnection | undefined>();
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(new LockedError());
    }, deadline - performance.now());
    this.#waiting.push(resolve);
    try {
      return (await promise) ?? (await this.#open(deadline));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The driver above hands out connections itself; kysely's own mutex knows no time limit. */
class HouseAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/**
 * SQLite for several processes at once, over node:sqlite: write transactions take the lock with `begin immediate`, and
 * nothing that waits for the lock blocks the event loop.
 */
export class HouseSqlite extends SqliteDialect {
  readonly #options: SqliteOptions;
  #driver: HouseDriver | undefined;

  constructor(options: SqliteOptions) {
    super({ database: () => Promise.reject(new Error('connections are opened by the driver')) });
    this.#options = options;
  }

  override createDriver(): Driver {
    this.#driver = new HouseDriver(this.#options);
    return this.#driver;
  }

  /**
   * What a query yields, if it can be run this very moment: undefined where no connection is idle, or the file is locked.
   * A statement takes microseconds here, less than what is around it where it may have to wait.
   */
  runNow<R>(query: Query): QueryResult<R> | undefined {
    try {
      return this.#driver?.idle?.runNow<R>(query);
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw error;
    }
  }

  override createAdapter(): SqliteAdapter {
    return new HouseAdapter();
  }
}
