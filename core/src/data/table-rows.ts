import type { Data, Row } from '@posthorn/sdk';

/** Rows asked for at once. */
const CHUNK = 500;

/** The columns of a table's primary key in their order; none where it has no key. */
export async function primaryKey(data: Data, table: string): Promise<readonly string[]> {
  const rows = await data.execute<{ name: string }>(
    data.dialect === 'sqlite'
      ? 'select name from pragma_table_info(?) where pk > 0 order by pk'
      : `select k.column_name as name from information_schema.key_column_usage k
         inner join information_schema.table_constraints c
           on c.constraint_name = k.constraint_name and c.table_schema = k.table_schema and c.table_name = k.table_name
         where c.constraint_type = 'PRIMARY KEY' and k.table_name = ?
           and k.table_schema = ${data.dialect === 'mariadb' ? 'database()' : 'current_schema()'}
         order by k.ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** A condition with the values of its placeholders. */
export interface RowFilter {
  readonly where: string;
  readonly values: readonly unknown[];
}

/**
 * The rows of a table in the order of its primary key, read in chunks, so that a large one needs no more memory than a
 * small one. A table without a key is read in the order of all its columns. Its name must not come from outside.
 */
export async function* tableRows(data: Data, table: string, filter?: RowFilter): AsyncGenerator<Row> {
  const key = await primaryKey(data, table);
  const q = data.dialect === 'mariadb' ? '`' : '"';
  const quoted = key.map((name) => `${q}${name}${q}`);
  const order = quoted.length > 0 ? quoted.join(', ') : await allColumns(data, table, q);
  const conditions = filter === undefined ? [] : [`(${filter.where})`];
  const values = filter?.values ?? [];
  let last: readonly unknown[] | undefined;
  for (let read = 0; order !== ''; read += CHUNK) {
    const hasKey = quoted.length > 0;
    const after =
      last === undefined || !hasKey ? [] : [`(${quoted.join(', ')}) > (${quoted.map(() => '?').join(', ')})`];
    const all = [...conditions, ...after];
    const rows = await data.execute(
      `select * from ${table}${all.length === 0 ? '' : ` where ${all.join(' and ')}`} order by ${order} limit ${CHUNK}${
        hasKey ? '' : ` offset ${read}`
      }`,
      [...values, ...(hasKey ? (last ?? []) : [])],
    );
    yield* rows;
    const end = rows.at(-1);
    if (rows.length < CHUNK || end === undefined) return;
    last = key.map((name) => end[name]);
  }
}

/** Empty where the table has no row: then nothing needs an order. */
async function allColumns(data: Data, table: string, q: string): Promise<string> {
  const [row] = await data.execute(`select * from ${table} limit 1`);
  return Object.keys(row ?? {})
    .map((name) => `${q}${name}${q}`)
    .join(', ');
}
