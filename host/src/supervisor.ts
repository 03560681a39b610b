import cluster from 'node:cluster';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Member, MemberFailure } from './member.js';
import type { ToSupervisor, ToWorker, WorkerOrder } from './messages.js';
import { RunFolder } from './run-folder.js';
import { StuckWorkers } from './stuck-workers.js';
import { SupervisorLog } from './supervisor-log.js';

export interface SupervisorOptions {
  readonly directory: string;
  readonly version: string;
  readonly mode: 'web' | 'jobs';
  readonly flags: Readonly<Record<string, string>>;
  readonly queues: readonly string[];
}

/** Deaths before anything serves, within which time, after which we give up. */
const CRASH_LIMIT = 5;
const CRASH_WINDOW_MS = 30_000;
/** What a process gets beyond its own deadline before it is killed. */
const GRACE_SECONDS = 5;
/** npm and a terminal both pass one Ctrl C on: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 200;
/** A young generation of 2 instead of 16 MB: costs nothing measurable here and saves a worker some 12 MB. */
const WORKER_FLAGS = ['--max-semi-space-size=2'] as const;
/** How often is looked whether a worker has been given up. */
const STUCK_MS = 500;
const RETRY_MS = [5_000, 10_000, 20_000, 40_000, 60_000] as const;

const seconds = (variable: string, otherwise: number): number => {
  const value = Number(process.env[variable]);
  return Number.isFinite(value) && value > 0 ? value : otherwise;
};

/**
 * Keeps workers running, and exchanges them for new ones when another generation is wanted. It holds no configuration,
 * no database and no code of ours beyond this: what can fail, fails in a worker. It and what it imports use nothing but
 * Node's own modules, since its memory is paid for as long as the program runs.
 */
class Supervisor {
  readonly #log = new SupervisorLog();
  readonly #run: RunFolder;
  readonly #stuck: StuckWorkers;
  readonly #retireSeconds = seconds('POSTHORN_RETIRE_SECONDS', 30);
  readonly #readySeconds = seconds('POSTHORN_READY_SECONDS', 10);
  readonly #done = Promise.withResolvers<number>();

  /** Serving now. */
  #crew = new Set<Member>();
  /** Started to fill a gap in the crew, not serving yet. */
  readonly #coming = new Set<Member>();
  /** Finishing what they hold. */
  readonly #retired = new Set<Member>();
  readonly #everyone = new Set<Member>();

  #size = 1;
  #address: Promise<{ readonly host: string; readonly port: number }> | undefined;
  #isAnnounced = false;
  #isReplacing = false;
  #isStopping = false;
  #failed: { readonly assembly: number | undefined; readonly times: number; readonly at: number } | undefined;
  #crashes: number[] = [];

  constructor(private readonly o: SupervisorOptions) {
    this.#run = new RunFolder(o.directory);
    this.#stuck = new StuckWorkers(o.directory);
  }

