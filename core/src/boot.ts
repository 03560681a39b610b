import { readFile } from 'node:fs/promises';
import {
  type Accounts,
  type Actor,
  type DatabaseTarget,
  type ExtensionContext,
  type ExtensionDefinition,
  type HookRef,
  isProblem,
  type JobStarter,
  type Log,
  type Problem,
  parametersChanged,
  type Role,
  roles as roleSlot,
  SDK_VERSION,
} from '@posthorn/sdk';
import { AccessService } from './access/access-service.js';
import { AccountsService } from './access/accounts-service.js';
import { Grants, superActor } from './access/grants.js';
import { kernelEndpoints } from './access/kernel-endpoints.js';
import { kernelPages } from './access/pages/kernel-pages.js';
import { PasswordService } from './access/password-service.js';
import { RoleRanks } from './access/role-ranks.js';
import { makeSignIn } from './access/sessions/make-sign-in.js';
import { purgeSessionsJob } from './access/sessions/purge-sessions-job.js';
import { SessionsService } from './access/sessions/sessions-service.js';
import { signInCommands } from './access/sessions/sign-in-commands.js';
import { tokenCommands } from './access/tokens/token-commands.js';
import { TokensService } from './access/tokens/tokens-service.js';
import { type Assembly, assemble, withFailures } from './assembly/assemble.js';
import { type DesiredRow, readDesired } from './assembly/desired.js';
import { discover, type ExtensionPackage } from './assembly/discover.js';
import { Generation, type Ground, schemaOf } from './assembly/generation.js';
import { resolve } from './assembly/resolve.js';
import { Audit } from './audit/audit.js';
import { kernelAuditTables } from './audit/kernel-tables.js';
import { purgeAuditJob } from './audit/purge-job.js';
import { ownReach } from './audit/reach.js';
import { LogoStore } from './branding/logo-store.js';
import { purgeCallsJob } from './calls/purge-calls-job.js';
import { Locks } from './cluster/locks.js';
import { Revision, type Revisions } from './cluster/revision.js';
import { kernelCommands } from './commands/kernel-commands.js';
import type { InstanceConfig, ProcessRole } from './config.js';
import { Database } from './data/database.js';
import { parseDatabaseUrl } from './data/url.js';
import { problem } from './errors.js';
import { settleImportsJob } from './import-export/settle-job.js';
import { uploadJobs } from './import-export/upload-job.js';
import type { JobEnd } from './jobs/job-runner.js';
import { jobStarter } from './jobs/job-starter.js';
import { makeJobDriver } from './jobs/make-driver.js';
import { purgeJob } from './jobs/purge-job.js';
import { Kernel, type KernelParts } from './kernel.js';
import { KERNEL_ID, kernelExtension } from './kernel-extension.js';
import { KernelJobs } from './kernel-jobs.js';
import { letterContributions } from './letters/contributions.js';
import { tellJobEnd } from './letters/job-letters.js';
import { LettersService } from './letters/letters-service.js';
import { Outbox } from './outbox/outbox.js';
import { packageJobs } from './packages/package-jobs.js';
import { managementPages } from './pages/contributions.js';
import { importPage } from './pages/import-page.js';
import { importsService } from './pages/imports-service.js';
import { listFile } from './pages/list-file.js';
import { listFilters, narrowed } from './pages/list-filters.js';
import { listParts } from './pages/list-parts.js';
import { logoPages } from './pages/logo-pages.js';
import { parameterPages } from './pages/parameter-pages.js';
import { widgetsOf } from './pages/widget-region.js';
import { ParameterStore } from './parameters/parameter-store.js';
import type { KeptIncident } from './quarantine/incidents.js';
import { type Quarantine, readQuarantines } from './quarantine/quarantine-rows.js';
import { Quarantines } from './quarantine/quarantines.js';
import { quarantineRepeaters } from './quarantine/repeaters.js';
import { secretsOfExtensions } from './secrets/extension-secrets.js';
import { KeyRing } from './secrets/key-ring.js';
import { SecretBox } from './secrets/secret-box.js';
import { ExtensionError, type Report, running } from './watch/attribution.js';
import { decisionLine } from './watch/decision.js';
import type { Logger } from './watch/log.js';
import { Spots } from './watch/spots.js';
import { Syslog } from './watch/syslog.js';

