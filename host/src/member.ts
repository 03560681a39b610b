import cluster, { type Worker } from 'node:cluster';
import { codeCache } from './code-cache.js';
import type { ToSupervisor, ToWorker, WorkerOrder } from './messages.js';

type Settings = Extract<ToSupervisor, { type: 'settings' }>;
type Built = Extract<ToSupervisor, { type: 'built' }>;

/** Why a worker ended or could not begin. */
export class MemberFailure extends Error {
  constructor(
    message: string,
    /** Set where trying again is no use. */
    readonly exitCode?: number | undefined,
    /** Nothing is wrong with it: a newer generation is wanted. */
    readonly isOutdated = false,
  ) {
    super(message);
  }
}

/** One worker process as the supervisor sees it: its steps as promises, all of which fail when it ends before. */
export class Member {
  readonly worker: Worker;
  readonly settings: Promise<Settings>;
  readonly built: Promise<Built>;
  readonly begun: Promise<string>;
  readonly exited: Promise<void>;
  assembly: number | null = null;
  lacking: readonly string[] = [];
  socket = '';
  hasExited = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(order: WorkerOrder, onMessage: (member: Member, message: ToSupervisor) => void) {
    // One pool of memory for all threads instead of one for each: 3 MB less, and a worker has one busy thread.
    const cache = codeCache(order.directory);
    this.worker = cluster.fork({
      MALLOC_ARENA_MAX: '1',
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
      ...process.env,
      POSTHORN_WORKER: JSON.stringify(order),
    });
    const settings = Promise.withResolvers<Settings>();
    const built = Promise.withResolvers<Built>();
    const begun = Promise.withResolvers<string>();
    const exited = Promise.withResolvers<void>();
    this.settings = settings.promise;
    this.built = built.promise;
    this.begun = begun.promise;
    this.exited = exited.promise;
    const fail = (failure: MemberFailure): void => {
      for (const step of [settings, built, begun]) {
        step.promise.catch(() => {}); // Whoever waits hears it; nobody has to wait.
        step.reject(failure);
      }
    };
    this.worker.on('message', (message: ToSupervisor) => {
      switch (message.type) {
        case 'settings':
          settings.resolve(message);
          break;
        case 'built':
          this.assembly = message.assembly;
          this.socket = message.socket;
          built.resolve(message);
          break;
        case 'begun':
          begun.resolve(message.url);
          break;
        case 'whole':
          this.assembly = message.assembly;
          this.lacking = message.lacking;
          break;
        case 'outdated':
          fail(new MemberFailure(message.text, undefined, true));
          break;
        case 'fatal':
          fail(new MemberFailure(message.text, message.exitCode ?? undefined));
          break;
        default:
          onMessage(this, message);
      }
    });
    this.worker.on('error', (error) => fail(new MemberFailure(error.message)));
    this.worker.on('exit', (code, signal) => {
      this.hasExited = true;
      clearTimeout(this.#timer);
      fail(
        new MemberFailure(
          signal === null ? `the worker ended with code ${code}` : `the worker was killed by ${signal}`,
        ),
      );
      exited.resolve();
    });
  }

  get pid(): number {
    return this.worker.process.pid ?? 0;
  }

  tell(message: ToWorker): void {
    // The channel may close at any moment; the exit that follows says everything.
    if (this.worker.isConnected()) this.worker.send(message, () => {});
  }

  /** Ends it at once. */
  kill(): void {
    this.worker.process.kill('SIGKILL');
  }

  /** Ends it by force unless it ended by itself: an endless loop hears no message. */
  killAfter(seconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kill(), seconds * 1_000);
    this.#timer.unref();
  }
}
