import { flushCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bootKernel,
  createApp,
  createLog,
  hashApart,
  incidentFolder,
  type Kernel,
  type Logger,
  ProcessRow,
  RevisionWatch,
  readRevisionCookie,
  startWatchdog,
  tidyHeap,
} from '@posthorn/core';
import { isProblem, type Problem, plainText } from '@posthorn/sdk';
import { type HostConfig, loadConfig } from './config.js';
import { DatabaseFile } from './database-file.js';
import { listenUrl } from './listen-address.js';
import type { ToSupervisor, ToWorker, WorkerOrder } from './messages.js';
import { problem } from './problems.js';
import { socketPath } from './run-folder.js';
import { showError } from './show-error.js';
import { WebServer } from './web-server.js';

/** A database that answers does so sooner; after this long a first worker listens without it. */
const PATIENCE_MS = 1_500;
const RETRY_MS = [250, 500, 1_000, 2_000] as const;

/** One worker from start to end: build one generation, serve it, retire. */
export class WorkerProcess {
  readonly #began = Promise.withResolvers<void>();
  #config!: HostConfig;
  #log!: Logger;
  #file!: DatabaseFile;
  #kernel: Kernel | undefined;
  /** Why there is no generation, in full; for the log and the supervisor. */
  #obstacle: string | undefined;
  /** The same for everybody: without paths and addresses. */
  #waitingFor: string | undefined;
  #notice = '';
  #web: WebServer | undefined;
  #jobs: { stop(): Promise<void> } | undefined;
  #row: ProcessRow | undefined;
  #watch: RevisionWatch | undefined;
  #hasBegun = false;
  #isDraining = false;
  #isEnding = false;

  constructor(
    private readonly order: WorkerOrder,
    private readonly say: (message: ToSupervisor) => Promise<void>,
  ) {}

  async run(): Promise<void> {
    try {
      this.#config = loadConfig(this.order.directory, { flags: this.order.flags });
      this.#file = new DatabaseFile(this.#config.databaseUrl, this.#config.directory);
    } catch (error) {
      await this.#giveUp(error);
      return;
    }
    try {
      await this.#serve();
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #serve(): Promise<void> {
    const { workers, listen, logLevel } = this.#config;
    void this.say({ type: 'settings', workers, ...listen, logLevel });
    this.#log = createLog({ level: logLevel, name: this.#role, to: 1 });

    // First: what is loaded next may be what never ends.
    await this.#watchLoop();
    if (this.order.mode === 'web') hashApart();
    const building = this.#build();
    // A candidate that cannot be built is discarded at once; a first worker listens and keeps trying.
    await (this.order.isCandidate ? building : Promise.race([building, sleep(PATIENCE_MS)]));
    if (this.order.mode === 'web') await this.#openWeb();
    void this.say({
      type: 'built',
      assembly: this.#kernel?.revisions.assembly ?? null,
      reason: this.#obstacle ?? '',
      socket: this.order.mode === 'web' ? socketPath(this.order.run, process.pid) : '',
    });
    const [kernel] = await Promise.all([this.#untilWhole(building), this.#began.promise]);
    if (kernel !== undefined) await this.#takePart(kernel);
  }

  /** Has a thread look whether the event loop turns, and names what it stood still in. */
  #watchLoop(): Promise<void> {
    return startWatchdog({
      folder: incidentFolder(this.order.directory),
      logMs: this.#config.blockLogMs,
      endMs: this.#config.blockEndMs,
      onBlock: ({ extension, at, ms }) => {
        this.#log.warn({ extension, at, ms }, 'the event loop stood still');
        this.#kernel?.spots.at(extension, at).blocked(ms);
      },
      onFailure: (error) => this.#log.error({ err: error }, 'the watchdog has ended'),
    });
  }

  get #role(): 'web' | 'worker' {
    return this.order.mode === 'web' ? 'web' : 'worker';
  }

  /** One attempt. What is wrong with the database or the installation is kept to be told; a slip of ours is thrown. */
  async #build(): Promise<void> {
    let kernel: Kernel | undefined;
    try {
      // The driver would make a missing file anew, and empty.
      if (this.#file.state === 'gone') throw new FileGone(this.#file.path, 'gone');
      kernel = await bootKernel({
        config: this.#config,
        role: this.#role,
        log: this.#log,
      });
      const steps = await kernel.migrations().status();
      const count = steps.filter((step) => step.state === 'pending').length;
      if (count > 0) throw problem('E_HOST_NOT_MIGRATED', { count });
      this.#requireFollowing(kernel);
      await kernel.start();
      this.#file.remember();
      this.#kernel = kernel;
      this.#waitingFor = undefined;
      this.#obstacle = undefined;
    } catch (error) {
      await kernel?.[Symbol.asyncDispose]();
      const isForeseen =
        error instanceof FileGone || (isProblem(error) && ['temporary', 'configuration'].includes(error.kind));
      if (!isForeseen) throw error;
      if (this.#obstacle !== error.message) this.#log.warn({ reason: error.message }, 'no generation yet; trying on');
      this.#obstacle = error.message;
      this.#waitingFor = wordsForVisitors(error);
    }
  }

  /**
   * A candidate takes the place of workers that serve, so it may lack nothing that they have not lacked: where a package
   * is not installed here, the generation before serves on and the reason is shown.
   */
  #requireFollowing(kernel: Kernel): void {
    if (!this.order.isCandidate) return;
    const lost = lacking(kernel).find(({ id }) => !this.order.lacking.includes(id));
    if (lost !== undefined) throw problem('E_HOST_LACKING', { id: lost.id, reason: lost.reason });
  }

  /** Tries until there is a generation; undefined when the end comes first. */
  async #untilWhole(firstAttempt: Promise<void>): Promise<Kernel | undefined> {
    await firstAttempt;
    for (let attempt = 0; this.#kernel === undefined && !this.order.isCandidate && !this.#isEnding; attempt += 1) {
      await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      if (!this.#isEnding) await this.#build();
    }
    return this.#isEnding ? undefined : this.#kernel;
  }

  async #openWeb(): Promise<void> {
    this.#web = new WebServer(
      createApp({
        kernel: () => this.#kernel,
        status: () => ({
          waitingFor: this.#waitingFor,
          trouble: FILE_TROUBLE[this.#file.state],
          notices: this.#notice === '' ? [] : [REPLACEMENT_FAILED],
        }),
        draining: () => this.#isDraining,
        log: this.#log,
        version: this.order.version,
        trustedProxies: this.#config.trustedProxies,
      }),
      (request) => {
        const known = readRevisionCookie(request.headers.cookie);
        return known === undefined ? undefined : this.#watch?.catchUp(known);
      },
    );
    await this.#web.listenLocally(socketPath(this.order.run, process.pid));
  }

