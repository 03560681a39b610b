import type { Problem } from '@posthorn/sdk';

/** What became of a row that was not imported. */
export interface Verdict {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly problem: Problem;
  /** It was there already, and that was to be accepted. */
  readonly isAccepted: boolean;
  /** A path that tells more. */
  readonly why: string | undefined;
}

/** Verdicts of each sort that are kept; beyond that they are counted. */
export const VERDICTS_MAX = 1_000;

/** Verdicts on rows: all are counted and told, the first ones are kept, so that a million take the memory of those. */
export class Verdicts {
  readonly #kept: Verdict[] = [];
  #refused = 0;
  #accepted = 0;

  constructor(private readonly tell?: (verdict: Verdict) => void) {}

  add(verdict: Verdict): void {
    const count = verdict.isAccepted ? this.#accepted : this.#refused;
    if (count < VERDICTS_MAX) this.#kept.push(verdict);
    if (verdict.isAccepted) this.#accepted += 1;
    else this.#refused += 1;
    this.tell?.(verdict);
  }

  /** In the order of rows. */
  get kept(): readonly Verdict[] {
    return this.#kept;
  }
  /** Rows that cannot be imported. */
  get refused(): number {
    return this.#refused;
  }
  /** Rows that were there already and were to be left. */
  get accepted(): number {
    return this.#accepted;
  }
}
