/**
 * A small mail database with hand-written maps, on each of the three engines: it proves the rig on its own, without
 * anything that Posthorn generates.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type DatabaseServer,
  type MailEngine,
  type MailstackOptions,
  makeTempDir,
  removeTempDir,
  startMariadb,
  startPostgres,
} from '../kit/src/servers/index.js';

const schema = `
CREATE TABLE hosted (name VARCHAR(100) PRIMARY KEY);
CREATE TABLE hosted_alias (name VARCHAR(100) PRIMARY KEY, target VARCHAR(100) NOT NULL);
CREATE TABLE account (email VARCHAR(250) PRIMARY KEY, password VARCHAR(200) NOT NULL,
  megabytes INTEGER NOT NULL DEFAULT 0, last_login TIMESTAMP NULL, delivery VARCHAR(250) NULL UNIQUE);
CREATE TABLE forwarding (address VARCHAR(250) NOT NULL, recipient VARCHAR(250) NOT NULL);
CREATE TABLE moving (email VARCHAR(250) PRIMARY KEY);
CREATE TABLE consumption (username VARCHAR(250) PRIMARY KEY, bytes BIGINT NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 0);
INSERT INTO hosted VALUES ('one.test');
INSERT INTO hosted_alias VALUES ('alias.test', 'one.test');
INSERT INTO account (email, password, megabytes) VALUES
  ('alice@one.test', '{PLAIN}Toto1234', 0),
  ('small@one.test', '{PLAIN}Toto1234', 1),
  ('élise@one.test', '{PLAIN}Toto1234', 0);
UPDATE account SET delivery = 'utf8.c3a96c697365@one.test' WHERE email = 'élise@one.test';
INSERT INTO forwarding VALUES
  ('team@one.test', 'alice@one.test'),
  ('élise@one.test', 'utf8.c3a96c697365@one.test'),
  ('équipe@one.test', 'élise@one.test'),
  ('outside@one.test', 'friend@elsewhere.test'),
  ('@alias.test', '@one.test');
`;

/** MariaDB's default collation takes é for e, and every emoji for every other: addresses need a binary one. */
const schemaFor = (engine: MailEngine): string =>
  engine === 'mariadb' ? schema.replaceAll(/VARCHAR\(\d+\)/g, '$& COLLATE utf8mb4_bin') : schema;

/** A running database with the fixture's content, and the two callbacks a mail stack wants. */
export interface Fixture extends AsyncDisposable {
  readonly options: Pick<MailstackOptions, 'engine' | 'maps' | 'dovecot'> & { readonly sqliteFile?: string };
  /** Runs SQL; rows come back as tab-separated lines. */
  sql(statements: string): Promise<string>;
}

/**
 * Writes the map files. Postfix before 3.8 speaks LATIN1 to PostgreSQL, whatever the database says: key and answer have
 * to be converted there, or addresses outside ASCII are never found.
 */
function mapsWriter(head: string, engine: MailEngine) {
  const pg = engine === 'postgresql';
  const key = pg ? "convert_from(convert_to('%s', pg_client_encoding()), 'UTF8')" : "'%s'";
  const out = (column: string): string =>
    pg ? `convert_from(convert_to(${column}, 'UTF8'), pg_client_encoding())` : column;
  const queries: Record<string, string> = {
    'sql-domains.cf': `SELECT ${out('name')} FROM hosted WHERE name=${key}`,
    'sql-domain-aliases.cf': `SELECT ${out('name')} FROM hosted_alias WHERE name=${key}`,
    'sql-aliases.cf': `SELECT ${out('recipient')} FROM forwarding WHERE address=${key}`,
    'sql-sender-login-map.cf': `SELECT ${out('email')} FROM account WHERE email=${key}`,
    'sql-maintain.cf': `SELECT '450 4.2.1 Mailbox is being moved' FROM moving WHERE email=${key}`,
  };
  return async (dir: string): Promise<void> => {
    for (const [file, query] of Object.entries(queries)) await writeFile(join(dir, file), `${head}query = ${query}\n`);
  };
}

