import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** One computation: `setting` is a crypt(3) hash whose cost has been checked, or the start of one. */
export interface CryptRequest {
  readonly password: string;
  readonly setting: string;
}

/** The thread's answer to one request. */
export type CryptReply = { readonly hash: string } | { readonly error: string };

/** Options of a `CryptWorker`; the defaults are for production, tests set their own. */
export interface CryptWorkerOptions {
  /** How long an idle thread is kept, in milliseconds. */
  readonly idleMs?: number;
  /** Starts the thread. */
  readonly start?: () => Worker;
}

interface Job {
  readonly request: CryptRequest;
  readonly resolve: (hash: string) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
}

/** A thread that dies takes its request with it; one that dies twice over the same request is not started a third time for it. */
const maxAttempts = 2;

/**
 * Computes crypt(3) hashes in one worker thread, in order of arrival, so that hashing in JavaScript
 * never blocks the event loop. The thread starts with the first request, is replaced when it dies, and
 * stops after a while without work. It keeps the process alive only while requests are outstanding: a
 * command-line program can end as soon as it has its answers.
 */
export class CryptWorker {
  readonly #idleMs: number;
  readonly #start: () => Worker;
  readonly #queue: Job[] = [];
  #thread: Worker | undefined;
  #current: Job | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor({ idleMs = 5000, start = startThread }: CryptWorkerOptions = {}) {
    this.#idleMs = idleMs;
    this.#start = start;
  }

  /** The thread, while there is one. */
  get thread(): Worker | undefined {
    return this.#thread;
  }

  /**
   * The crypt(3) hash string of a password.
   *
   * @throws Error when the thread cannot compute it, dies twice over it, or is closed meanwhile.
   */
  crypt(password: string, setting: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request: { password, setting }, resolve, reject, attempts: 0 });
      this.#next();
    });
  }

  /** Stops the thread; outstanding requests are rejected. A later request starts a new one. */
  async close(): Promise<void> {
    const outstanding = this.#current ? [this.#current, ...this.#queue] : [...this.#queue];
    this.#current = undefined;
    this.#queue.length = 0;
    const stopped = this.#stop();
    for (const job of outstanding) job.reject(new Error('the crypt worker was closed'));
    await stopped;
  }

  #next(): void {
    if (this.#current) return;
    const job = this.#queue.shift();
    if (!job) {
      this.#rest();
      return;
    }
    clearTimeout(this.#idleTimer);
    this.#current = job;
    job.attempts += 1;
    try {
      this.#thread ??= this.#attach(this.#start());
      this.#thread.ref();
      this.#thread.postMessage(job.request);
    } catch (error) {
      this.#finish({ error: error instanceof Error ? error.message : String(error) });
    }
  }

  #attach(thread: Worker): Worker {
    let cause: unknown;
    thread.on('message', (reply: CryptReply) => {
      if (thread === this.#thread) this.#finish(reply);
    });
    // An 'error' is always followed by 'exit', where the loss is dealt with; unheard it would end the process.
    thread.on('error', (error) => {
      cause = error;
    });
    thread.on('exit', () => {
      if (thread === this.#thread) this.#lost(cause);
    });
    return thread;
  }

  #finish(reply: CryptReply): void {
    const job = this.#current;
    this.#current = undefined;
    if ('hash' in reply) job?.resolve(reply.hash);
    else job?.reject(new Error(`crypt(3) failed: ${reply.error}`));
    this.#next();
  }

  #lost(cause: unknown): void {
    clearTimeout(this.#idleTimer);
    this.#thread = undefined;
    const job = this.#current;
    this.#current = undefined;
    if (!job) return;
    if (job.attempts < maxAttempts) this.#queue.unshift(job);
    else job.reject(new Error('the crypt worker thread died', { cause }));
    this.#next();
  }

  #rest(): void {
    if (!this.#thread) return;
    this.#thread.unref();
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => void this.#stop(), this.#idleMs).unref();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const thread = this.#thread;
    // Forgotten first, so that its exit is not taken for a crash.
    this.#thread = undefined;
    await thread?.terminate();
  }
}

/** The one of this process. */
export const cryptWorker = new CryptWorker();

function startThread(): Worker {
  const compiled = new URL('./crypt-thread.js', import.meta.url);
  // Beside TypeScript sources (tests) there is no compiled file: Node runs the source, stripping its types.
  const file = existsSync(compiled) ? compiled : new URL('./crypt-thread.ts', import.meta.url);
  // Node options of the parent (loaders, inspectors, preloaded modules) are no business of this thread.
  return new Worker(file, { name: 'crypt', execArgv: [] });
}
