const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `15m`, `90s`, `2h`, `1d`, `250ms`, or milliseconds. Throws a TypeError for anything else. */
export function durationOf(text: string | number): number {
  if (typeof text === 'number') return text;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined) throw new TypeError(`not a duration: ${text}; write 15m, 90s, 2h, 1d or 250ms`);
  return Number(amount) * (UNITS[unit] as number);
}

/** The time of a test host: the machine's, or the given one, ahead by what it was advanced. */
export class TestClock {
  #ahead = 0;
  readonly #base: () => Date;
  readonly #onAdvance: (from: Date, ms: number) => Promise<void>;

  constructor(base: () => Date, onAdvance: (from: Date, ms: number) => Promise<void>) {
    this.#base = base;
    this.#onAdvance = onAdvance;
  }

  readonly now = (): Date => new Date(this.#base().getTime() + this.#ahead);

  /**
   * Lets time pass: sessions age, jobs and leases become due, and what `cron` names meanwhile is enqueued, of each job
   * one time at most, as in a host that was busy. Nothing is run: that is `host.jobs.drain()`.
   */
  async advance(by: string | number): Promise<void> {
    const ms = durationOf(by);
    const from = this.now();
    this.#ahead += ms;
    await this.#onAdvance(from, ms);
  }
}
