/** What extensions see of the database: entities by MikroORM, one unit of work, additions and migrations. */
import type { EntityManager, EntityName } from '@mikro-orm/core';

/** The databases that an installation may use. @public @since 1.0.0 */
export type Dialect = 'sqlite' | 'postgresql' | 'mariadb';

/** A row of `Data.execute`, by column name, as the database driver gives it. @public @since 1.0.0 */
export type Row = Readonly<Record<string, unknown>>;

/** The database of the installation, as one extension reaches it. @public @since 1.0.0 */
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
   * Inserts any number of rows, all with the columns of the first, at the price of a few statements; returns their ids
   * in order, for a table whose key is `id`. With `unless`, the columns of a unique key, rows that are there already stay
   * as they are, and no ids are known. Names are code, never input.
   */
  insertRows(
    table: string,
    rows: readonly Row[],
    o?: { readonly unless?: readonly string[] },
  ): Promise<readonly number[]>;
  /**
   * Runs `work` without a record in the audit: for what follows by itself from a change that is recorded. Entities are
   * flushed before and after it.
   */
  derived<T>(work: () => Promise<T>): Promise<T>;
}

/** An entity of MikroORM: its class, or what `defineEntity` returned. @public @since 1.0.0 */
// biome-ignore lint/suspicious/noExplicitAny: MikroORM's schema type is generic in five ways that do not matter here
export type EntityLike = EntityName<any> | { readonly meta: unknown };

/**
 * Columns and relations added to another extension's entity. They must be nullable or have a database default.
 * @public @since 1.0.0
 */
export interface Addition {
  /** Whose columns they become. */
  readonly entity: EntityLike;
  /** Property builders, as in `defineEntity`. */
  readonly properties: () => Readonly<Record<string, unknown>>;
}

/**
 * Adds columns or relations to an entity, ready for `defineExtension({ extend })`. A migration makes the columns.
 * @public @since 1.0.0
 */
export const additionTo = (entity: EntityLike, properties: () => Readonly<Record<string, unknown>>): Addition =>
  Object.freeze({ entity, properties });

/**
 * One step of an extension's schema, identified by `extension/nnnn-slug`. Going up it only adds (expand); old workers
 * still run beside it. `down` serves tests and uninstall. Each statement is one string, without a trailing semicolon.
 * @public @since 1.0.0
 */
export interface Migration {
  /** `extension/nnnn-slug`, for good. */
  readonly name: `${string}/${string}`;
  /** Migrations of other extensions that must have run before. */
  readonly after?: readonly string[];
  /** Only adds: the generation before serves on meanwhile. What drops, renames or narrows something is refused. */
  up(ddl: Ddl): readonly string[];
  /** Undoes `up`. */
  down(ddl: Ddl): readonly string[];
}

/** A schema step, ready for `defineExtension({ migrations })`. @public @since 1.0.0 */
export const migration = (m: Migration): Migration => Object.freeze(m);

/**
 * The type of a column, the same for every database. `id` is a generated primary key; `string(n)` holds n characters.
 * @public @since 1.0.0
 */
export type ColumnType = 'id' | 'integer' | 'bigint' | 'boolean' | 'text' | 'json' | 'timestamp' | `string(${number})`;

/** A column of `Ddl.createTable` and `Ddl.addColumn`. @public @since 1.0.0 */
export interface Column {
  readonly type: ColumnType;
  /** Default: false, that is `not null`. */
  readonly nullable?: boolean;
  /** A database default; `now` is the current UTC time. */
  readonly default?: string | number | boolean;
  /** An index over this column alone; default false. */
  readonly unique?: boolean;
  /** The primary key, where it is not an `id`. */
  readonly primary?: boolean;
  /** A foreign key; `column` defaults to `id`. */
  readonly references?: {
    readonly table: string;
    readonly column?: string;
    readonly onDelete: 'cascade' | 'set null' | 'restrict';
  };
}

/**
 * The columns of a new table, and what is unique or indexed over several of them. Each inner list is one index.
 * @public @since 1.0.0
 */
export interface Table {
  /** By name, in order. */
  readonly columns: Readonly<Record<string, Column>>;
  /** Each over the columns that it names. */
  readonly unique?: readonly (readonly string[])[];
  /** Each over the columns that it names. */
  readonly indexes?: readonly (readonly string[])[];
}

/** Writes the same schema for every database. Names are checked, values quoted. @public @since 1.0.0 */
export interface Ddl {
  readonly dialect: Dialect;
  /** With its unique and other indexes. */
  createTable(name: string, table: Table): readonly string[];
  /** With its indexes. */
  dropTable(name: string): readonly string[];
  /** The column must be nullable or have a default. */
  addColumn(table: string, name: string, column: Column): readonly string[];
  /** Only in `down`. */
  dropColumn(table: string, name: string): readonly string[];
  /** The name follows from table and columns unless one is given. */
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
  /** Takes a view away that `createView` made. */
  dropView(name: string): readonly string[];
}
