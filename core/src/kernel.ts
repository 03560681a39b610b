import {
  type Accounts,
  accounts as accountsRef,
  type Command,
  type Contributed,
  commands as commandSlot,
  type FileSet,
  fileSets,
  type Problem,
} from '@posthorn/sdk';
import type { AccessService } from './access/access-service.js';
import type { Grants } from './access/grants.js';
import type { PasswordService } from './access/password-service.js';
import type { SecretStore } from './access/sessions/secret-store.js';
import type { SessionStore } from './access/sessions/session-store.js';
import type { SignInLog } from './access/sessions/sign-in-log.js';
import type { SignInService } from './access/sessions/sign-in-service.js';
import type { SignInThrottle } from './access/sessions/sign-in-throttle.js';
import type { TokenCheck } from './access/tokens/token-check.js';
import type { TokenStore } from './access/tokens/token-store.js';
import type { ExtensionState } from './assembly/assemble.js';
import type { DesiredRow } from './assembly/desired.js';
import type { ExtensionPackage } from './assembly/discover.js';
import { type Generation, schemaOf } from './assembly/generation.js';
import type { Audit } from './audit/audit.js';
import type { LogoStore } from './branding/logo-store.js';
import type { Locks } from './cluster/locks.js';
import type { Revision, Revisions } from './cluster/revision.js';
import type { InstanceConfig } from './config.js';
import type { Database } from './data/database.js';
import { Migrations } from './data/migrate.js';
import { fileSetCommands } from './files/commands.js';
import { KERNEL_ID } from './kernel-extension.js';
import type { KernelJobs } from './kernel-jobs.js';
import type { Outbox } from './outbox/outbox.js';
import type { ParameterStore } from './parameters/parameter-store.js';
import { type Quarantines, withQuarantines } from './quarantine/quarantines.js';
import type { KeyRing } from './secrets/key-ring.js';
import { type Translate, translator } from './text/catalogs.js';
import { enterFrame } from './watch/attribution.js';
import type { Logger } from './watch/log.js';
import type { Spots } from './watch/spots.js';
import type { Syslog } from './watch/syslog.js';

/** What `bootKernel` puts together. */
export interface KernelParts {
  readonly config: InstanceConfig;
  readonly log: Logger;
  readonly version: string;
  readonly database: Database;
  readonly audit: Audit;
  readonly generation: Generation;
  readonly packages: readonly ExtensionPackage[];
  readonly states: readonly ExtensionState[];
  /** Revision and assembly when this generation was built. */
  readonly revisions: Revisions;
  /** Why no wish could be read; only the kernel itself was assembled then. */
  readonly bootProblem: Problem | undefined;
  readonly revisionRow: Revision;
  readonly spots: Spots;
  readonly quarantines: Quarantines;
  readonly locks: Locks;
  readonly parameters: ParameterStore;
  /** What secrets are sealed with. */
  readonly keys: KeyRing;
  readonly logos: LogoStore;
  readonly access: AccessService;
  readonly grants: Grants;
  readonly passwords: PasswordService;
  readonly jobs: KernelJobs;
  readonly outbox: Outbox;
  readonly sessions: SessionStore;
  readonly throttle: SignInThrottle;
  readonly secrets: SecretStore;
  readonly signIn: SignInService;
  readonly signInLog: SignInLog;
  readonly tokens: TokenStore;
  readonly tokenCheck: TokenCheck;
  readonly syslog: Syslog | undefined;
  /** What this process would be with another wish; nothing is written or started. Dispose it. */
  readonly candidate: (desired: readonly DesiredRow[]) => Promise<Kernel>;
}

/** Types are only checked where somebody compiles. */
const isCommand = (item: Partial<Command> | null | undefined): boolean =>
  typeof item?.noun === 'string' &&
  typeof item.verb === 'string' &&
  typeof item.permission === 'string' &&
  typeof item.input === 'object' &&
  Array.isArray(item.examples) &&
  Array.isArray(item.positional) &&
  item.summary !== undefined &&
  typeof item.run === 'function';

/** One process of an installation: its database and its one generation. */
export class Kernel implements AsyncDisposable {
  readonly #parts: KernelParts;

  constructor(parts: KernelParts) {
    this.#parts = parts;
  }

