import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDatabaseName, type DatabaseServer, freshDatabaseName } from './database-server.js';
import { freePort } from './free-port.js';
import { run, startDaemon, tryRun } from './processes.js';
import { programPath } from './programs.js';
import { makeTempDir, removeTempDir } from './temp-dir.js';
import { serverUser } from './users.js';
import { until } from './wait.js';

/**
 * A private PostgreSQL cluster: own data directory, 127.0.0.1 only, trusts local connections as `postgres`, fsync
 * off, UTF-8. As root it runs as the system user postgres, otherwise as whoever calls. Takes about a second.
 */
export async function startPostgres(options: { readonly maxConnections?: number } = {}): Promise<DatabaseServer> {
  const dir = await makeTempDir('pg');
  const owner = serverUser('postgres');
  const identity = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  if (owner !== undefined) await chown(dir, owner.uid, owner.gid);
  const data = join(dir, 'data');
  const sockets = join(dir, 'run');
  await mkdir(sockets);
  if (owner !== undefined) await chown(sockets, owner.uid, owner.gid);

  await run(
    programPath('initdb'),
    ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { cwd: dir, ...identity },
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: sockets,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: String(options.maxConnections ?? 200),
  };
  const start = () =>
    startDaemon(
      programPath('postgres'),
      ['-D', data, '-p', String(port)].concat(
        Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ),
      // SIGQUIT ends it at once, without a checkpoint; the data directory is thrown away anyhow
      { cwd: dir, signal: 'SIGQUIT', ...identity },
    );
  let daemon = await start();
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await removeTempDir(dir);
  };

  const psql = (database: string, statements: string) =>
    tryRun(
      programPath('psql'),
      ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port)].concat([
        '-U',
        'postgres',
        '-d',
        database,
      ]),
      { input: statements, env: { PGCLIENTENCODING: 'UTF8' } },
    );
  const sql = async (database: string, statements: string): Promise<string> => {
    const result = await psql(database, statements);
    if (result.code !== 0) throw new Error(`PostgreSQL refused: ${result.stderr}`);
    return result.stdout;
  };
  const url = (database: string): string => `postgresql://postgres@127.0.0.1:${port}/${database}`;

  const accepting = () =>
    until('PostgreSQL to accept connections', 30, async () => {
      if (daemon.exitCode() !== undefined) throw new Error(`PostgreSQL did not start: ${daemon.output()}`);
      return (await psql('postgres', 'SELECT 1')).code === 0;
    });
  try {
    await accepting();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: '',
    url,
    sql,
    async createDatabase(name = freshDatabaseName()) {
      await sql('postgres', `CREATE DATABASE ${checkDatabaseName(name)} ENCODING 'UTF8' TEMPLATE template0`);
      return { name, url: url(name) };
    },
    log: () => daemon.output(),
    async disconnect(database) {
      await sql(
        'postgres',
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${checkDatabaseName(database)}'`,
      );
    },
    // SIGINT: without waiting for whoever is connected
    down: () => daemon.stop('SIGINT'),
    async up() {
      daemon = await start();
      await accepting();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
