import { readFile } from 'node:fs/promises';
import {
  type Accounts,
  accounts as accountsRef,
  type Command,
  type Contributed,
  commands as commandSlot,
  type ExtensionContext,
  type ExtensionDefinition,
  type FileSet,
  fileSets,
  isProblem,
  type Log,
  type Problem,
  type Role,
  roles as roleSlot,
} from '@posthorn/sdk';
import { AccessService } from './access/access-service.js';
import { AccountsService } from './access/accounts-service.js';
import { Grants, superActor } from './access/grants.js';
import { PasswordService } from './access/password-service.js';
import { RoleRanks } from './access/role-ranks.js';
import { type Assembly, assemble, type ExtensionState } from './assembly/assemble.js';
import { type DesiredRow, readDesired } from './assembly/desired.js';
import { discover, type ExtensionPackage } from './assembly/discover.js';
import { Generation, schemaOf } from './assembly/generation.js';
import { Revision, type Revisions } from './cluster/revision.js';
import { kernelCommands } from './commands/kernel-commands.js';
import type { InstanceConfig, ProcessRole } from './config.js';
import { Database } from './data/database.js';
import { Migrations } from './data/migrate.js';
import { parseDatabaseUrl } from './data/url.js';
import { problem } from './errors.js';
import { fileSetCommands } from './files/commands.js';
import { purgeJob } from './jobs/purge-job.js';
import { kernelExtension } from './kernel-extension.js';
import { KernelJobs } from './kernel-jobs.js';
import { ParameterStore } from './parameters/parameter-store.js';
import { type Translate, translator } from './text/catalogs.js';
import type { Report } from './watch/attribution.js';
import type { Logger } from './watch/log.js';

export interface BootOptions {
  readonly config: InstanceConfig;
  readonly role: ProcessRole;
  readonly log: Logger;
  /** What to assemble instead of the stored wish: trying out a change before it is written. */
  readonly desired?: readonly DesiredRow[];
  /** Extensions given as objects, beside those of the instance's packages (the test kit). */
  readonly definitions?: readonly ExtensionDefinition[];
  /** Where no wish can be read, assemble the kernel alone and keep the reason in `bootProblem`. */
  readonly isLenient?: boolean;
  readonly clock?: () => Date;
}

/** One process of an installation: its database and its one generation. */
export class Kernel implements AsyncDisposable {
  private constructor(
    readonly config: InstanceConfig,
    readonly log: Logger,
    readonly database: Database,
    readonly generation: Generation,
    readonly packages: readonly ExtensionPackage[],
    readonly states: readonly ExtensionState[],
    /** Revision and assembly when this generation was built. */
    readonly revisions: Revisions,
    readonly bootProblem: Problem | undefined,
    private readonly parts: Parts,
    readonly jobs: KernelJobs,
  ) {}

  /**
   * Discovers the packages, reads what is wanted and builds the generation. Starts nothing. Throws a `temporary`
   * problem when the database is away and a `configuration` one when it has no schema, unless `isLenient`.
   */
  static async boot(o: BootOptions): Promise<Kernel> {
    const target = parseDatabaseUrl(o.config.databaseUrl, o.config.directory);
    const version = await kernelVersion();
    const given = o.definitions ?? [];
    const packages = given.length > 0 ? [] : await discover(o.config.directory);
    const { desired, revisions, bootProblem } = await readWish(target, o);

    let kernel: Kernel | undefined;
    const whole = (): Kernel => {
      if (kernel === undefined) throw new Error('the kernel is still being built');
      return kernel;
    };
    const parts: Parts = {
      version,
      clock: o.clock ?? (() => new Date()),
      kernel: whole,
    };
    const own = kernelExtension({
      version,
      accounts: (context) => makeAccounts(context, whole().parts),
      access: () => whole().parts.access as AccessService,
      jobQueue: () => whole().jobs.queue,
      instance: () => ({
        directory: o.config.directory,
        hostname: o.config.hostname,
        baseUrl: o.config.baseUrl,
        language: o.config.language,
        timeZone: o.config.timeZone,
        version,
        database: target,
      }),
      contributes: [...kernelCommands(whole), purgeJob({ driver: () => whole().jobs.driver })],
    });
    const assembly = given.length > 0 ? await assembleGiven(own, given) : await assemble(packages, desired, own);
    for (const id of o.config.essential) {
      const state = assembly.states.find((s) => s.id === id);
      if (bootProblem === undefined && state?.state !== 'enabled') {
        throw problem('E_EXTENSIONS', { reasons: `${id} is essential but ${state?.reason || 'not enabled'}` });
      }
    }
    const { entities, additions } = schemaOf(assembly.order);
    const database = await Database.create({ target, entities, additions, poolSize: o.config.poolSize });
    const revision = new Revision(database);
    const parameters = new ParameterStore(database, revision);
    Object.assign(parts, {
      database,
      revision,
      parameters,
      access: new AccessService(database),
      grants: new Grants(database),
      passwords: new PasswordService(parameters),
    });
    const report: Report = (error) =>
      o.log.error({ extension: error.extension, at: error.at, err: error.cause }, error.message);
    const generation = new Generation(
      assembly.order,
      {
        data: database,
        log: o.log as unknown as Log,
        system: superActor('system'),
        clock: parts.clock,
        parameters: (ref) => parameters.read(ref),
        onRefused: (hook, denial) =>
          o.log.info({ hook, extension: denial.from, reason: denial.deny, code: denial.code }, 'refused'),
      },
      report,
    );
    kernel = new Kernel(
      o.config,
      o.log,
      database,
      generation,
      packages,
      assembly.states,
      revisions,
      bootProblem,
      parts,
      new KernelJobs(database, generation, o.log as unknown as Log, report),
    );
    return kernel;
  }

