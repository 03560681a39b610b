/** Failures within which time open the breaker, for how long, and how many rounds are enough. */
const FAILURES = 5;
const WITHIN_MS = 60_000;
const OPEN_MS = 60_000;
const ROUNDS = 3;

/**
 * Keeps one extension's listeners to one hook from failing for ever: after five failures within a minute they are
 * skipped for a minute, then one call tries again. A trial that fails is the next round; the third round has it given up
 * until somebody lifts that. A trial that succeeds forgets everything.
 */
export class Breaker {
  /** The only thing that a healthy call looks at. */
  isOpen = false;
  #failures: number[] = [];
  #until = 0;
  #rounds = 0;
  #isTrying = false;
  #isGivenUp = false;

  constructor(private readonly now: () => number) {}

  /** Whether this call is left out. Where it is not, it is the trial, and the answer has to be told. */
  isSkipped(): boolean {
    if (this.#isGivenUp || this.#isTrying || this.now() < this.#until) return true;
    this.#isTrying = true;
    return false;
  }

  /** The trial has succeeded. A call from before it opened, which ends only now, says nothing. */
  succeeded(): void {
    if (this.#isTrying) this.#close();
  }

  /** Returns true where this failure is the one too many. */
  failed(): boolean {
    if (this.isOpen && !this.#isTrying) return false;
    const now = this.now();
    if (!this.#isTrying) {
      this.#failures = [...this.#failures.filter((at) => now - at < WITHIN_MS), now];
      if (this.#failures.length < FAILURES) return false;
    }
    this.#isTrying = false;
    this.#failures = [];
    this.#rounds += 1;
    this.#until = now + OPEN_MS;
    this.isOpen = true;
    if (this.#rounds < ROUNDS) return false;
    this.#isGivenUp = true;
    return true;
  }

  /** Gives up what another process has found, or takes that back. */
  setGivenUp(isGivenUp: boolean): void {
    if (isGivenUp === this.#isGivenUp) return;
    this.#close();
    this.#isGivenUp = isGivenUp;
    this.isOpen = isGivenUp;
  }

  get state(): 'closed' | 'open' | 'given-up' {
    return this.#isGivenUp ? 'given-up' : this.isOpen ? 'open' : 'closed';
  }

  #close(): void {
    this.isOpen = false;
    this.#isTrying = false;
    this.#isGivenUp = false;
    this.#rounds = 0;
    this.#failures = [];
  }
}
