/**
 * Counts of what is under way, by key, in this process. Whoever found no room waits for the next one that ends, in order
 * of arrival under the first key.
 */
export class Attempts {
  readonly #underWay = new Map<string, number>();
  readonly #queues = new Map<string, { readonly length: number; readonly last: Promise<void> }>();
  #ended = 0;
  #next = Promise.withResolvers<void>();

  /** How many attempts have ended so far; what was read before another one ended may be out of date. */
  get ended(): number {
    return this.#ended;
  }

  /** Counts one more under each key and returns how many there are now, in the order of the keys. */
  begin(keys: readonly string[]): readonly number[] {
    return keys.map((key) => {
      const count = (this.#underWay.get(key) ?? 0) + 1;
      this.#underWay.set(key, count);
      return count;
    });
  }

  /** Takes back one that began. `isOver`: it was made or refused; otherwise it only looked and goes on waiting. */
  giveBack(keys: readonly string[], isOver: boolean): void {
    for (const key of keys) {
      const count = (this.#underWay.get(key) ?? 1) - 1;
      if (count > 0) this.#underWay.set(key, count);
      else this.#underWay.delete(key);
    }
    if (!isOver) return;
    this.#ended += 1;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  /** Resolves when an attempt ends after the `ended` given, at the latest after `ms`. */
  async change(ended: number, ms: number): Promise<void> {
    if (this.#ended !== ended) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([promise, this.#next.promise]);
    clearTimeout(timer);
  }

  /** Runs `work` when those before it in the queue have had their turn; undefined where the queue is full. */
  async inTurn<T>(queue: string, most: number, work: () => Promise<T>): Promise<T | undefined> {
    const { length, last } = this.#queues.get(queue) ?? { length: 0, last: Promise.resolve() };
    if (length >= most) return undefined;
    const turn = Promise.withResolvers<void>();
    this.#queues.set(queue, { length: length + 1, last: turn.promise });
    await last;
    try {
      return await work();
    } finally {
      turn.resolve();
      const now = this.#queues.get(queue);
      if (now === undefined || now.length <= 1) this.#queues.delete(queue);
      else this.#queues.set(queue, { length: now.length - 1, last: now.last });
    }
  }
}
