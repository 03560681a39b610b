import { type Configuration, type ConnectionOptions, type ConnectionType, isRaw, raw } from '@mikro-orm/core';
import { AbstractSqlDriver, BaseSqliteConnection, NativeQueryBuilder, SqlitePlatform } from '@mikro-orm/sql';
import { CompiledQuery, type Dialect, type QueryResult } from 'kysely';
import { bindQuery } from './bind.js';
import type { Query } from './connection.js';
import { HouseSqlite, type SqliteOptions } from './dialect.js';

type Execute = BaseSqliteConnection['execute'];

/** MikroORM's connection over our dialect; its read replica is the same file, opened read-only. */
export class HouseSqliteConnection extends BaseSqliteConnection {
  #dialect: HouseSqlite | undefined;

  override createKyselyDialect(options: object): Dialect {
    this.#dialect = new HouseSqlite({ ...(options as SqliteOptions), readOnly: this.type === 'read' });
    return this.#dialect;
  }

  /** See `HouseSqlite.runNow`. */
  runNow<R>(query: Query): QueryResult<R> | undefined {
    return this.#dialect?.runNow<R>(query);
  }

  /** The dialect sets every pragma when it opens the file; nothing is opened before it is used. */
  override async connect(): Promise<void> {
    await this.initClient();
    this.connected = true;
  }

  override execute: Execute = async (query, params = [], method = 'all', ctx, logging) => {
    await this.ensureConnection();
    let given: unknown = query instanceof NativeQueryBuilder ? query.toRaw() : query;
    let values: unknown = params;
    // named parameters
    if (typeof given === 'string' && !Array.isArray(values)) given = raw(given, values as Record<string, unknown>);
    if (isRaw(given)) [given, values] = [given.sql, given.params];
    const sql = given as string;
    const bound = bindQuery(this.platform, sql, values as unknown[]);
    return this.executeQuery(
      sql,
      async () => {
        const now = ctx === undefined && this.type === 'read' ? this.runNow(bound) : undefined;
        if (now !== undefined) return this.transformRawResult(now, method);
        const client = ctx ?? this.getClient();
        return this.transformRawResult(
          await client.executeQuery(CompiledQuery.raw(bound.sql, [...bound.parameters])),
          method,
        );
      },
      { query: sql, params: values as unknown[], ...logging },
    );
  };
}

/** MikroORM's SQLite driver over node:sqlite. `driverOptions` are `SqliteOptions`. */
export class HouseSqliteDriver extends AbstractSqlDriver<HouseSqliteConnection, SqlitePlatform> {
  constructor(config: Configuration) {
    super(
      config,
      new SqlitePlatform(),
      HouseSqliteConnection as new (
        config: Configuration,
        options?: ConnectionOptions,
        type?: ConnectionType,
      ) => HouseSqliteConnection,
      ['kysely'],
    );
  }
}