  hear(message: ToWorker): void {
    switch (message.type) {
      case 'begin':
        void this.#begin(message.host, message.port);
        break;
      case 'retire':
        void this.#end(message.successors);
        break;
      case 'successors':
        this.#web?.redirect(message.successors);
        break;
      case 'drain':
        this.#isDraining = true;
        void this.#end(undefined);
        break;
      case 'look':
        void this.#watch?.look();
        break;
      case 'notice':
        this.#notice = message.text;
        void this.#row?.report({ problems: message.text === '' ? [] : [message.text] });
        break;
    }
  }

  async #begin(host: string, port: number): Promise<void> {
    try {
      // The row first: who waits for this generation must find it before the old rows go.
      if (this.#kernel !== undefined) {
        await this.#register(this.#kernel);
        if (await this.#isOutdated(this.#kernel)) return this.#leave();
        await this.#takePart(this.#kernel);
      }
      flushCompileCache(); // Now, since the next worker starts long before this one ends.
      tidyHeap();
      let url = '';
      if (this.#web !== undefined) {
        const address = await this.#web.listen(host, port);
        url = listenUrl({ host, port: address.port });
      }
      this.#hasBegun = true;
      void this.say({ type: 'begun', url });
      this.#began.resolve();
    } catch (error) {
      const foreseen = listenProblem(error, listenUrl({ host, port }));
      await (foreseen === undefined ? this.#fail(error) : this.#giveUp(foreseen));
    }
  }

  /** Writes the row by which the installation's other processes know this one. */
  async #register(kernel: Kernel): Promise<void> {
    if (this.#row !== undefined) return;
    const versions = Object.fromEntries(kernel.order.map(({ id, version }) => [id, version]));
    const facts = { role: this.#role, ...kernel.revisions, versions, figures: () => kernel.spots.figures() };
    this.#row = new ProcessRow(kernel.database, facts, this.#log);
    await this.#row.start();
  }

  /** Joins the installation's other processes: a row, an eye on the revision, jobs. */
  async #takePart(kernel: Kernel): Promise<void> {
    if (this.#watch !== undefined) return;
    await this.#register(kernel);
    const { revision, assembly } = kernel.revisions;
    this.#watch = new RevisionWatch({
      read: () => this.#readRevisions(kernel),
      built: { revision, assembly },
      onParameters: async (now) => {
        await kernel.refreshParameters();
        await this.#row?.report({ revision: now });
      },
      onAssembly: (now) => void this.say({ type: 'assembly', assembly: now }),
      onLook: () => {
        void kernel.outbox.sweep();
        void kernel.audit.seal();
      },
      log: this.#log,
    });
    void this.say({ type: 'whole', assembly, lacking: lacking(kernel).map(({ id }) => id) });
    this.#watch.start();
    if (this.order.queues.length > 0) this.#jobs = await kernel.startJobs({ queues: this.order.queues });
  }

