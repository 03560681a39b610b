import type { Data } from '@posthorn/sdk';
import { DatabaseLimiter } from './database-limiter.js';

export interface Failures {
  readonly count: number;
  /** Milliseconds until they are forgotten. */
  readonly left: number;
}

const NONE: Failures = { count: 0, left: 0 };

/** Failures by kind and key, each kind with a limit of its own. */
export class FailureCounts<Kind extends string> {
  readonly #limiters: ReadonlyMap<Kind, DatabaseLimiter>;
  /** In one order everywhere, so that two failures at once never wait for each other in a circle. */
  readonly #order: readonly Kind[];

  constructor(
    private readonly data: Data,
    limits: Readonly<Record<Kind, number>>,
    windowMs: number,
  ) {
    this.#order = (Object.keys(limits) as Kind[]).sort();
    this.#limiters = new Map(
      this.#order.map((kind) => {
        const o = { keyPrefix: kind, points: limits[kind], duration: windowMs / 1000 };
        return [kind, new DatabaseLimiter(data, o)];
      }),
    );
  }

  async of(keys: Readonly<Record<Kind, string>>): Promise<Readonly<Record<Kind, Failures>>> {
    const found = this.#order.map(async (kind) => {
      const counted = await this.#limiter(kind).get(keys[kind]);
      return [kind, counted === null ? NONE : { count: counted.consumedPoints, left: counted.msBeforeNext }] as const;
    });
    return Object.fromEntries(await Promise.all(found)) as Record<Kind, Failures>;
  }

  async add(keys: Readonly<Record<Kind, string>>): Promise<void> {
    await this.data.write(async () => {
      for (const kind of this.#order) await this.#limiter(kind).penalty(keys[kind]);
    });
  }

  async forget(kind: Kind, key: string): Promise<void> {
    await this.#limiter(kind).delete(key);
  }

  async forgetBeginning(kind: Kind, prefix: string): Promise<void> {
    await this.data.execute('delete from core_throttle where id like ?', [`${kind}:${prefix}%`]);
  }

  #limiter(kind: Kind): DatabaseLimiter {
    return this.#limiters.get(kind) as DatabaseLimiter;
  }
}
