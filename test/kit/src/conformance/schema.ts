import type { Data, Dialect } from '@posthorn/sdk';

const QUERIES: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [`select type as kind, name, sql as detail from sqlite_schema where name not like 'sqlite\\_%' escape '\\'`],
  postgresql: [
    `select 'column' as kind, table_name || '.' || column_name as name,
       data_type || coalesce(character_maximum_length::text, '') || is_nullable || coalesce(column_default, '') as detail
     from information_schema.columns where table_schema = current_schema()`,
    `select 'index' as kind, indexname as name, indexdef as detail from pg_indexes where schemaname = current_schema()`,
    `select 'constraint' as kind, conname as name, pg_get_constraintdef(oid) as detail from pg_constraint
     where connamespace = current_schema()::regnamespace`,
    `select 'view' as kind, viewname as name, definition as detail from pg_views where schemaname = current_schema()`,
  ],
  mariadb: [
    `select 'column' as kind, concat(table_name, '.', column_name) as name,
       concat(column_type, is_nullable, coalesce(column_default, '')) as detail
     from information_schema.columns where table_schema = database()`,
    `select 'index' as kind, concat(table_name, '.', index_name, '.', seq_in_index) as name,
       concat(column_name, non_unique) as detail from information_schema.statistics where table_schema = database()`,
    `select 'constraint' as kind, concat(table_name, '.', constraint_name) as name, delete_rule as detail
     from information_schema.referential_constraints where constraint_schema = database()`,
  ],
};

/** Everything that the schema of a database consists of, one line each, sorted. */
export async function schemaLines(data: Data): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const query of QUERIES[data.dialect]) {
    for (const { kind, name, detail } of await data.execute<Record<'kind' | 'name' | 'detail', string>>(query))
      lines.push(`${kind} ${name}: ${(detail ?? '').replace(/\s+/g, ' ')}`);
  }
  return lines.sort();
}

const TABLES: Readonly<Record<Dialect, string>> = {
  sqlite: `select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'`,
  postgresql: 'select table_name as name from information_schema.tables where table_schema = current_schema()',
  mariadb: 'select table_name as name from information_schema.tables where table_schema = database()',
};

/** Names of tables and views. */
export const tablesOf = async (data: Data): Promise<readonly string[]> =>
  (await data.execute<{ name: string }>(TABLES[data.dialect])).map(({ name }) => name).sort();

/** What differs, as lines with `+` and `-`. */
export function difference(before: readonly string[], after: readonly string[]): readonly string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
