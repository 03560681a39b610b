import { type ExtensionContext, type Finding, instance, messages } from '@posthorn/sdk';

const t = messages('admin');

/** PostgreSQL and MariaDB: there, and able to hold every address. */
export async function checkServer(context: ExtensionContext): Promise<readonly Finding[]> {
  const { dialect } = context.get(instance).database;
  if (dialect === 'postgresql') return [await postgresqlEncoding(context), ...(await quotaTrigger(context))];
  if (dialect === 'mariadb') return [await mariadbEncoding(context)];
  return [];
}

async function postgresqlEncoding(context: ExtensionContext): Promise<Finding> {
  const [row] = await context.data.execute<{ encoding: string }>(
    "select current_setting('server_encoding') as encoding",
  );
  const encoding = row?.encoding ?? '';
  if (encoding === 'UTF8') return { level: 'ok', message: t('PostgreSQL answers and stores UTF-8.') };
  return {
    level: 'error',
    message: t('The database stores {{encoding}}, not UTF-8: addresses beyond ASCII cannot be kept.', { encoding }),
    mend: t('Create a database with: CREATE DATABASE posthorn ENCODING UTF8 TEMPLATE template0, and move the data.'),
  };
}

/** Older instructions install a trigger that adds up quota rows. Dovecot 2.3 does without; it does no harm. */
async function quotaTrigger(context: ExtensionContext): Promise<Finding[]> {
  const found = await context.data.execute(
    "select tgname from pg_trigger where tgrelid = to_regclass('admin_quota') and not tgisinternal",
  );
  if (found.length === 0) return [];
  return [
    { level: 'ok', message: t('A trigger stands on admin_quota. Dovecot 2.3 does not need it, and it may stay.') },
  ];
}

async function mariadbEncoding(context: ExtensionContext): Promise<Finding> {
  const [row] = await context.data.execute<{ encoding: string }>('select @@character_set_database as encoding');
  const encoding = row?.encoding ?? '';
  if (encoding === 'utf8mb4') return { level: 'ok', message: t('MariaDB answers and stores UTF-8.') };
  return {
    level: 'warning',
    message: t('New tables of the database would store {{encoding}}, not utf8mb4.', { encoding }),
    mend: 'ALTER DATABASE CHARACTER SET utf8mb4',
  };
}
