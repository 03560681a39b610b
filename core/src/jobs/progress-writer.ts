import { AsyncLocalStorage } from 'node:async_hooks';
import type { Progress } from './driver.js';

/** What the column holds. */
const MAX = 2_147_483_647;

const count = (n: number): number => Math.min(Math.max(Math.trunc(n), 0), MAX);

/**
 * Keeps a run's progress and writes it at most every `everyMs`. It writes outside the caller's asynchronous context: a
 * job reports from inside its own transactions, and there the row would stay locked, and unseen, until they end.
 */
export class ProgressWriter {
  #latest: Progress | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly write: (progress: Progress) => Promise<void>,
    private readonly everyMs = 500,
  ) {}

  get latest(): Progress | undefined {
    return this.#latest;
  }

  report(done: number, total: number | undefined): void {
    if (this.#isStopped || !Number.isFinite(done)) return;
    this.#latest = { done: count(done), total: total === undefined || !Number.isFinite(total) ? null : count(total) };
    this.#timer ??= this.#outside(() => setTimeout(() => void this.#flush(), this.everyMs));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #flush(): Promise<void> {
    const written = this.#latest;
    if (written === undefined) return;
    await this.write(written);
    this.#timer = undefined;
    // reported while that was written
    if (this.#latest !== written && !this.#isStopped)
      this.report((this.#latest as Progress).done, (this.#latest as Progress).total ?? undefined);
  }
}