  get version(): string {
    return this.parts.version;
  }
  get revision(): number {
    return this.revisions.revision;
  }
  get assembly(): number {
    return this.revisions.assembly;
  }
  get order(): readonly { readonly id: string; readonly version: string }[] {
    return this.generation.order;
  }
  get accounts(): Accounts {
    return this.generation.context('core').get(accountsRef);
  }
  get access(): AccessService {
    return this.parts.access as AccessService;
  }
  get grants(): Grants {
    return this.parts.grants as Grants;
  }
  get passwords(): PasswordService {
    return this.parts.passwords as PasswordService;
  }
  get parameters(): ParameterStore {
    return this.parts.parameters as ParameterStore;
  }
  get revisionRow(): Revision {
    return this.parts.revision as Revision;
  }

  /** Contributed commands, and those that follow from contributed file sets. */
  commands(): readonly Contributed<Command>[] {
    const contributed = this.generation.slots.items(commandSlot.id) as readonly Contributed<Command>[];
    const sets = this.generation.slots.items(fileSets.id) as readonly Contributed<FileSet>[];
    const derived = sets.flatMap((set) =>
      fileSetCommands([set]).map((c) => ({ from: set.from, item: c.item as Command })),
    );
    return [...contributed, ...derived];
  }

  /** Names of the schema steps that this generation needs and the database lacks. */
  async pendingMigrations(): Promise<readonly string[]> {
    const done = new Set(
      (await this.database.execute<{ name: string }>('select name from core_migration')).map((row) => row.name),
    );
    return schemaOf(this.generation.order)
      .migrations.map((m) => m.name)
      .filter((name) => !done.has(name));
  }

  /** The migrations of everything this generation holds. */
  migrations(): Migrations {
    return new Migrations(this.database.target, schemaOf(this.generation.order).migrations);
  }

  /** What this process would be with another wish; nothing is written or started. Dispose it. */
  candidate(desired: readonly DesiredRow[]): Promise<Kernel> {
    return Kernel.boot({ config: this.config, role: 'command', log: this.log, desired });
  }

  start(): Promise<void> {
    return this.generation.start();
  }

  startJobs(o: { readonly queues: readonly string[] }): Promise<{ stop(): Promise<void> }> {
    return this.jobs.start(o.queues);
  }

  /** Parameters and grants are read anew by whatever asks next. */
  async refreshParameters(): Promise<void> {
    this.parameters.refresh();
    this.grants.refresh();
  }

  translator(language: string): Promise<Translate> {
    const sources = this.generation.order.flatMap((d) =>
      d.locales === undefined ? [] : [{ extension: d.id === 'core' ? 'host' : d.id, locales: d.locales }],
    );
    return translator(language, sources);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.generation[Symbol.asyncDispose]();
    } finally {
      await this.database.close();
    }
  }
}

/** What is made once the database is there, and handed to the kernel's services. */
interface Parts {
  readonly version: string;
  readonly clock: () => Date;
  readonly kernel: () => Kernel;
  readonly database?: Database;
  readonly revision?: Revision;
  readonly parameters?: ParameterStore;
  readonly access?: AccessService;
  readonly grants?: Grants;
  readonly passwords?: PasswordService;
}

function makeAccounts(context: ExtensionContext, parts: Parts): Accounts {
  let ranks: RoleRanks | undefined;
  return new AccountsService(
    context,
    parts.access as AccessService,
    parts.grants as Grants,
    parts.passwords as PasswordService,
    () => (ranks ??= new RoleRanks(context.items<Role>(roleSlot))),
  );
}

interface Wish {
  readonly desired: readonly DesiredRow[];
  readonly revisions: Revisions;
  readonly bootProblem: Problem | undefined;
}

/** The wish is read before the entities are known, over a database object that has none. */
async function readWish(target: ReturnType<typeof parseDatabaseUrl>, o: BootOptions): Promise<Wish> {
  const bare = await Database.create({ target, entities: [], additions: [], poolSize: 1 });
  try {
    const execute = bare.execute.bind(bare);
    const desired = o.desired ?? (await readDesired(execute));
    return { desired, revisions: await new Revision(bare).read(), bootProblem: undefined };
  } catch (error) {
    if (o.isLenient === true && isProblem(error))
      return { desired: o.desired ?? [], revisions: { revision: 0, assembly: 0 }, bootProblem: error };
    throw error;
  } finally {
    await bare.close();
  }
}

async function assembleGiven(own: ExtensionDefinition, given: readonly ExtensionDefinition[]): Promise<Assembly> {
  const { resolve } = await import('./assembly/resolve.js');
  const { SDK_VERSION } = await import('@posthorn/sdk');
  const { order, problems } = resolve([own, ...given], SDK_VERSION);
  if (problems.length > 0)
    throw problem('E_EXTENSIONS', { reasons: problems.map((p) => `${p.extension}: ${p.reason}`).join('; ') });
  const states = order
    .filter((d) => d.id !== own.id)
    .map((d) => ({
      id: d.id,
      package: d.id,
      version: d.version,
      state: 'enabled' as const,
      desired: 'enabled' as const,
      reason: '',
    }));
  return { order: [own, ...order.filter((d) => d.id !== own.id)], states };
}

async function kernelVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
