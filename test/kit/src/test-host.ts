import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bootKernel,
  createLog,
  dependentsOf,
  type ExtensionError,
  type InstanceConfig,
  type Kernel,
  type Logger,
  type RaisedSignal,
  settle,
  superActor,
} from '@posthorn/core';
import {
  type Actor,
  type Dialect,
  type ExtensionContext,
  type ExtensionDefinition,
  type HookKind,
  type HookRef,
  SUPER_ADMINS,
} from '@posthorn/sdk';
import { Browsers, type TestWindow } from './host/browser.js';
import { TestClock } from './host/clock.js';
import { type CommandResult, runCommand } from './host/command.js';
import { definitionIn, folderOf, type GivenExtension } from './host/extension-package.js';
import { letTimePass } from './host/passing-time.js';
import { HookProbe, PROBE } from './host/probe.js';
import { type HostProcess, startProcesses } from './host/processes.js';
import { Visitor } from './host/visitor.js';
import { WebServer } from './host/web.js';
import { startMariadb } from './servers/mariadb.js';
import { startPostgres } from './servers/postgres.js';

export interface TestHostOptions {
  /** Extensions as objects or as folders of packages, in any order; the kernel's own is always there. */
  readonly with: readonly GivenExtension[];
  /**
   * A dialect, of which a private server is started where it needs one, or the URL of an empty database. Default: SQLite
   * in a temporary folder.
   */
  readonly database?: Dialect | (string & {});
  readonly clock?: () => Date;
  readonly syslogSocket?: string;
  /** What the kernel logs to; silent otherwise. */
  readonly kernelLog?: Logger;
  /** Called after each SQL statement with its text and duration in milliseconds. */
  readonly onStatement?: (sql: string, ms: number) => void;
}

export interface TestJobs {
  /** Enqueues `extension.job` and runs it in this process. Undefined where one with its key waits already. */
  run(job: string, payload?: unknown): Promise<JobOutcome | undefined>;
  /** Runs what is due, in all queues that are known. */
  drain(): Promise<readonly JobOutcome[]>;
}
export type JobOutcome = Awaited<ReturnType<ReturnType<Kernel['jobs']['runner']>['drain']>>[number];

export interface TestHost extends AsyncDisposable {
  /** Another one after `enable` and `disable`: ask for it, and for what comes from it, when it is needed. */
  readonly kernel: Kernel;
  readonly config: InstanceConfig;
  /** The super administrator behind nobody's account. */
  readonly system: Actor;
  context(extension: string): ExtensionContext;
  /** The actor behind an existing account. */
  actor(username: string): Promise<Actor>;

  /** A super administrator with a session. */
  admin(): Promise<Visitor>;
  /** A new account with a session. */
  account(o: { readonly role: string; readonly username?: string }): Promise<Visitor>;
  /** An existing account with a new session. */
  as(username: string): Promise<Visitor>;
  readonly guest: Visitor;
  /** Where the pages are served. */
  url(): Promise<string>;
  /** A window of Chromium in which that visitor is signed in. Needs playwright-core; throws where there is no browser. */
  browser(visitor?: Visitor): Promise<TestWindow>;

  /** A listener of the test on this hook, the same at each call. */
  hook<K extends HookKind, A, R>(ref: HookRef<K, A, R>): HookProbe<K, A, R>;
  /** Signals that were raised and committed, heard or not, oldest first. */
  readonly sent: readonly RaisedSignal[];
  /** Failures of extensions that were contained, and of requests, oldest first. */
  readonly reports: readonly ExtensionError[];

  /** As an administrator does: schema steps, default grants, a new generation. Throws for an id that was not given. */
  enable(id: string): Promise<void>;
  /** A new generation without it; its data stays. Throws where another enabled one requires it. */
  disable(id: string): Promise<void>;

  readonly clock: TestClock;
  readonly jobs: TestJobs;
  /** `host.command(['extension', 'list', '--json'])` */
  command(argv: readonly string[]): Promise<CommandResult>;
  /**
   * That many real processes that serve this installation, each with its workers. Every extension must have been given as a folder.
   */
  processes(count: number): Promise<readonly HostProcess[]>;
}

