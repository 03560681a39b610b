import { createHash } from 'node:crypto';
import type { Column, ColumnType, Ddl, Dialect, Table } from '@posthorn/sdk';
import { dataProblem } from './problems.js';

const NAME = /^(?=.{1,63}$)_?[a-z][a-z0-9_]*$/;

/** PostgreSQL cuts names after 63 bytes, so that two long ones could become one. */
const LONGEST_MADE = 60;

/** 3,072 bytes of four each. */
const LONGEST_INDEXED = 768;

type PlainType = Exclude<ColumnType, `string(${number})` | 'id'>;

interface Flavour {
  readonly quote: '"' | '`';
  /** An integer that counts up by itself, primary key included. */
  readonly id: string;
  readonly types: Readonly<Record<PlainType, string>>;
  readonly now: string;
  readonly true: string;
  readonly false: string;
  /** MariaDB cannot take a step back, so a repeated one must be harmless. */
  readonly ifNotExists: string;
  readonly ifExists: string;
  readonly afterTable: string;
  readonly createView: string;
}

const flavours: Readonly<Record<Dialect, Flavour>> = {
  sqlite: {
    quote: '"',
    id: 'integer primary key autoincrement',
    types: {
      integer: 'integer',
      bigint: 'bigint',
      boolean: 'boolean',
      text: 'text',
      json: 'text',
      timestamp: 'datetime',
    },
    now: 'current_timestamp',
    true: '1',
    false: '0',
    ifNotExists: '',
    ifExists: '',
    afterTable: '',
    createView: 'create view',
  },
  postgresql: {
    quote: '"',
    id: 'serial primary key',
    types: {
      integer: 'integer',
      bigint: 'bigint',
      boolean: 'boolean',
      text: 'text',
      json: 'jsonb',
      timestamp: 'timestamptz',
    },
    now: 'now()',
    true: 'true',
    false: 'false',
    ifNotExists: '',
    ifExists: '',
    afterTable: '',
    createView: 'create view',
  },
  mariadb: {
    quote: '`',
    id: 'int auto_increment primary key',
    // its `text` ends at 64 KiB
    types: {
      integer: 'int',
      bigint: 'bigint',
      boolean: 'tinyint(1)',
      text: 'longtext',
      json: 'json',
      timestamp: 'datetime',
    },
    now: 'utc_timestamp()',
    true: '1',
    false: '0',
    ifNotExists: 'if not exists ',
    ifExists: 'if exists ',
    // addresses and passwords compare exactly, as on the two other databases
    afterTable: ' engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin',
    createView: 'create or replace view',
  },
};

