import type { EntityManager, EntityMetadata } from '@mikro-orm/core';
import { type AbstractSqlConnection, type AbstractSqlDriver, type AnyEntity, SqlMikroORM } from '@mikro-orm/sql';
import type { Addition, DatabaseTarget, EntityLike } from '@posthorn/sdk';
import type { Pool as MariadbPool, PoolConnection } from 'mysql2';
import type { PoolClient, Pool as PostgresPool } from 'pg';
import { CONNECT_WITHIN, sessionStatements } from './session.js';

export interface OrmOptions {
  readonly target: DatabaseTarget;
  readonly entities: readonly EntityLike[];
  readonly additions: readonly Addition[];
  /** Connections to a server. */
  readonly poolSize: number;
  /** Milliseconds until a writer gives up waiting for SQLite's lock. */
  readonly giveUpAfter?: number;
  /** The entity manager of the present unit of work. */
  readonly current?: () => EntityManager | undefined;
}

/** PostgreSQL's type number of bigint, and so of count(*). */
const INT8 = 20;

type EntityClass = abstract new (...args: never[]) => AnyEntity;

const classOf = (entity: EntityLike): EntityClass =>
  ((entity as { meta?: { class?: EntityClass } }).meta?.class ?? entity) as EntityClass;

/** Adds to each entity, while it is discovered, the properties that other extensions contribute. */
function applyAdditions(additions: readonly Addition[]): (meta: EntityMetadata) => void {
  const byClass = Map.groupBy(additions, (addition) => classOf(addition.entity));
  return (meta) => {
    for (const addition of byClass.get(meta.class as EntityClass) ?? []) {
      for (const [name, given] of Object.entries(addition.properties())) {
        // relations may be written as functions, as in defineEntity
        const builder: unknown = typeof given === 'function' ? given() : given;
        const options = (builder as { '~options'?: object })['~options'] ?? builder;
        meta.addProperty({ name, ...(options as object) } as never);
      }
    }
  };
}

/** `connect`, `acquire` and the session's settings for a PostgreSQL pool. */
function postgresPool(): object {
  return {
    connectionTimeoutMillis: CONNECT_WITHIN,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'posthorn',
    onConnect: async (client: PoolClient) => {
      for (const statement of sessionStatements.postgresql) await client.query(statement);
    },
    onPoolCreated: (pool: PostgresPool) => {
      // a number where it is exact, as the two other databases give it
      const types = (
        pool as unknown as {
          options: { types: { setTypeParser(oid: number, parse: (text: string) => unknown): void } };
        }
      ).options.types;
      types.setTypeParser(INT8, (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text));
    },
  };
}

/** mysql2 has no time limit for handing out a connection, and sets up none of them. */
function tameMariadbPool(pool: MariadbPool): void {
  // queued on the connection, so it runs before the first statement of whoever gets it
  pool.on('connection', (connection: PoolConnection) => {
    for (const statement of sessionStatements.mariadb) {
      connection.query(statement, (error: unknown) => {
        if (error) connection.destroy();
      });
    }
  });
  const get = pool.getConnection.bind(pool);
  pool.getConnection = (callback) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      callback(Object.assign(new Error('timeout waiting for a connection'), { code: 'ETIMEDOUT' }), undefined as never);
    }, CONNECT_WITHIN + 100);
    get((error, connection) => {
      clearTimeout(timer);
      if (!late) callback(error, connection);
      else connection?.release();
    });
  };
}

/**
 * The one ORM of this process. Connects to nothing yet. Drivers are imported only where the target needs them, and the
 * constructor is used instead of `init`, which would look for packages that are not there.
 */
export async function createOrm(o: OrmOptions): Promise<SqlMikroORM> {
  const { target } = o;
  const common = {
    entities: o.entities as never[],
    dbName: target.dialect === 'sqlite' ? target.path : target.name,
    debug: false,
    colors: false,
    logger: () => {},
    ensureDatabase: false,
    extensions: [],
    metadataCache: { enabled: false },
    allowGlobalContext: false,
    context: () => o.current?.(),
    forceUtcTimezone: true,
    preferReadReplicas: target.dialect === 'sqlite',
    discovery: { warnWhenNoEntities: false, onMetadata: applyAdditions(o.additions) },
  };
  const server = {
    host: target.socket === '' ? target.host : target.socket,
    port: target.port,
    user: target.user,
    password: target.password,
    pool: { min: 0, max: o.poolSize },
  };
  switch (target.dialect) {
    case 'sqlite': {
      const { HouseSqliteDriver } = await import('./sqlite/orm-driver.js');
      const driverOptions = {
        path: target.path,
        ...(o.giveUpAfter === undefined ? {} : { giveUpAfter: o.giveUpAfter }),
      };
      return new SqlMikroORM({
        ...common,
        driver: HouseSqliteDriver as never,
        driverOptions,
        replicas: [{ name: 'reader' }],
      });
    }
    case 'postgresql': {
      const { PostgreSqlDriver } = await import('@mikro-orm/postgresql');
      return new SqlMikroORM({
        ...common,
        ...server,
        driver: PostgreSqlDriver as never,
        driverOptions: postgresPool(),
      });
    }
    case 'mariadb': {
      const { MariaDbDriver } = await import('@mikro-orm/mariadb');
      const driverOptions = {
        connectTimeout: CONNECT_WITHIN,
        charset: 'UTF8MB4_BIN',
        enableKeepAlive: true,
        ...(target.socket === '' ? {} : { socketPath: target.socket }),
      };
      const orm = new SqlMikroORM({ ...common, ...server, driver: MariaDbDriver as never, driverOptions });
      const connection = connectionOf(orm);
      await connection.initClient();
      tameMariadbPool((await connection.getNativeClient()) as MariadbPool);
      return orm;
    }
  }
}

/** The connection that MikroORM sends statements through: `read` is SQLite's second, read-only one. */
export const connectionOf = (orm: SqlMikroORM, kind: 'read' | 'write' = 'write'): AbstractSqlConnection =>
  (orm.driver as unknown as AbstractSqlDriver).getConnection(kind);
