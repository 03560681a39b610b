import { SUPER_ADMINS } from '@posthorn/sdk';
import { superActor } from './access/grants.js';
import { type DesiredRow, readDesired, writeDesired } from './assembly/desired.js';
import { discover } from './assembly/discover.js';
import { bootKernel } from './boot.js';
import type { InstanceConfig } from './config.js';
import { Database } from './data/database.js';
import { sqlTimestamp } from './data/sql-timestamp.js';
import { parseDatabaseUrl } from './data/url.js';
import { problem } from './errors.js';
import type { Kernel } from './kernel.js';
import { settle } from './settle.js';
import type { Logger } from './watch/log.js';

export interface SetUp {
  readonly config: InstanceConfig;
  /** Ids of extensions to enable. */
  readonly extensions: readonly string[];
  readonly adminUsername: string;
  readonly adminPassword: string;
  readonly log: Logger;
}

/**
 * Makes an empty database an instance's: schema, wanted extensions, first administrator. Running it again changes
 * nothing. Throws a `configuration` problem for a database that holds somebody else's tables.
 */
export async function setUpInstance(o: SetUp): Promise<{ readonly created: boolean }> {
  await refuseForeignDatabase(o.config);
  const packages = await discover(o.config.directory);
  const desired: DesiredRow[] = o.extensions.map((id) => {
    const found = packages.find((p) => p.id === id);
    if (found === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id });
    return { id, package: found.package, version: found.version, desired: 'enabled', isFirst: true };
  });
  await using kernel = await bootKernel({ config: o.config, role: 'command', log: o.log, desired, isLenient: true });
  if (kernel.bootProblem?.kind === 'temporary') throw kernel.bootProblem;
  const unusable = kernel.states.filter((s) => s.desired === 'enabled' && s.state !== 'enabled');
  if (unusable.length > 0)
    throw problem('E_EXTENSIONS', { reasons: unusable.map((s) => `${s.id}: ${s.reason}`).join('; ') });
  await kernel.migrations().up();
  await kernel.database.write(async () => {
    const execute = kernel.database.execute.bind(kernel.database);
    const known = new Set((await readDesired(execute)).map((row) => row.id));
    for (const row of desired) {
      if (!known.has(row.id)) await writeDesired(execute, { ...row, by: 'init' }, sqlTimestamp(new Date()));
    }
  });
  await settle(kernel);
  return { created: await firstAdministrator(kernel, o) };
}

/** A database is ours when it is empty or carries our ledger. */
async function refuseForeignDatabase(config: InstanceConfig): Promise<void> {
  const target = parseDatabaseUrl(config.databaseUrl, config.directory);
  const bare = await Database.create({ target, entities: [], additions: [], poolSize: 1 });
  try {
    const sql = {
      sqlite: "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
      postgresql: 'select table_name as name from information_schema.tables where table_schema = current_schema()',
      mariadb: 'select table_name as name from information_schema.tables where table_schema = database()',
    }[target.dialect];
    const tables = (await bare.execute<{ name: string }>(sql)).map((row) => row.name);
    if (tables.length > 0 && !tables.includes('core_migration')) {
      throw problem('E_FOREIGN_DATABASE', {
        tables: `${tables.slice(0, 5).join(', ')}${tables.length > 5 ? ', …' : ''}`,
      });
    }
  } finally {
    await bare.close();
  }
}

async function firstAdministrator(kernel: Kernel, o: SetUp): Promise<boolean> {
  const [row] = await kernel.database.execute<{ n: number }>(
    'select count(*) as n from core_user where is_superuser = ?',
    [true],
  );
  if (Number(row?.n ?? 0) > 0) return false;
  await kernel.accounts.create(superActor('system'), {
    username: o.adminUsername,
    role: SUPER_ADMINS,
    password: o.adminPassword,
  });
  return true;
}