export interface BootOptions {
  readonly config: InstanceConfig;
  readonly role: ProcessRole;
  readonly log: Logger;
  /** What to assemble instead of the stored wish: trying out a change before it is written. */
  readonly desired?: readonly DesiredRow[];
  /** The packages to look at instead of the instance's: trying out another version before it counts. */
  readonly packages?: readonly ExtensionPackage[];
  /** Extensions given as objects instead of the instance's packages (the test kit). */
  readonly definitions?: readonly ExtensionDefinition[];
  /** Where no wish can be read, assemble the kernel alone and keep the reason in `bootProblem`. */
  readonly isLenient?: boolean;
  readonly clock?: () => Date;
  /** Called after each SQL statement with its text and duration in milliseconds. */
  readonly onStatement?: (sql: string, ms: number) => void;
  /** Called after the commit for every signal that was raised, heard or not. */
  readonly onSignal?: (raised: RaisedSignal) => void;
  /** Called for every failure of an extension that was contained; it is in the log all the same. */
  readonly onReport?: Report;
}

export interface RaisedSignal {
  /** Id of the hook. */
  readonly signal: string;
  /** Who raised it. */
  readonly from: string;
  readonly event: unknown;
}

/**
 * Discovers the packages, reads what is wanted and builds the generation. Starts nothing. Throws a `temporary` problem
 * when the database is away and a `configuration` one when it has no schema, unless `isLenient`.
 */
export async function bootKernel(o: BootOptions): Promise<Kernel> {
  const target = parseDatabaseUrl(o.config.databaseUrl, o.config.directory);
  const version = await kernelVersion();
  const packages = o.packages ?? (o.definitions === undefined ? await discover(o.config.directory) : []);
  const wish = await readWish(target, o);

  let parts: KernelParts | undefined;
  let kernel: Kernel | undefined;
  const late = <T>(what: T | undefined): T => {
    if (what === undefined) throw new Error('the kernel is still being built');
    return what;
  };
  const letters = new LettersService(() => late(kernel));
  const own = kernelExtension({
    version,
    accounts: (context) => makeAccounts(context, late(parts)),
    access: () => late(parts).access,
    jobQueue: () => late(parts).jobs.queue,
    tokens: () => new TokensService(() => late(kernel)),
    letters: () => letters,
    instance: () => ({ ...instanceFacts(o.config), version, database: target }),
    sessions: () => late(parts).sessions,
    sessionsService: (context) =>
      new SessionsService(
        context,
        () => late(parts).sessions,
        () => late(parts).signInLog,
        ranksOf(context),
      ),
    parameters: () => late(parts).parameters,
    lists: () => ({
      file: (table, o, request) => listFile(late(kernel), table, o, request),
      parts: (slots, rows, request) => listParts(late(kernel), slots, rows, request),
      filters: (slot, request) => listFilters(late(kernel), slot, request),
      narrow: (slot, chosen, scope) => narrowed(late(kernel), slot, chosen, scope),
    }),
    imports: () => importsService(() => late(kernel)),
    secrets: () => secretsOfExtensions(new SecretBox(late(kernel).keys)),
    regions: () => ({ load: (region, request) => widgetsOf(late(kernel), region, request) }),
    contributes: [
      ...kernelCommands(() => late(kernel)),
      ...signInCommands(() => late(parts).throttle),
      ...tokenCommands(
        () => late(parts).tokens,
        (context) => ranksOf(context)(),
      ),
      ...kernelEndpoints(() => late(kernel)),
      ...kernelPages(
        () => late(kernel),
        () => ranksOf(late(kernel).generation.context(KERNEL_ID))(),
      ),
      ...managementPages(() => late(kernel)),
      ...parameterPages(() => late(kernel)),
      ...logoPages(() => late(kernel)),
      purgeJob({ driver: () => late(parts).jobs.driver }),
      purgeSessionsJob(() => late(parts).sessions),
      purgeCallsJob,
      ...packageJobs(() => late(kernel)),
      settleImportsJob(() => late(kernel)),
      ...uploadJobs(() => late(kernel)),
      ...importPage(() => late(kernel)),
      ...kernelAuditTables,
      ...ownReach,
      purgeAuditJob(() => late(parts).audit),
      ...letterContributions(() => late(kernel), letters),
    ],
  });
  const found =
    o.definitions === undefined
      ? await assemble(packages, wish.desired, own, leftOff(wish.quarantines))
      : assembleGiven(own, o.definitions);
  const report: Report = (error) => {
    o.log.error({ extension: error.extension, at: error.at, err: error.cause }, error.message);
    o.onReport?.(error);
  };
  const spots = new Spots(o.clock);
  for (const one of wish.incidents) {
    const message = `kept process ${one.pid} from going on for ${Math.round(one.ms / 1_000)} s, so it was ended`;
    spots.note({ ...one, time: new Date(one.time), message });
  }
  const base = await build(found, own, {
    ...o,
    target,
    report,
    spots,
    quarantines: wish.quarantines,
    jobStarter: (by) => jobStarter(late(kernel), by),
    onJobEnded: (end) => tellJobEnd(late(kernel), letters, end),
  });
  if (wish.bootProblem === undefined) requireEssential(o.config, base.assembly);
  const { syslogSocket } = o.config;
  const syslog =
    syslogSocket === undefined ? undefined : new Syslog({ socket: syslogSocket, log: o.log as unknown as Log });
  base.audit.syslog = syslog;
  parts = {
    config: o.config,
    log: o.log,
    version,
    packages,
    states: base.assembly.states,
    revisions: wish.revisions,
    bootProblem: wish.bootProblem,
    ...base,
    ...makeSignIn(base.database, base.generation.context(KERNEL_ID), syslog, report),
    syslog,
    candidate: (desired) => bootKernel({ config: o.config, role: 'command', log: o.log, desired }),
  };
  kernel = new Kernel(parts);
  return kernel;
}

