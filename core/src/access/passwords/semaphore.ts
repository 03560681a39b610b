import { availableParallelism } from 'node:os';

/** Lets at most `permits` holders in at a time; the others wait in order of arrival. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @throws RangeError unless `permits` is a positive integer. */
  constructor(permits: number) {
    if (!Number.isInteger(permits) || permits < 1) throw new RangeError('a semaphore needs at least one permit');
    this.#free = permits;
  }

  /** Number of callers waiting for a permit. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Waits for a permit. @returns what gives the permit back; calling it again does nothing. */
  async acquire(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      // The permit goes to the next in line directly: a newcomer must not overtake it.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    };
  }

  /** Runs `work` while holding a permit, which is given back however `work` ends. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }
}

/**
 * How many hashes may be computed at once: one core stays free for everybody else's requests, and two threads of the
 * libuv pool for compressing, files and DNS; at least one.
 */
export function poolPermits(cores: number, poolSize: number): number {
  return Math.max(1, Math.min(cores - 1, poolSize - 2));
}

/** Threads in the libuv pool: UV_THREADPOOL_SIZE within 1 to 1024, or 4 (libuv documentation, "Thread pool work scheduling"). */
export function libuvPoolSize(environment: NodeJS.ProcessEnv = process.env): number {
  const text = environment.UV_THREADPOOL_SIZE;
  if (text === undefined) return 4;
  const size = Number.parseInt(text, 10);
  return Math.min(1024, Math.max(1, Number.isNaN(size) ? 1 : size));
}

/** Shared by everything here that computes on a libuv pool (Argon2 and PBKDF2). */
export const hashingPool = new Semaphore(poolPermits(availableParallelism(), libuvPoolSize()));
