/** How long a delivered event may wait for others to be forgotten with it. */
const GATHER_MS = 25;
/** After a failure. */
const AGAIN_MS = 1_000;

/**
 * Forgets delivered events together: a transaction for each would cost more than its delivery. What is not forgotten
 * because the process dies is delivered again.
 */
export class Acknowledgements {
  #waiting: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(
    private readonly remove: (ids: readonly number[]) => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  add(id: number): void {
    this.#waiting.push(id);
    this.#begin(GATHER_MS);
  }

  /** Writes what waits now. Never throws: what could not be written is tried again later. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ids = this.#waiting;
    if (ids.length === 0) return;
    this.#waiting = [];
    this.#writing = this.remove(ids)
      .catch((error: unknown) => {
        this.#waiting = [...ids, ...this.#waiting];
        this.#begin(AGAIN_MS);
        this.onError(error);
      })
      .finally(() => {
        this.#writing = undefined;
      });
    await this.#writing;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #begin(ms: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), ms).unref();
  }
}