type Built = Pick<
  KernelParts,
  | 'database'
  | 'audit'
  | 'generation'
  | 'revisionRow'
  | 'spots'
  | 'quarantines'
  | 'locks'
  | 'parameters'
  | 'keys'
  | 'logos'
  | 'access'
  | 'grants'
  | 'passwords'
  | 'jobs'
  | 'outbox'
> & { readonly assembly: Assembly };

interface BuildOptions extends BootOptions {
  readonly target: DatabaseTarget;
  readonly report: Report;
  readonly spots: Spots;
  readonly quarantines: readonly Quarantine[];
  readonly jobStarter: (by: JobStarter) => Promise<Actor | null>;
  readonly onJobEnded: (end: JobEnd) => Promise<void>;
}

/** Why which extension is left off. */
const leftOff = (quarantines: readonly Quarantine[]): ReadonlyMap<string, string> =>
  new Map(quarantines.filter((q) => q.scope === 'extension').map((q) => [q.extension, q.reason]));

/**
 * Builds the database object and the generation. An extension that fails here is left out with its reason, with whatever
 * requires it, and the rest is built again; the kernel's own failure is everybody's.
 */
async function build(assembly: Assembly, own: ExtensionDefinition, o: BuildOptions): Promise<Built> {
  const { target, report, spots, onStatement } = o;
  const { entities, additions } = schemaOf(assembly.order);
  const log = o.log as unknown as Log;
  const keys = new KeyRing(o.config.directory);
  const secrets = new SecretBox(keys);
  let generation: Generation | undefined;
  const audit = new Audit({
    database: () => database,
    generation: () => generation as Generation,
    secrets,
    log,
  });
  const database: Database = await Database.create({
    target,
    entities,
    additions,
    poolSize: o.config.poolSize,
    recorder: audit.recorder,
    onStatement: (sql, ms) => {
      const spot = running.getStore()?.spot;
      if (spot !== undefined) {
        spot.statements += 1;
        spot.sqlMs += ms;
      }
      onStatement?.(sql, ms);
    },
  });
  const revisionRow = new Revision(database);
  const outbox = new Outbox({
    database,
    listeners: (signal) => generation?.hooks.find(signal),
    secrets,
    log,
  });
  const parameters = new ParameterStore({
    data: database,
    revision: revisionRow,
    secrets,
    announce: (event) => outbox.raise(parametersChanged as HookRef<'signal', unknown, unknown>, KERNEL_ID, event),
    contextOf: (extension) => (generation as Generation).context(extension),
    report: (extension, error, what) => o.log.error({ extension, at: 'parameters', err: error }, what),
  });
  const ground: Ground = {
    data: database,
    raise: async (ref, extension, event) => {
      await outbox.raise(ref, extension, event);
      const { onSignal } = o;
      if (onSignal !== undefined) database.afterCommit(() => onSignal({ signal: ref.id, from: extension, event }));
    },
    log,
    system: superActor('system'),
    clock: o.clock ?? (() => new Date()),
    parameters: (ref, account) => (account === undefined ? parameters.read(ref) : parameters.readUser(ref, account)),
    onRefused: (hook, event, denial, told) => o.log.info(decisionLine(hook, event, denial, told), 'refused'),
  };
  const quarantines = new Quarantines(database, revisionRow, log, o.quarantines);
  try {
    generation = new Generation(assembly.order, ground, report, {
      spots,
      ...(o.clock === undefined ? {} : { now: () => ground.clock().getTime() }),
      onGivenUp: (error) => quarantines.giveUp(error),
      onDeprecated: (use) => {
        spots.noteDeprecated(use);
        // A command is over in a moment, and its log is its user's terminal.
        if (o.role !== 'command') log.warn(use, `${use.extension} uses ${use.name}, which is deprecated`);
      },
    });
    quarantines.apply(generation.hooks);
    return {
      assembly,
      database,
      audit,
      generation,
      revisionRow,
      spots,
      quarantines,
      locks: new Locks(database, log),
      parameters,
      keys,
      logos: new LogoStore(database, revisionRow),
      access: new AccessService(database),
      grants: new Grants(database),
      passwords: new PasswordService(parameters),
      jobs: new KernelJobs({
        database,
        generation,
        log,
        report,
        spots,
        driver: await makeJobDriver(database, o.config.jobsUrl, log),
        starter: o.jobStarter,
        onEnded: o.onJobEnded,
      }),
      outbox,
    };
  } catch (error) {
    await database.close();
    if (!(error instanceof ExtensionError) || error.extension === KERNEL_ID) throw error;
    report(error);
    return build(withFailures(assembly, own, new Map([[error.extension, error.message]])), own, o);
  }
}

