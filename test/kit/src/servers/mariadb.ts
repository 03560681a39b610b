import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDatabaseName, type DatabaseServer, freshDatabaseName } from './database-server.js';
import { freePort } from './free-port.js';
import { run, startDaemon, tryRun } from './processes.js';
import { programPath } from './programs.js';
import { makeTempDir, removeTempDir } from './temp-dir.js';
import { serverUser } from './users.js';
import { until } from './wait.js';

const appUser = 'app';
const appPassword = 'secret';

/**
 * A private MariaDB: own data directory and socket, TCP on 127.0.0.1 only, user `app` with password `secret` and all
 * rights. As root it runs as the system user mysql, otherwise as whoever calls. Takes two to three seconds.
 */
export async function startMariadb(): Promise<DatabaseServer> {
  const dir = await makeTempDir('my');
  const owner = serverUser('mysql');
  const identity = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  if (owner !== undefined) await chown(dir, owner.uid, owner.gid);
  const data = join(dir, 'data');
  const socket = join(dir, 'sock');

  await run(
    programPath('mariadb-install-db'),
    [
      '--no-defaults',
      `--datadir=${data}`,
      // Two at once would meet in the common one.
      `--tmpdir=${dir}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--innodb-flush-log-at-trx-commit=0',
    ],
    { cwd: dir, env: { HOME: dir }, ...identity },
  );
  const port = await freePort();
  const start = () =>
    startDaemon(
      programPath('mariadbd'),
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--tmpdir=${dir}`,
        `--socket=${socket}`,
        `--pid-file=${join(dir, 'pid')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--character-set-server=utf8mb4',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-flush-method=nosync',
        '--innodb-buffer-pool-size=64M',
        '--performance-schema=OFF',
      ],
      // nothing has to survive: the data directory is thrown away
      { cwd: dir, env: { HOME: dir }, signal: 'SIGKILL', ...identity },
    );
  let daemon = await start();
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await removeTempDir(dir);
  };

  const client = (database: string | undefined, statements: string) =>
    tryRun(
      programPath('mariadb'),
      ['--no-defaults', '--batch', '--skip-column-names', '--default-character-set=utf8mb4', '-u', 'root', '-S', socket]
        // names a database only after it exists
        .concat(database === undefined ? [] : [database]),
      { input: statements },
    );
  const query = async (database: string | undefined, statements: string): Promise<string> => {
    const result = await client(database, statements);
    if (result.code !== 0) throw new Error(`MariaDB refused: ${result.stderr}`);
    return result.stdout;
  };
  const url = (database: string): string => `mariadb://${appUser}:${appPassword}@127.0.0.1:${port}/${database}`;

  const accepting = () =>
    until('MariaDB to accept connections', 60, async () => {
      if (daemon.exitCode() !== undefined) throw new Error(`MariaDB did not start: ${daemon.output()}`);
      return (await client(undefined, 'SELECT 1')).code === 0;
    });
  try {
    await accepting();
    for (const host of ['127.0.0.1', 'localhost']) {
      await query(
        undefined,
        `CREATE USER '${appUser}'@'${host}' IDENTIFIED BY '${appPassword}';
         GRANT ALL PRIVILEGES ON *.* TO '${appUser}'@'${host}' WITH GRANT OPTION;`,
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    host: '127.0.0.1',
    port,
    user: appUser,
    password: appPassword,
    url,
    sql: query,
    async createDatabase(name = freshDatabaseName()) {
      await query(undefined, `CREATE DATABASE \`${checkDatabaseName(name)}\` CHARACTER SET utf8mb4`);
      return { name, url: url(name) };
    },
    log: () => daemon.output(),
    async disconnect(database) {
      const where = `db = '${checkDatabaseName(database)}'`;
      const ids = await query(undefined, `SELECT id FROM information_schema.processlist WHERE ${where}`);
      // One that has ended meanwhile would end the list.
      for (const id of ids.split('\n').filter(Boolean)) await client(undefined, `KILL CONNECTION ${id}`);
    },
    down: () => daemon.stop('SIGTERM'),
    async up() {
      daemon = await start();
      await accepting();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
