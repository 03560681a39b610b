import { type Dialect, type ExtensionContext, type Finding, messages } from '@posthorn/sdk';

const t = messages('admin');

/** Columns that Postfix and Dovecot look up for every message and every sign-in. Each begins some index. */
const NEEDED: readonly (readonly [table: string, column: string])[] = [
  ['core_user', 'email'],
  ['core_user', 'username'],
  ['admin_domain', 'name'],
  ['admin_domainalias', 'name'],
  ['admin_mailbox', 'address'],
  ['admin_mailbox', 'user_id'],
  ['admin_alias', 'address'],
  ['admin_aliasrecipient', 'alias_id'],
  ['admin_aliasrecipient', 'r_mailbox_id'],
  ['admin_senderaddress', 'address'],
  ['admin_mailboxoperation', 'mailbox_id'],
  ['admin_quota', 'username'],
];

/** Table and first column of every index. */
const FIRST_COLUMNS: Readonly<Record<Dialect, string>> = {
  sqlite:
    'select m.name as table_name, c.name as column_name from sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c' +
    " where m.type = 'table' and c.seqno = 0 and (m.name like 'admin\\_%' escape '\\' or m.name = 'core_user')",
  postgresql:
    'select t.relname as table_name, a.attname as column_name from pg_index i join pg_class t on t.oid = i.indrelid' +
    ' join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]' +
    ' where i.indisvalid and pg_table_is_visible(t.oid)',
  mariadb:
    'select table_name as table_name, column_name as column_name from information_schema.statistics' +
    ' where table_schema = database() and seq_in_index = 1',
};

export async function checkIndexes(context: ExtensionContext): Promise<readonly Finding[]> {
  const { data } = context;
  const found = await data.execute<{ table_name: string; column_name: string }>(FIRST_COLUMNS[data.dialect]);
  const has = new Set(found.map((row) => `${row.table_name}.${row.column_name}`));
  const missing = NEEDED.filter(([table, column]) => !has.has(`${table}.${column}`));
  if (missing.length === 0) return [{ level: 'ok', message: t('Every lookup of Postfix and Dovecot finds an index.') }];
  return missing.map(([table, column]) => ({
    level: 'error',
    message: t('No index begins with {{table}}.{{column}}: every lookup reads the whole table.', { table, column }),
    mend: t('Run the migrations (posthorn migrate up); where they are done: {{sql}}', {
      sql: `CREATE INDEX ${table}_${column}_index ON ${table} (${column})`,
    }),
  }));
}
