import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contributed, Dialect, ExtensionContext, Job, JobContext, Log } from '@posthorn/sdk';
import { Database } from '../../core/src/data/database.js';
import { Migrations } from '../../core/src/data/migrate.js';
import { parseDatabaseUrl } from '../../core/src/data/url.js';
import { BullmqJobDriver } from '../../core/src/jobs/bullmq-driver.js';
import type { JobDriver } from '../../core/src/jobs/driver.js';
import { JobRunner, type JobRunnerOptions } from '../../core/src/jobs/job-runner.js';
import { SqlJobDriver } from '../../core/src/jobs/sql-driver.js';
import { kernelMigrations } from '../../core/src/schema/migrations.js';
import type { ExtensionError } from '../../core/src/watch/attribution.js';
import {
  type DatabaseServer,
  makeTempDir,
  type RedisServer,
  removeTempDir,
  requireSuite,
  startMariadb,
  startPostgres,
  startRedis,
} from '../kit/src/servers/index.js';

export const dialects: readonly Dialect[] = ['sqlite', 'postgresql', 'mariadb'];
/** What hands out jobs: a database alone, or Redis beside one. */
export type Engine = Dialect | BullmqEngine;
export type BullmqEngine = `bullmq beside ${Dialect}`;
export const bullmqEngines = dialects.map((dialect): BullmqEngine => `bullmq beside ${dialect}`);
export const engines: readonly Engine[] = [...dialects, ...bullmqEngines];
const isBullmq = (engine: Engine): engine is BullmqEngine => engine.startsWith('bullmq');
const dialectOf = (engine: Engine): Dialect => engine.replace('bullmq beside ', '') as Dialect;
export function isAvailable(engine: Engine): boolean {
  const dialect = dialectOf(engine);
  return (!isBullmq(engine) || requireSuite('redis')) && (dialect === 'sqlite' || requireSuite(dialect));
}

/** A migrated database that several processes may open. */
export interface Rig extends AsyncDisposable {
  readonly url: string;
  readonly directory: string;
  readonly database: Database;
  readonly driver: JobDriver;
  readonly redis: RedisServer | undefined;
  /** A second set of connections, as another process has them. */
  open(): Promise<Database>;
  /** Forgets all jobs. */
  clear(): Promise<void>;
}

const drivers = new WeakMap<Database, JobDriver>();

/** The driver of one process: each set of connections has its own. */
export function driverOf(database: Database): JobDriver {
  const driver = drivers.get(database);
  if (driver === undefined) throw new Error('these connections were not opened by a rig');
  return driver;
}

export async function makeRig(engine: Engine): Promise<Rig> {
  const directory = await makeTempDir('jobs');
  const dialect = dialectOf(engine);
  let server: DatabaseServer | undefined;
  if (dialect === 'postgresql') server = await startPostgres();
  if (dialect === 'mariadb') server = await startMariadb();
  const url = server === undefined ? `sqlite://${join(directory, 'jobs.db')}` : (await server.createDatabase()).url;
  const target = parseDatabaseUrl(url, directory);
  await new Migrations(target, kernelMigrations).up();
  const redis = isBullmq(engine) ? await startRedis() : undefined;
  const open = async (): Promise<Database> => {
    const database = await Database.create({ target, entities: [], additions: [] });
    drivers.set(
      database,
      redis === undefined
        ? new SqlJobDriver(database)
        : new BullmqJobDriver({ data: database, url: redis.url, log: silent, sweepMs: 0 }),
    );
    return database;
  };
  const database = await open();
  return {
    url,
    directory,
    database,
    redis,
    driver: driverOf(database),
    open,
    async clear() {
      await database.execute('delete from core_job');
    },
    async [Symbol.asyncDispose]() {
      await closeAll(database);
      await redis?.stop();
      await server?.stop();
      await removeTempDir(directory);
    },
  };
}

/** Ends the connections of one process, its driver's too. */
export async function closeAll(database: Database): Promise<void> {
  await driverOf(database).close?.();
  await database.close();
}

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export type TestJob = Partial<Omit<Job, 'run'>> & {
  readonly id: string;
  run?(payload: unknown, context: JobContext): Promise<void>;
};

/** Jobs of the extension `test`. */
export const jobsOf = (...jobs: readonly TestJob[]): Contributed<Job>[] =>
  jobs.map((job) => ({
    from: 'test',
    item: { title: job.id, queue: 'default', timeoutMs: 60_000, retries: 3, run: async () => {}, ...job },
  }));

export interface TestRunner {
  readonly runner: JobRunner;
  readonly reported: ExtensionError[];
}

/** A runner in this process, quick to look. */
export function makeRunner(
  database: Database,
  jobs: readonly Contributed<Job>[],
  o: Partial<JobRunnerOptions> = {},
): TestRunner {
  const reported: ExtensionError[] = [];
  const context = {
    extension: 'test',
    data: database,
    log: silent,
    now: () => new Date(),
    call: async () => undefined,
  };
  const runner = new JobRunner({
    driver: driverOf(database),
    jobs,
    contexts: () => context as unknown as ExtensionContext,
    queues: ['default'],
    log: silent,
    starter: async () => null,
    report: (error) => reported.push(error),
    pollMs: { min: 20, max: 100 },
    ...o,
  });
  return { runner, reported };
}

/** Enqueues `test.<name>` with the payloads `{ i }`, many in one transaction. */
export async function enqueueMany(rig: Rig, name: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += 200) {
    await rig.database.write(async () => {
      for (let i = from; i < Math.min(from + 200, count); i += 1) {
        const payload = JSON.stringify({ i });
        await rig.driver.enqueue({ extension: 'test', name, queue: 'default', payload, priority: 0 });
      }
    });
  }
}

/** How many jobs are in each state. */
export async function states(rig: Rig): Promise<Record<string, number>> {
  const rows = await rig.database.execute('select state, count(*) as n from core_job group by state');
  return Object.fromEntries(rows.map((row) => [String(row.state), Number(row.n)]));
}

/** A worker in a process of its own; `lines` is what its jobs, and those of every worker with that log, have noted. */
export class Worker {
  private constructor(
    private readonly child: ChildProcess,
    private readonly errors: () => string,
  ) {}

  static async start(rig: Rig, log: string, o: { leaseMs?: number; schedule?: number } = {}): Promise<Worker> {
    const child = fork(
      fileURLToPath(new URL('./worker.mjs', import.meta.url)),
      [JSON.stringify({ url: rig.url, redis: rig.redis?.url, log, ...o })],
      {
        stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
        execArgv: [],
      },
    );
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const worker = new Worker(child, () => errors);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the worker ended: ${errors}`);
    });
    ended.catch(() => {});
    await Promise.race([once(child, 'message'), ended]);
    return worker;
  }

  /** What it has warned of. */
  get warnings(): string {
    return this.errors();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.send('stop');
    await exit;
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}

export function emptyLog(rig: Rig, name: string): string {
  const path = join(rig.directory, name);
  writeFileSync(path, '');
  return path;
}

export const lines = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