  get config(): InstanceConfig {
    return this.#parts.config;
  }
  get log(): Logger {
    return this.#parts.log;
  }
  get version(): string {
    return this.#parts.version;
  }
  get database(): Database {
    return this.#parts.database;
  }
  get audit(): Audit {
    return this.#parts.audit;
  }
  get generation(): Generation {
    return this.#parts.generation;
  }
  get packages(): readonly ExtensionPackage[] {
    return this.#parts.packages;
  }
  get states(): readonly ExtensionState[] {
    return withQuarantines(this.#parts.states, this.quarantines.items);
  }
  get order(): readonly { readonly id: string; readonly version: string }[] {
    return this.generation.order;
  }
  get revisions(): Revisions {
    return this.#parts.revisions;
  }
  get revision(): number {
    return this.revisions.revision;
  }
  get assembly(): number {
    return this.revisions.assembly;
  }
  get bootProblem(): Problem | undefined {
    return this.#parts.bootProblem;
  }
  get accounts(): Accounts {
    return this.generation.context(KERNEL_ID).get(accountsRef);
  }
  get access(): AccessService {
    return this.#parts.access;
  }
  get grants(): Grants {
    return this.#parts.grants;
  }
  get passwords(): PasswordService {
    return this.#parts.passwords;
  }
  get parameters(): ParameterStore {
    return this.#parts.parameters;
  }
  get keys(): KeyRing {
    return this.#parts.keys;
  }
  get logos(): LogoStore {
    return this.#parts.logos;
  }
  get locks(): Locks {
    return this.#parts.locks;
  }
  get revisionRow(): Revision {
    return this.#parts.revisionRow;
  }
  /** Figures of this process. */
  get spots(): Spots {
    return this.#parts.spots;
  }
  get quarantines(): Quarantines {
    return this.#parts.quarantines;
  }
  get jobs(): KernelJobs {
    return this.#parts.jobs;
  }
  get outbox(): Outbox {
    return this.#parts.outbox;
  }
  get sessions(): SessionStore {
    return this.#parts.sessions;
  }
  get throttle(): SignInThrottle {
    return this.#parts.throttle;
  }
  get secrets(): SecretStore {
    return this.#parts.secrets;
  }
  get signIn(): SignInService {
    return this.#parts.signIn;
  }

  get tokens(): TokenStore {
    return this.#parts.tokens;
  }
  get tokenCheck(): TokenCheck {
    return this.#parts.tokenCheck;
  }

  candidate(desired: readonly DesiredRow[]): Promise<Kernel> {
    return this.#parts.candidate(desired);
  }

  /**
   * Contributed commands, and those that follow from contributed file sets. What is no command is left out, or nobody
   * could disable the extension that it came from.
   */
  commands(): readonly Contributed<Command>[] {
    const all = this.generation.slots.items(commandSlot.id) as readonly Contributed<Command>[];
    const contributed = all.filter(({ from, item }) => {
      if (isCommand(item)) return true;
      this.log.error({ extension: from, noun: item?.noun, verb: item?.verb }, 'a command lacks a part and is left out');
      return false;
    });
    const sets = this.generation.slots.items(fileSets.id) as readonly Contributed<FileSet>[];
    const derived = sets.flatMap((set) =>
      fileSetCommands([set]).map((c) => ({ from: set.from, item: c.item as Command })),
    );
    return [...contributed, ...derived];
  }

  /** The migrations of everything this generation holds. */
  migrations(): Migrations {
    return new Migrations(this.database.target, schemaOf(this.generation.order).migrations);
  }

  /** Names of the schema steps that this generation needs and the database lacks. */
  async pendingMigrations(): Promise<readonly string[]> {
    const rows = await this.database.execute<{ name: string }>('select name from core_migration');
    const done = new Set(rows.map((row) => row.name));
    return schemaOf(this.generation.order)
      .migrations.map((m) => m.name)
      .filter((name) => !done.has(name));
  }

  /** Names of schema steps that a newer version of something enabled here has made. A disabled extension's do not count. */
  async newerMigrations(): Promise<readonly string[]> {
    const known = new Set<string>(schemaOf(this.generation.order).migrations.map((m) => m.name));
    const rows = await this.database.execute<{ name: string }>('select name from core_migration order by name');
    return rows
      .map((row) => row.name)
      .filter((name) => !known.has(name) && this.generation.has(name.split('/')[0] ?? ''));
  }

  start(): Promise<void> {
    const spot = this.spots.at(KERNEL_ID, 'start');
    return enterFrame({ extension: KERNEL_ID, at: 'start', spot }, () => this.generation.start());
  }

  startJobs(o: { readonly queues: readonly string[] }): Promise<{ stop(): Promise<void> }> {
    return this.jobs.start(o.queues);
  }

  /** Parameters, logos and grants are read anew by whatever asks next; what is quarantined at once. */
  async refreshParameters(): Promise<void> {
    this.parameters.refresh();
    this.logos.refresh();
    this.grants.refresh();
    await this.quarantines.refresh(this.generation.hooks);
  }

  translator(language: string): Promise<Translate> {
    const sources = this.generation.order.flatMap((d) =>
      d.locales === undefined ? [] : [{ extension: d.id === KERNEL_ID ? 'host' : d.id, locales: d.locales }],
    );
    return translator(language, sources);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.outbox.close();
      await this.jobs.driver.close?.();
      await this.generation[Symbol.asyncDispose]();
      await this.audit.close();
    } finally {
      await this.#parts.syslog?.[Symbol.asyncDispose]();
      await this.database.close();
    }
  }
}
