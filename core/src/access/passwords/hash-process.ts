import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ArgonRequest } from './argon-compute.js';

/** What goes to the process, and what comes back. */
export interface HashRequest {
  readonly id: number;
  readonly request: ArgonRequest;
}
export type HashReply =
  | { readonly id: number; readonly tag: Uint8Array }
  | { readonly id: number; readonly error: string };

type Compute = (request: ArgonRequest) => Promise<Buffer>;

/** Options of a `HashProcess`; the defaults are for production, tests set their own. */
export interface HashProcessOptions {
  /** How long an idle process is kept, in milliseconds. */
  readonly idleMs?: number;
  readonly start?: () => ChildProcess;
}

interface Job {
  readonly resolve: (tag: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** The process ended before it answered. */
class Lost extends Error {}

/**
 * Computes Argon2 in a process of its own, of low priority, so that sign-ins take no time from requests that need little:
 * in this process they would fill the libuv pool and every core. The process starts with the first request and ends after
 * a while without work, with its memory; when it dies or cannot be started, what it had is computed here.
 */
export class HashProcess {
  readonly #here: Compute;
  readonly #idleMs: number;
  readonly #start: () => ChildProcess;
  readonly #jobs = new Map<number, Job>();
  #child: ChildProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #lastId = 0;

  /** @param here computes in this process. */
  constructor(here: Compute, { idleMs = 15_000, start = startChild }: HashProcessOptions = {}) {
    this.#here = here;
    this.#idleMs = idleMs;
    this.#start = start;
  }

  /** Its number, while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The tag. Rejects when the native code fails (out of memory). */
  async compute(request: ArgonRequest): Promise<Buffer> {
    try {
      return await this.#ask(request);
    } catch (error) {
      if (error instanceof Lost) return this.#here(request);
      throw error;
    }
  }

  /** Ends the process; a later request starts a new one. */
  close(): void {
    const child = this.#child;
    this.#lose(child);
    if (child?.connected === true) child.disconnect();
  }

  #ask(request: ArgonRequest): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      clearTimeout(this.#idleTimer);
      this.#lastId += 1;
      const id = this.#lastId;
      this.#jobs.set(id, { resolve, reject });
      try {
        this.#child ??= this.#attach(this.#start());
      } catch (error) {
        this.#jobs.delete(id);
        reject(new Lost('no process', { cause: error }));
        return;
      }
      const child = this.#child;
      child.ref();
      child.channel?.ref();
      const message: HashRequest = { id, request };
      child.send(message, (error) => {
        if (error !== null) this.#lose(child);
      });
    });
  }

  #attach(child: ChildProcess): ChildProcess {
    child.on('message', (reply: HashReply) => this.#finish(reply));
    child.on('error', () => this.#lose(child));
    child.on('exit', () => this.#lose(child));
    child.on('disconnect', () => this.#lose(child));
    return child;
  }

  #finish(reply: HashReply): void {
    const job = this.#jobs.get(reply.id);
    this.#jobs.delete(reply.id);
    if ('tag' in reply) job?.resolve(Buffer.from(reply.tag));
    else job?.reject(new Error(`Argon2 failed: ${reply.error}`));
    if (this.#jobs.size > 0) return;
    // A program may end while the process rests; the end of the channel tells it.
    this.#child?.unref();
    this.#child?.channel?.unref();
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.close(), this.#idleMs).unref();
  }

  #lose(child: ChildProcess | undefined): void {
    if (child === undefined || child !== this.#child) return;
    clearTimeout(this.#idleTimer);
    this.#child = undefined;
    const lost = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of lost) job.reject(new Lost('the process ended'));
  }
}

function startChild(): ChildProcess {
  const compiled = new URL('./hash-child.js', import.meta.url);
  // Beside TypeScript sources (tests) there is no compiled file: Node runs the source, stripping its types.
  const file = existsSync(compiled) ? compiled : new URL('./hash-child.ts', import.meta.url);
  // Nothing but passwords and salts goes there: no settings of the parent, and none of its Node options.
  const env = process.env.PATH === undefined ? {} : { PATH: process.env.PATH };
  return fork(fileURLToPath(file), { serialization: 'advanced', execArgv: [], env });
}
