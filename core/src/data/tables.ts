import type { Data, Dialect } from '@posthorn/sdk';

const queries: Readonly<Record<Dialect, string>> = {
  sqlite: `select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\' order by name`,
  postgresql: `select table_name as name from information_schema.tables where table_schema = current_schema() order by table_name`,
  mariadb: `select table_name as name from information_schema.tables where table_schema = database() order by table_name`,
};

/** Names of all tables and views, to tell an empty or own database from somebody else's. */
export async function listTables(data: Data): Promise<string[]> {
  return (await data.execute<{ name: string }>(queries[data.dialect])).map(({ name }) => name);
}