/** The name of an index or constraint, shortened with a hash where it would be too long. */
export function madeName(table: string, columns: readonly string[], suffix: 'index' | 'unique' | 'foreign'): string {
  const name = [table, ...columns, suffix].join('_');
  if (name.length <= LONGEST_MADE) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_MADE - hash.length - suffix.length - 2)}_${hash}_${suffix}`;
}

class Writer implements Ddl {
  readonly dialect: Dialect;
  readonly #flavour: Flavour;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    this.#flavour = flavours[dialect];
  }

  createTable(name: string, table: Table): readonly string[] {
    const columns = Object.entries(table.columns);
    const keys = columns.filter(([, column]) => column.primary === true).map(([key]) => key);
    const parts = columns.map(([key, column]) => this.#column(name, key, column));
    if (keys.length > 0) {
      if (columns.some(([, column]) => column.type === 'id'))
        throw wrong(`${name}.${keys[0]}`, 'the table has an id already, which is its primary key');
      parts.push(`primary key (${this.#names(keys)})`);
    }
    if (this.dialect !== 'sqlite')
      parts.push(...columns.flatMap(([key, column]) => this.#foreignKey(name, key, column)));

    const uniques = [
      ...columns.filter(([, column]) => column.unique === true).map(([key]) => [key]),
      ...(table.unique ?? []),
    ];
    const indexes = [...(table.indexes ?? [])];
    for (const [key, column] of columns) {
      // deleting the row that is pointed to looks for those that point to it
      if (column.references !== undefined && ![keys, ...uniques, ...indexes].some(([first]) => first === key))
        indexes.push([key]);
    }
    for (const key of [...uniques, ...indexes].flat()) {
      const column = Object.hasOwn(table.columns, key) ? table.columns[key] : undefined;
      if (column === undefined) throw wrong(`${name}.${key}`, 'it stands in an index, but not among the columns');
      if (Number(/^string\((\d+)\)$/.exec(column.type)?.[1] ?? 0) > LONGEST_INDEXED)
        throw wrong(`${name}.${key}`, `MariaDB indexes at most ${LONGEST_INDEXED} characters`);
      if (column.type === 'text' || column.type === 'json')
        throw wrong(`${name}.${key}`, `${column.type} cannot be indexed on every database; use string(n)`);
    }
    return [
      `create table ${this.#flavour.ifNotExists}${this.#name(name)} (${parts.join(', ')})${this.#flavour.afterTable}`,
      ...uniques.flatMap((of) => this.createIndex(name, of, { unique: true })),
      ...indexes.flatMap((of) => this.createIndex(name, of)),
    ];
  }

  dropTable(name: string): readonly string[] {
    return [`drop table ${this.#flavour.ifExists}${this.#name(name)}`];
  }

  /** A column with `references` gets an index too. */
  addColumn(table: string, name: string, column: Column): readonly string[] {
    const full = `${table}.${name}`;
    if (column.type === 'id' || column.primary === true) throw wrong(full, 'a primary key cannot be added later');
    if (column.nullable !== true && column.default === undefined)
      throw wrong(full, 'a column added later must be nullable or have a default');
    if (column.type === 'timestamp' && column.default === 'now')
      throw wrong(full, 'SQLite cannot add a column with the default now');
    if (column.nullable !== true && column.references !== undefined)
      throw wrong(full, 'a reference added later must be nullable');
    const alter = `alter table ${this.#name(table)}`;
    return [
      `${alter} add column ${this.#flavour.ifNotExists}${this.#column(table, name, column)}`,
      ...(this.dialect === 'sqlite'
        ? []
        : this.#foreignKey(table, name, column, this.#flavour.ifNotExists).map(
            (constraint) => `${alter} add ${constraint}`,
          )),
      ...(column.unique === true ? this.createIndex(table, [name], { unique: true }) : []),
      ...(column.references !== undefined && column.unique !== true ? this.createIndex(table, [name]) : []),
    ];
  }

  /** Takes the column's own index, unique index and foreign key along, as `addColumn` and `createTable` make them. */
  dropColumn(table: string, name: string): readonly string[] {
    const alter = `alter table ${this.#name(table)}`;
    const own = (['unique', 'index'] as const).map((suffix) => this.#name(madeName(table, [name], suffix)));
    const drop = `${alter} drop column ${this.#flavour.ifExists}${this.#name(name)}`;
    if (this.dialect !== 'mariadb') return [...own.map((index) => `drop index if exists ${index}`), drop];
    return [
      `${alter} drop foreign key if exists ${this.#name(madeName(table, [name], 'foreign'))}`,
      ...own.map((index) => `drop index if exists ${index} on ${this.#name(table)}`),
      drop,
    ];
  }

  createIndex(
    table: string,
    columns: readonly string[],
    o: { readonly unique?: boolean; readonly name?: string } = {},
  ): readonly string[] {
    const name = o.name ?? madeName(table, columns, o.unique === true ? 'unique' : 'index');
    return [
      `create ${o.unique === true ? 'unique ' : ''}index ${this.#flavour.ifNotExists}${this.#name(name)} on ${this.#name(table)} (${this.#names(columns)})`,
    ];
  }

  dropIndex(
    table: string,
    columns: readonly string[],
    o: { readonly unique?: boolean; readonly name?: string } = {},
  ): readonly string[] {
    const name = this.#name(o.name ?? madeName(table, columns, o.unique === true ? 'unique' : 'index'));
    return [
      `drop index ${this.#flavour.ifExists}${name}${this.dialect === 'mariadb' ? ` on ${this.#name(table)}` : ''}`,
    ];
  }

  createView(name: string, select: string): readonly string[] {
    return [`${this.#flavour.createView} ${this.#name(name)} as ${select}`];
  }

  dropView(name: string): readonly string[] {
    return [`drop view ${this.#flavour.ifExists}${this.#name(name)}`];
  }

  #name(name: string): string {
    if (!NAME.test(name)) throw dataProblem('E_DDL_NAME', { name });
    return `${this.#flavour.quote}${name}${this.#flavour.quote}`;
  }

  #names(names: readonly string[]): string {
    return names.map((name) => this.#name(name)).join(', ');
  }

  #column(table: string, name: string, column: Column): string {
    const full = `${table}.${name}`;
    if (column.type === 'id') {
      if (column.nullable === true || column.default !== undefined || column.references !== undefined)
        throw wrong(full, 'an id takes nothing but its type');
      return `${this.#name(name)} ${this.#flavour.id}`;
    }
    if (column.primary === true && column.nullable === true) throw wrong(full, 'a primary key cannot be null');
    const parts = [this.#name(name), this.#type(full, column.type), column.nullable === true ? 'null' : 'not null'];
    if (column.default !== undefined) parts.push(`default ${this.#default(full, column)}`);
    // at the column itself, because only so SQLite can drop it again
    if (this.dialect === 'sqlite' && column.references !== undefined) parts.push(this.#references(column.references));
    return parts.join(' ');
  }

  #type(full: string, type: Exclude<ColumnType, 'id'>): string {
    const length = /^string\((\d+)\)$/.exec(type)?.[1];
    if (length !== undefined) {
      if (Number(length) < 1 || Number(length) > 16_000) throw wrong(full, 'a string is 1 to 16,000 characters long');
      return `varchar(${Number(length)})`;
    }
    const known = Object.hasOwn(this.#flavour.types, type) ? this.#flavour.types[type as PlainType] : undefined;
    if (known === undefined) throw wrong(full, `${type} is not a column type`);
    return known;
  }

  #default(full: string, { type, default: value }: Column): string {
    if (type === 'timestamp' && value === 'now')
      return this.dialect === 'mariadb' ? `(${this.#flavour.now})` : this.#flavour.now;
    switch (typeof value) {
      case 'boolean':
        return value ? this.#flavour.true : this.#flavour.false;
      case 'number':
        if (!Number.isFinite(value)) throw wrong(full, 'its default is not a number');
        return String(value);
      default: {
        const text = String(value);
        if (text.includes('\0')) throw wrong(full, 'its default holds a NUL');
        const quoted = text.replaceAll("'", "''");
        return `'${this.dialect === 'mariadb' ? quoted.replaceAll('\\', '\\\\') : quoted}'`;
      }
    }
  }

  #references({ table, column = 'id', onDelete }: NonNullable<Column['references']>): string {
    if (!['cascade', 'set null', 'restrict'].includes(onDelete))
      throw wrong(table, `${onDelete} is no rule for deletion`);
    return `references ${this.#name(table)} (${this.#name(column)}) on delete ${onDelete}`;
  }

  #foreignKey(table: string, name: string, { references }: Column, ifNotExists = ''): string[] {
    if (references === undefined) return [];
    const constraint = this.#name(madeName(table, [name], 'foreign'));
    return [`constraint ${constraint} foreign key ${ifNotExists}(${this.#name(name)}) ${this.#references(references)}`];
  }
}

const wrong = (name: string, reason: string): Error => dataProblem('E_DDL_COLUMN', { name, reason });

const writers = new Map<Dialect, Ddl>();

/** Writes schema statements for one database; see `Ddl`. Throws E_DDL_NAME and E_DDL_COLUMN. */
export function ddlFor(dialect: Dialect): Ddl {
  let writer = writers.get(dialect);
  if (writer === undefined) {
    writer = new Writer(dialect);
    writers.set(dialect, writer);
  }
  return writer;
}