function dovecotWriter(
  engine: MailEngine,
  driver: string,
  connect: string,
  touch: string,
): MailstackOptions['dovecot'] {
  const concat = (...parts: string[]): string =>
    engine === 'mariadb' ? `CONCAT(${parts.join(', ')})` : parts.join(' || ');
  return async (dir, { vmailRoot, uid, gid }) => {
    await writeFile(
      join(dir, 'dovecot-sql.conf.ext'),
      `driver = ${driver}
connect = ${connect}
default_pass_scheme = CRYPT
password_query = SELECT email AS user, password FROM account WHERE email='%Lu'
user_query = SELECT email AS user, ${concat(`'${vmailRoot}/'`, 'email')} AS home, ${uid} AS uid, ${gid} AS gid, ${concat("'*:bytes='", 'megabytes', "'M'")} AS quota_rule FROM account WHERE email='%Lu' OR delivery='%Lu'
iterate_query = SELECT email AS user FROM account
`,
    );
    const map = (pattern: string, field: string): string =>
      `map {\n  pattern = priv/quota/${pattern}\n  table = consumption\n  username_field = username\n  value_field = ${field}\n}\n`;
    await writeFile(
      join(dir, 'dovecot-dict-sql.conf.ext'),
      `connect = ${connect}\n${map('storage', 'bytes')}${map('messages', 'messages')}`,
    );
    const script = join(dir, 'posthorn-postlogin.sh');
    await writeFile(script, `#!/bin/sh\n${touch}\nexec "$@"\n`);
    await chmod(script, 0o755);
  };
}

const touchSql = `UPDATE account SET last_login=CURRENT_TIMESTAMP WHERE email='$USER'`;

async function sqliteFixture(): Promise<Fixture> {
  const dir = await makeTempDir('mail-db');
  const file = join(dir, 'db', 'mail.sqlite');
  await mkdir(join(dir, 'db'));
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA busy_timeout=5000;');
  database.exec(schema);
  return {
    options: {
      engine: 'sqlite',
      sqliteFile: file,
      maps: mapsWriter(`dbpath = ${file}\n`, 'sqlite'),
      dovecot: dovecotWriter('sqlite', 'sqlite', file, `sqlite3 -cmd '.timeout 5000' ${file} "${touchSql}" >/dev/null`),
    },
    async sql(statements) {
      if (!/^\s*select/i.test(statements)) {
        database.exec(statements);
        return '';
      }
      const rows = database.prepare(statements).all();
      return rows.map((row) => `${Object.values(row).join('\t')}\n`).join('');
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await removeTempDir(dir);
    },
  };
}

async function serverFixture(engine: 'postgresql' | 'mariadb'): Promise<Fixture> {
  const server: DatabaseServer = engine === 'postgresql' ? await startPostgres() : await startMariadb();
  const { name } = await server.createDatabase();
  await server.sql(name, schemaFor(engine));
  const { host, port, user, password } = server;
  const postgres = engine === 'postgresql';
  const login = `user = ${user}\npassword = ${password}\ndbname = ${name}\n`;
  return {
    options: {
      engine,
      maps: mapsWriter(
        postgres ? `hosts = ${host}:${port}\n${login}` : `hosts = inet:${host}:${port}\n${login}`,
        engine,
      ),
      dovecot: dovecotWriter(
        engine,
        postgres ? 'pgsql' : 'mysql',
        `host=${host} port=${port} dbname=${name} user=${user} password=${password || 'none'}`,
        postgres
          ? `psql -X -q -h ${host} -p ${port} -U ${user} -d ${name} -c "${touchSql}" >/dev/null`
          : `mariadb --no-defaults --default-character-set=utf8mb4 -h ${host} -P ${port} -u ${user} -p${password} ${name} -e "${touchSql}" >/dev/null`,
      ),
    },
    sql: (statements) => server.sql(name, statements),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

export const startFixture = (engine: MailEngine): Promise<Fixture> =>
  engine === 'sqlite' ? sqliteFixture() : serverFixture(engine);