  /**
   * Whoever switched something has waited for the rows there were. A worker that was built before the switch and writes
   * its row after it must not serve: nobody waits for it. Where the database is away, old is better than nothing.
   */
  async #isOutdated(kernel: Kernel): Promise<boolean> {
    const now = await this.#readRevisions(kernel).catch(() => undefined);
    return now !== undefined && now.assembly !== kernel.revisions.assembly;
  }

  /** Ends without having served. */
  async #leave(): Promise<never> {
    await this.#row?.remove();
    await this.say({ type: 'outdated', text: 'a newer generation was wanted before this worker could serve' });
    process.exit(0);
  }

  async #readRevisions(kernel: Kernel): Promise<Kernel['revisions']> {
    if (this.#file.state !== 'there') throw new FileGone(this.#file.path, this.#file.state);
    return kernel.revisionRow.read();
  }

  /** Finishes what is held, then ends the process; with successors, what still comes is passed on to them. */
  async #end(successors: readonly string[] | undefined): Promise<void> {
    if (successors === undefined) this.#web?.drain();
    else this.#web?.retire(successors);
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#hasBegun) process.exit(0);
    this.#watch?.stop();
    const deadline = sleep(this.order.retireSeconds * 1_000).then(() => false);
    const finished = Promise.all([this.#row?.remove(), this.#jobs?.stop(), this.#web?.ended])
      // What these have raised is delivered before the process ends.
      .then(() => this.#kernel?.outbox.close())
      .then(() => true);
    if (!(await Promise.race([finished, deadline]))) {
      this.#log.warn({ held: this.#web?.held ?? 0 }, 'ending although not everything is finished');
    }
    this.#web?.destroy();
    // Extensions may hang while stopping; they get what a request would not notice.
    await Promise.race([
      this.#kernel?.[Symbol.asyncDispose]().catch((error: unknown) =>
        this.#log.error({ err: error }, 'stopping failed'),
      ),
      sleep(2_000),
    ]);
    this.#log.flush(() => process.exit(0));
  }

  /** What the operator has to mend: trying again is no use. */
  async #giveUp(error: unknown): Promise<never> {
    const { text, exitCode } = showError(error, { json: false, debug: process.env.POSTHORN_LOG_LEVEL === 'debug' });
    await this.say({ type: 'fatal', text, exitCode });
    process.exit(exitCode);
  }

  /** What nobody foresaw: the supervisor decides whether another worker is to try. */
  async #fail(error: unknown): Promise<never> {
    this.#log.fatal({ err: error }, 'this worker cannot go on');
    await this.say({ type: 'fatal', text: error instanceof Error ? error.message : String(error), exitCode: null });
    await new Promise<void>((resolve) => this.#log.flush(() => resolve()));
    process.exit(1);
  }
}

/** What is wanted and cannot be had here. */
const lacking = (kernel: Kernel) => kernel.states.filter((s) => s.desired === 'enabled' && s.state !== 'enabled');

/**
 * Another file in its place is not opened while serving: SQLite would mix its log with the old one's. A restart, in
 * which every process lets go of the old file first, is safe.
 */
const FILE_TROUBLE = {
  there: undefined,
  gone: 'The database file is not there any more.',
  other: 'Another file has taken the place of the database; restart Posthorn to use it.',
} as const;

const REPLACEMENT_FAILED = 'New workers could not be started, so the ones before serve on. The log says why.';

/** Problems of the kernel whose sentence holds nothing but what an administrator has to do. */
const PLAIN = new Set(['E_HOST_NOT_MIGRATED', 'E_DATABASE_NOT_MIGRATED', 'E_EXTENSIONS']);

function wordsForVisitors(error: Error): string {
  if (error instanceof FileGone) return 'The database file is not there.';
  if (isProblem(error) && error.kind === 'temporary') return 'The database does not answer.';
  if (isProblem(error) && PLAIN.has(error.code)) {
    return error.hint === undefined ? error.message : `${error.message} ${plainText(error.hint)}`;
  }
  return 'This installation cannot be assembled. The log says why.';
}

class FileGone extends Error {
  constructor(path: string, state: 'gone' | 'other') {
    super(state === 'gone' ? `The database file ${path} is not there.` : `${path} is not the file that was opened.`);
  }
}

function listenProblem(error: unknown, address: string): Problem | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return problem('E_HOST_LISTEN_IN_USE', { address });
  if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo') {
    return problem('E_HOST_LISTEN', { address, reason: code ?? 'unknown' });
  }
  return undefined;
}
