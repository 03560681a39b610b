import type { Database } from '../../core/src/data/database.js';

/** Everything a database says about its schema, as sorted lines that can be compared. */
export async function schemaLines(db: Database): Promise<readonly string[]> {
  const lines = await { sqlite, postgresql, mariadb }[db.dialect](db);
  return lines.filter((line) => !/core_migration(_step)?\b/.test(line)).sort();
}

async function ask(db: Database, sql: string): Promise<string[]> {
  return (await db.execute(sql)).map((row) => Object.values(row).map(String).join(' | '));
}

function sqlite(db: Database): Promise<string[]> {
  return ask(db, "select type, name, tbl_name, sql from sqlite_schema where name not like 'sqlite\\_%' escape '\\'");
}

async function postgresql(db: Database): Promise<string[]> {
  return [
    ...(await ask(
      db,
      `select 'column', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
       from information_schema.columns where table_schema = current_schema()`,
    )),
    ...(await ask(db, `select 'index', tablename, indexdef from pg_indexes where schemaname = current_schema()`)),
    ...(await ask(
      db,
      `select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
       where connamespace = current_schema()::regnamespace`,
    )),
    ...(await ask(db, `select 'view', viewname, definition from pg_views where schemaname = current_schema()`)),
    ...(await ask(
      db,
      `select 'trigger', event_object_table, trigger_name, action_statement from information_schema.triggers
       where trigger_schema = current_schema()`,
    )),
  ];
}

async function mariadb(db: Database): Promise<string[]> {
  const tables = await db.execute<{ name: string }>(
    'select table_name as name from information_schema.tables where table_schema = database()',
  );
  const made: string[] = [];
  for (const { name } of tables) {
    const [line] = await ask(db, `show create table \`${name}\``);
    // Where counting goes on is data, not schema; and keys are listed in the order in which they were made.
    made.push(
      ...(line ?? '')
        .replace(/ AUTO_INCREMENT=\d+/, '')
        .split(/,?\n/)
        .map((part) => `${name} | ${part.trim()}`),
    );
  }
  return made;
}
