/**
 * Durations in a fixed number of classes: 4 for each doubling from 1 microsecond to 67 seconds, so that a percentile is
 * right to a fifth, whatever was added, in 420 bytes.
 */
const PER_DOUBLING = 4;
const CLASSES = 26 * PER_DOUBLING + 1;
const SHORTEST_MS = 0.001;

/** Class number → how often; classes without a sample are left out. */
export type Counts = Readonly<Record<string, number>>;

export class Histogram {
  readonly #counts = new Uint32Array(CLASSES);

  /** `weight` is how many calls this one sample stands for. */
  add(ms: number, weight = 1): void {
    const at = ms <= SHORTEST_MS ? 0 : Math.ceil(Math.log2(ms / SHORTEST_MS) * PER_DOUBLING);
    const to = Math.min(at, CLASSES - 1);
    this.#counts[to] = (this.#counts[to] ?? 0) + weight;
  }

  /** Takes in what another one, of this or another process, has counted. */
  merge(counts: Counts): void {
    for (const [at, count] of Object.entries(counts)) {
      if (Number(at) < CLASSES) this.#counts[Number(at)] = (this.#counts[Number(at)] ?? 0) + count;
    }
  }

  toJSON(): Counts {
    return Object.fromEntries([...this.#counts].flatMap((count, at) => (count === 0 ? [] : [[at, count]])));
  }

  /** The duration in milliseconds that `share` (0 to 1) of the samples do not exceed; 0 without samples. */
  percentile(share: number): number {
    const wanted = this.#counts.reduce((sum, count) => sum + count, 0) * share;
    if (wanted === 0) return 0;
    let seen = 0;
    const at = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= wanted;
    });
    return SHORTEST_MS * 2 ** (at / PER_DOUBLING);
  }
}