/** A migrated host in this process, over a real database. Start one after the other, never two side by side. */
export async function testHost(o: TestHostOptions): Promise<TestHost> {
  const given = await Promise.all(
    o.with.map(async (each) => {
      if (!(typeof each === 'string' || each instanceof URL)) return { definition: each, folder: undefined };
      const folder = folderOf(each);
      return { definition: await definitionIn(folder), folder };
    }),
  );
  const definitions = given.map(({ definition }) => definition);
  const stack = new AsyncDisposableStack();
  try {
    const directory = await mkdtemp(join(tmpdir(), 'posthorn-host-'));
    stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
    await mkdir(join(directory, 'data', 'db'), { recursive: true });
    await writeFile(join(directory, 'package.json'), '{"private":true,"dependencies":{}}\n');
    const config: InstanceConfig = {
      directory,
      databaseUrl: await databaseUrl(o.database, stack),
      hostname: 'mail.example.test',
      baseUrl: 'http://127.0.0.1:8000',
      language: 'en',
      timeZone: 'UTC',
      logLevel: 'silent',
      essential: [],
      poolSize: 10,
      ...(o.syslogSocket === undefined ? {} : { syslogSocket: o.syslogSocket }),
    };
    const host = new Host(config, definitions, o);
    stack.use(host);
    await host.begin();
    return assembled(host, given, stack.move());
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function databaseUrl(wanted: string | undefined, stack: AsyncDisposableStack): Promise<string> {
  if (wanted === undefined || wanted === 'sqlite') return 'sqlite:data/db/posthorn.sqlite';
  if (wanted !== 'postgresql' && wanted !== 'mariadb') return wanted;
  const server = stack.use(await (wanted === 'postgresql' ? startPostgres() : startMariadb()));
  return (await server.createDatabase()).url;
}

/** The kernel of a test host and what survives its replacement. */
class Host implements AsyncDisposable {
  readonly sent: RaisedSignal[] = [];
  readonly reports: ExtensionError[] = [];
  readonly probes = new Map<string, HookProbe>();
  readonly clock: TestClock;
  #kernel: Kernel | undefined;
  #enabled: readonly ExtensionDefinition[];

  constructor(
    readonly config: InstanceConfig,
    private readonly definitions: readonly ExtensionDefinition[],
    private readonly o: TestHostOptions,
  ) {
    this.#enabled = definitions;
    this.clock = new TestClock(o.clock ?? (() => new Date()), (from, ms) => letTimePass(this.kernel, from, ms));
  }

  get kernel(): Kernel {
    if (this.#kernel === undefined) throw new Error('the host is gone');
    return this.#kernel;
  }

  async begin(): Promise<void> {
    const kernel = await this.#boot(this.definitions);
    this.#kernel = kernel;
    if (kernel.bootProblem?.kind === 'temporary') throw kernel.bootProblem;
    await kernel.migrations().up();
    for (const d of this.definitions) {
      await kernel.database.execute(
        "insert into core_extension (id, package, version, desired) values (?, ?, ?, 'enabled')",
        [d.id, d.id, d.version],
      );
    }
    await settle(kernel);
  }

  hook(ref: HookRef<HookKind, never, never>): HookProbe {
    let probe = this.probes.get(ref.id);
    if (probe === undefined) {
      probe = new HookProbe(ref as unknown as HookRef<HookKind, unknown, unknown>);
      this.probes.set(ref.id, probe);
      listen(this.kernel, [probe]);
    }
    return probe;
  }

  async switchTo(wish: readonly ExtensionDefinition[], changed: ExtensionDefinition, isOn: boolean): Promise<void> {
    const next = await this.#boot(wish);
    try {
      if (isOn) await next.migrations().up();
      await next.database.write(async () => {
        const [row] = await next.database.execute('select id from core_extension where id = ?', [changed.id]);
        if (row === undefined)
          await next.database.execute('insert into core_extension (id, package, version) values (?, ?, ?)', [
            changed.id,
            changed.id,
            changed.version,
          ]);
        await next.database.execute('update core_extension set desired = ? where id = ?', [
          isOn ? 'enabled' : 'disabled',
          changed.id,
        ]);
        await next.revisionRow.raise({ assembly: true });
      });
      await settle(next);
    } catch (error) {
      await next[Symbol.asyncDispose]();
      throw error;
    }
    const before = this.#kernel;
    this.#kernel = next;
    this.#enabled = wish;
    listen(next, [...this.probes.values()]);
    await before?.[Symbol.asyncDispose]();
  }

  async enable(id: string): Promise<void> {
    if (this.#enabled.some((d) => d.id === id)) return;
    const d = this.#given(id);
    await this.switchTo([...this.#enabled, d], d, true);
  }

  async disable(id: string): Promise<void> {
    const d = this.#given(id);
    const dependents = dependentsOf(id, this.#enabled);
    if (dependents.length > 0) throw new Error(`${dependents.join(', ')} requires ${id}`);
    if (this.#enabled.includes(d))
      await this.switchTo(
        this.#enabled.filter((each) => each !== d),
        d,
        false,
      );
  }

  #given(id: string): ExtensionDefinition {
    const found = this.definitions.find((d) => d.id === id);
    if (found === undefined) throw new Error(`the test host was not given ${id}`);
    return found;
  }

  #boot(definitions: readonly ExtensionDefinition[]): Promise<Kernel> {
    return bootKernel({
      config: this.config,
      role: 'command',
      log: this.o.kernelLog ?? createLog({ level: 'silent', name: 'test', to: 2 }),
      definitions,
      isLenient: true,
      clock: this.clock.now,
      onSignal: (raised) => this.sent.push(raised),
      onReport: (error) => this.reports.push(error),
      ...(this.o.onStatement === undefined ? {} : { onStatement: this.o.onStatement }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const kernel = this.#kernel;
    this.#kernel = undefined;
    await kernel?.[Symbol.asyncDispose]();
  }
}

function listen(kernel: Kernel, probes: readonly HookProbe[]): void {
  if (probes.length === 0) return;
  const { hooks } = kernel.generation;
  for (const probe of probes) hooks.add(PROBE, probe.tap());
  hooks.freeze();
}

interface Given {
  readonly definition: ExtensionDefinition;
  readonly folder: string | undefined;
}

function assembled(host: Host, given: readonly Given[], stack: AsyncDisposableStack): TestHost {
  const web = stack.use(
    new WebServer(
      () => host.kernel,
      (error) => host.reports.push(error),
    ),
  );
  const browsers = stack.use(new Browsers(web.base));
  let count = 0;
  const as = async (username: string): Promise<Visitor> => {
    const account = await host.kernel.accounts.findByUsername(username);
    if (account === null) throw new Error(`there is no account ${username}`);
    const { token } = await host.kernel.sessions.open({
      accountId: account.id,
      role: account.role,
      isRemembered: false,
      address: '127.0.0.1',
      userAgent: 'test',
    });
    return new Visitor(username, web.base, { posthorn: token });
  };
  const account: TestHost['account'] = async ({ role, username = `visitor-${++count}` }) => {
    const passwordHash = '{PLAIN}Toto1234';
    await host.kernel.accounts.create(superActor('system'), { username, role, passwordHash });
    return as(username);
  };
  const runner = () =>
    host.kernel.jobs.runner([...new Set(host.kernel.jobs.known().map(({ item }) => item.queue)), 'default']);
  return {
    get kernel() {
      return host.kernel;
    },
    config: host.config,
    system: superActor('system'),
    context: (extension) => host.kernel.generation.context(extension),
    actor: async (username) => {
      const found = await host.kernel.accounts.findByUsername(username);
      if (found === null) throw new Error(`there is no account ${username}`);
      return host.kernel.accounts.actor(found, 'command');
    },
    admin: () => account({ role: SUPER_ADMINS }),
    account,
    as,
    guest: new Visitor('', web.base),
    url: web.base,
    browser: (visitor) => browsers.open(visitor),
    hook: <K extends HookKind, A, R>(ref: HookRef<K, A, R>) => host.hook(ref as never) as unknown as HookProbe<K, A, R>,
    sent: host.sent,
    reports: host.reports,
    enable: (id) => host.enable(id),
    disable: (id) => host.disable(id),
    clock: host.clock,
    jobs: {
      run: async (job, payload = {}) => {
        const id = await host.kernel.jobs.queue.enqueue(job, payload);
        return id === null ? undefined : runner().runOne(id);
      },
      drain: () => runner().drain(),
    },
    command: (argv) => runCommand(host.kernel, argv),
    processes: async (n) => {
      const started = await startProcesses(host.config, given, n);
      for (const each of started) stack.use(each);
      return started;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