  async supervise(): Promise<number> {
    // Workers take connections from the socket themselves. Handed out one by one from here, a connection that is on its
    // way to a worker that dies would neither be answered nor closed, ever.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({
      exec: fileURLToPath(new URL('./worker.js', import.meta.url)),
      args: [],
      execArgv: [...process.execArgv, ...WORKER_FLAGS],
    });
    let stopAt = 0;
    const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
      if (!this.#isStopping) {
        stopAt = performance.now();
        this.#stop(signal);
      } else if (performance.now() - stopAt > SAME_SIGNAL_MS) {
        this.#end(signal === 'SIGINT' ? 130 : 143);
      }
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    process.on('SIGHUP', () => this.#tell(this.#crew, { type: 'look' }));
    process.on('SIGUSR2', () => void this.#replace(undefined, 'asked by SIGUSR2'));
    if (process.getuid?.() === 0) {
      this.#log.write('warn', {}, 'running as root; a user of its own would be safer');
    }
    setInterval(() => this.#endStuck(), STUCK_MS).unref();
    void this.#fill();
    const exitCode = await this.#done.promise;
    for (const member of this.#everyone) member.kill();
    await Promise.all([...this.#everyone].map((member) => member.exited));
    this.#run[Symbol.dispose]();
    return exitCode;
  }

  #hire(isCandidate: boolean): Member {
    const { directory, version, mode, flags, queues } = this.o;
    const order: WorkerOrder = {
      ...{ directory, version, mode, flags, queues, isCandidate },
      run: this.#run.path,
      retireSeconds: this.#retireSeconds,
      lacking: [...this.#crew].flatMap((member) => member.lacking),
    };
    const member = new Member(order, (from, message) => this.#hear(from, message));
    this.#everyone.add(member);
    void member.exited.then(() => this.#bury(member));
    return member;
  }

  /** Starts workers until the crew is complete. The first one tells how many that is. */
  async #fill(): Promise<void> {
    while (!this.#isStopping && this.#crew.size + this.#coming.size < this.#size) {
      const member = this.#hire(false);
      this.#coming.add(member);
      void this.#join(member);
      if (this.#address !== undefined) continue;
      try {
        this.#accept(await member.settings);
      } catch {
        return; // Joining failed as well: it says why, and whether to go on.
      }
    }
  }

  /** Sees one worker from its start into the crew; one that fails is made up for after a pause. */
  async #join(member: Member): Promise<void> {
    try {
      await member.settings;
      await member.built;
      const url = await this.#begin(member);
      if (!this.#coming.delete(member)) return; // A new generation took over meanwhile.
      this.#crew.add(member);
      this.#announce(url);
      this.#tellSuccessors();
    } catch (error) {
      const wasAwaited = this.#coming.delete(member);
      member.kill();
      if (!wasAwaited || this.#isStopping) return;
      const failure = error as MemberFailure;
      if (failure.isOutdated) return this.#fill();
      if (failure.exitCode !== undefined && this.#crew.size === 0) {
        process.stderr.write(failure.message);
        this.#end(failure.exitCode);
        return;
      }
      const reason = `${failure.message.trim()}${this.#stuck.heldUp(member.pid)}`;
      this.#log.write('error', { reason }, 'a worker could not start');
      await this.#again(reason);
    }
  }

  async #again(reason: string): Promise<void> {
    const now = performance.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    if (this.#crashes.length >= CRASH_LIMIT && this.#crew.size === 0) {
      process.stderr.write(
        `posthorn: ${CRASH_LIMIT} workers ended within 30 seconds before they were ready: ${reason}\n`,
      );
      this.#end(1);
      return;
    }
    // The first is made up for at once; who keeps falling waits longer each time.
    await sleep(this.#crashes.length <= 1 ? 0 : Math.min(5_000, 100 * 2 ** (this.#crashes.length - 2)));
    await this.#fill();
  }

  #accept(settings: Extract<ToSupervisor, { type: 'settings' }>): void {
    this.#size = this.o.mode === 'jobs' ? 1 : settings.workers;
    this.#log.setLevel(settings.logLevel);
    const { host, port } = settings;
    // A port that the system chooses is chosen once, or each worker would listen elsewhere.
    if (port !== 0) this.#address = Promise.resolve({ host, port });
    else this.#address ??= freePort(host).then((chosen) => ({ host, port: chosen }));
  }

  async #begin(member: Member): Promise<string> {
    member.tell({ type: 'begin', ...(await (this.#address ?? { host: '127.0.0.1', port: 0 })) });
    return member.begun;
  }

  #announce(url: string): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    process.stdout.write(
      this.o.mode === 'web'
        ? `Posthorn ${this.o.version} listens on ${url}\n`
        : `Posthorn ${this.o.version} runs jobs of ${this.o.queues.join(', ')}\n`,
    );
  }

  /** Ends workers whose event loop does not turn any more. */
  #endStuck(): void {
    for (const { pid, extension, at } of this.#stuck.look()) {
      const member = [...this.#everyone].find((one) => one.pid === pid);
      if (member === undefined) continue;
      this.#log.write('error', { worker: pid, extension, at }, 'a worker does not go on; ending it');
      if (this.#crew.delete(member) && !this.#isStopping) void this.#relieve(member);
      else member.kill();
    }
  }

  /** Its successor first: it takes over the connections that wait at the socket, which would close with the last worker. */
  async #relieve(member: Member): Promise<void> {
    await this.#fill();
    const begun = Promise.allSettled([...this.#coming].map((one) => one.begun));
    await Promise.race([begun, sleep(this.#readySeconds * 1_000)]);
    member.kill();
  }

  /** A process is gone: its socket goes, and if it served, another one comes. */
  #bury(member: Member): void {
    this.#everyone.delete(member);
    this.#retired.delete(member);
    this.#run.removeSocket(member.pid);
    this.#stuck.forget(member.pid);
    const served = this.#crew.delete(member);
    if (this.#isStopping) {
      if (this.#everyone.size === 0) this.#done.resolve(0);
      return;
    }
    if (!served) return;
    this.#tellSuccessors();
    const { exitCode, signalCode } = member.worker.process;
    this.#log.write('error', { worker: member.pid, exitCode, signal: signalCode }, 'a worker ended; starting another');
    void this.#again(`the last ended with ${signalCode ?? exitCode}`);
  }

  #hear(from: Member, message: ToSupervisor): void {
    if (!this.#crew.has(from)) return;
    if (message.type === 'assembly') void this.#replace(message.assembly, `assembly ${message.assembly} is wanted`);
  }

  /** Whether it is too early to try again what failed. */
  #isWaiting(assembly: number | undefined): boolean {
    if (this.#failed === undefined || this.#failed.assembly !== assembly) return false;
    const pause = RETRY_MS[Math.min(this.#failed.times, RETRY_MS.length) - 1] ?? RETRY_MS[0];
    return performance.now() - this.#failed.at < pause;
  }

  /** Exchanges the whole crew. Workers keep asking while they are out of date, so nothing is queued here. */
  async #replace(assembly: number | undefined, why: string): Promise<void> {
    if (this.#isReplacing || this.#isStopping || this.#crew.size === 0 || this.#isWaiting(assembly)) return;
    if (assembly !== undefined && [...this.#crew].every((member) => member.assembly === assembly)) return;
    this.#isReplacing = true;
    const startedAt = performance.now();
    const candidates: Member[] = [];
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), this.#readySeconds * 1_000);
    try {
      const inTime = within(overdue.signal, `not ready within ${this.#readySeconds} seconds`);
      const first = this.#hire(true);
      candidates.push(first);
      this.#accept(await inTime(first.settings));
      while (candidates.length < this.#size) candidates.push(this.#hire(true));
      for (const { assembly: its, reason } of await inTime(Promise.all(candidates.map((member) => member.built)))) {
        if (its === null) throw new MemberFailure(reason);
      }
      if (this.#isStopping) throw new MemberFailure('the program is stopping');
      await inTime(Promise.all(candidates.map((member) => this.#begin(member))));
    } catch (error) {
      const heldUp = candidates.map(({ pid }) => this.#stuck.heldUp(pid)).join('');
      this.#discard(candidates);
      // Of a generation that nobody wants any more: the workers ask for the newer one.
      if (!(error as MemberFailure).isOutdated) this.#fail(assembly, `${(error as Error).message.trim()}${heldUp}`);
      return;
    } finally {
      clearTimeout(timer);
      this.#isReplacing = false;
    }
    const old = this.#crew;
    this.#crew = new Set(candidates.filter((member) => !member.hasExited));
    // Who was still on the way belongs to the old generation, or at least to nobody's plan.
    for (const member of this.#coming) member.kill();
    this.#coming.clear();
    for (const member of old) this.#retire(member);
    this.#tellSuccessors();
    this.#failed = undefined;
    const ms = Math.round(performance.now() - startedAt);
    this.#log.write('info', { why, workers: this.#crew.size, ms }, 'workers replaced');
    if (this.#crew.size < this.#size) void this.#again('a new worker ended at once');
  }

  #fail(assembly: number | undefined, reason: string): void {
    if (this.#isStopping) return;
    const before = this.#failed;
    const times = before !== undefined && before.assembly === assembly ? before.times + 1 : 1;
    this.#failed = { assembly, times, at: performance.now() };
    this.#log.write('error', { assembly, reason }, 'new workers did not become ready; the old ones serve on');
    this.#tell(this.#crew, {
      type: 'notice',
      text: `${assembly === undefined ? 'reload' : `assembly ${assembly}`}: ${reason}`,
    });
  }

  /** Candidates that will not serve. One that may hold a connection by now passes it on before it ends. */
  #discard(candidates: readonly Member[]): void {
    for (const member of candidates) {
      if (member.hasExited) continue;
      if (member.worker.isConnected()) this.#retire(member);
      else member.kill();
    }
  }

  #retire(member: Member): void {
    this.#retired.add(member);
    member.tell({ type: 'retire', successors: this.#sockets() });
    member.killAfter(this.#retireSeconds + GRACE_SECONDS);
  }

  #sockets(): string[] {
    return [...this.#crew].map((member) => member.socket).filter((path) => path !== '');
  }

  #tellSuccessors(): void {
    this.#tell(this.#retired, { type: 'successors', successors: this.#sockets() });
  }

  #tell(members: Iterable<Member>, message: ToWorker): void {
    for (const member of members) member.tell(message);
  }

  #stop(signal: string): void {
    this.#isStopping = true;
    this.#log.write('info', { signal }, 'stopping: finishing what is held');
    if (this.#everyone.size === 0) this.#done.resolve(0);
    for (const member of this.#everyone) {
      member.tell({ type: 'drain' });
      member.killAfter(this.#retireSeconds + GRACE_SECONDS);
    }
  }

  #end(exitCode: number): void {
    this.#isStopping = true;
    this.#done.resolve(exitCode);
  }
}

/** Bounds a wait by a deadline shared with others. */
const within =
  (signal: AbortSignal, message: string) =>
  <T>(work: Promise<T>): Promise<T> =>
    Promise.race([
      work,
      new Promise<never>((_, reject) => {
        const late = () => reject(new MemberFailure(message));
        if (signal.aborted) late();
        else signal.addEventListener('abort', late, { once: true });
      }),
    ]);

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host === '' ? undefined : host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Runs until it is told to stop; returns the exit code. */
export const supervise = (o: SupervisorOptions): Promise<number> => new Supervisor(o).supervise();
