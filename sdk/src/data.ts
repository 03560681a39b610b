/** What extensions see of the database: entities by MikroORM, one unit of work, additions and migrations. */
import type { EntityManager, EntityName } from '@mikro-orm/core';

export type Dialect = 'sqlite' | 'postgresql' | 'mariadb';

export type Row = Readonly<Record<string, unknown>>;

export interface Data {
  readonly dialect: Dialect;
  /**
   * Runs `work` with an entity manager for reading. Inside a `write` it sees that transaction; otherwise each outermost
   * call has its own identity map. Changes made to entities here are not saved.
   */
  read<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in one transaction and flushes at its end; nested calls join the outermost one. Signals emitted inside
   * leave after the commit and only then. Keep it short: on SQLite a write transaction should stay under 250 ms.
   * Throws a `temporary` problem when the database is away or stays locked.
   */
  write<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  /**
   * One SQL statement with `?` placeholders in the current transaction (or, outside one, on its own). Flush first when
   * it must see changes that entities still hold. Rows come raw: booleans are 0/1 on SQLite and MariaDB.
   */
  execute<R extends Row = Row>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /**
   * Runs `work` without a record in the audit: for what follows by itself from a change that is recorded. Entities are
   * flushed before and after it.
   */
  derived<T>(work: () => Promise<T>): Promise<T>;
}

// biome-ignore lint/suspicious/noExplicitAny: MikroORM's schema type is generic in five ways that do not matter here
export type EntityLike = EntityName<any> | { readonly meta: unknown };

/** Columns and relations added to another extension's entity. They must be nullable or have a database default. */
export interface Addition {
  readonly entity: EntityLike;
  /** Property builders, as in `defineEntity`. */
  readonly properties: () => Readonly<Record<string, unknown>>;
}

export const additionTo = (entity: EntityLike, properties: () => Readonly<Record<string, unknown>>): Addition =>
  Object.freeze({ entity, properties });

/**
 * One step of an extension's schema, identified by `extension/nnnn-slug`. Going up it only adds (expand); old workers
 * still run beside it. `down` serves tests and uninstall. Each statement is one string, without a trailing semicolon.
 */
export interface Migration {
  readonly name: `${string}/${string}`;
  /** Migrations of other extensions that must have run before. */
  readonly after?: readonly string[];
  /** Only adds: the generation before serves on meanwhile. What drops, renames or narrows something is refused. */
  up(ddl: Ddl): readonly string[];
  down(ddl: Ddl): readonly string[];
}

export const migration = (m: Migration): Migration => Object.freeze(m);

export type ColumnType = 'id' | 'integer' | 'bigint' | 'boolean' | 'text' | 'json' | 'timestamp' | `string(${number})`;

export interface Column {
  readonly type: ColumnType;
  /** Default: false, that is `not null`. */
  readonly nullable?: boolean;
  /** A database default; `now` is the current UTC time. */
  readonly default?: string | number | boolean;
  readonly unique?: boolean;
  /** The primary key, where it is not an `id`. */
  readonly primary?: boolean;
  readonly references?: {
    readonly table: string;
    readonly column?: string;
    readonly onDelete: 'cascade' | 'set null' | 'restrict';
  };
}

export interface Table {
  readonly columns: Readonly<Record<string, Column>>;
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
}

/** Writes the same schema for every database. Names are checked, values quoted. */
export interface Ddl {
  readonly dialect: Dialect;
  createTable(name: string, table: Table): readonly string[];
  dropTable(name: string): readonly string[];
  addColumn(table: string, name: string, column: Column): readonly string[];
  dropColumn(table: string, name: string): readonly string[];
  createIndex(
    table: string,
    columns: readonly string[],
    o?: { readonly unique?: boolean; readonly name?: string },
  ): readonly string[];
  /** For an index that `createIndex` made with the same arguments. */
  dropIndex(
    table: string,
    columns: readonly string[],
    o?: { readonly unique?: boolean; readonly name?: string },
  ): readonly string[];
  /** A read-only view; the select may differ by dialect. */
  createView(name: string, select: string): readonly string[];
  dropView(name: string): readonly string[];
}