function makeAccounts(context: ExtensionContext, parts: KernelParts): Accounts {
  return new AccountsService(context, parts.access, parts.grants, parts.passwords, ranksOf(context));
}

/** Made when it is first asked for: the slot of roles is not filled before. */
function ranksOf(context: ExtensionContext): () => RoleRanks {
  let ranks: RoleRanks | undefined;
  return () => {
    ranks ??= new RoleRanks(context.items<Role>(roleSlot));
    return ranks;
  };
}

const instanceFacts = ({ directory, hostname, baseUrl, language, timeZone }: InstanceConfig) => ({
  directory,
  hostname,
  baseUrl,
  language,
  timeZone,
});

function requireEssential(config: InstanceConfig, assembly: Assembly): void {
  for (const id of config.essential) {
    const state = assembly.states.find((s) => s.id === id);
    if (state?.state === 'enabled') continue;
    throw problem('E_EXTENSIONS', { reasons: `${id} is essential but ${state?.reason || 'not enabled'}` });
  }
}

interface Wish {
  readonly desired: readonly DesiredRow[];
  readonly revisions: Revisions;
  readonly quarantines: readonly Quarantine[];
  /** What processes of this machine were stuck in lately. */
  readonly incidents: readonly KeptIncident[];
  readonly bootProblem: Problem | undefined;
}

/** The wish is read before the entities are known, over a database object that has none. */
async function readWish(target: DatabaseTarget, o: BootOptions): Promise<Wish> {
  const bare = await Database.create({ target, entities: [], additions: [], poolSize: 1 });
  try {
    const execute = bare.execute.bind(bare);
    const desired = o.desired ?? (await readDesired(execute));
    const isServing = o.role !== 'command';
    const incidents = isServing ? await quarantineRepeaters(bare, o.config, o.log) : [];
    return {
      desired,
      incidents,
      quarantines: await readQuarantines(execute),
      revisions: await new Revision(bare).read(),
      bootProblem: undefined,
    };
  } catch (error) {
    if (o.isLenient !== true || !isProblem(error)) throw error;
    const nothing = { incidents: [], quarantines: [], revisions: { revision: 0, assembly: 0 } };
    return { desired: o.desired ?? [], ...nothing, bootProblem: error };
  } finally {
    await bare.close();
  }
}

function assembleGiven(own: ExtensionDefinition, given: readonly ExtensionDefinition[]): Assembly {
  const { order, problems } = resolve([own, ...given], SDK_VERSION);
  if (problems.length > 0) {
    throw problem('E_EXTENSIONS', { reasons: problems.map((p) => `${p.extension}: ${p.reason}`).join('; ') });
  }
  const others = order.filter((d) => d.id !== own.id);
  const enabled = { state: 'enabled', desired: 'enabled', reason: '' } as const;
  return {
    order: [own, ...others],
    states: others.map((d) => ({ id: d.id, package: d.id, version: d.version, ...enabled })),
  };
}

async function kernelVersion(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
