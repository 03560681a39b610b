import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CandidateOrder, CandidatePlan, FromCandidate, ToCandidate } from './candidate-messages.js';

/** Milliseconds in which an arrangement must stand; its parts were imported before, each in less. */
const PLAN_MS = 20_000;

/** Schema steps failed; `steps` are those that ran before and are still there. */
export class StepsFailed extends Error {
  constructor(
    reason: string,
    readonly steps: readonly string[],
  ) {
    super(reason);
  }
}

/** An arrangement that is tried in a process of its own. Ends with its disposal. */
export class CandidateProcess implements Disposable {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./candidate-child.js', import.meta.url)), [], {
      // Nothing of it belongs into what a command prints as data.
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [],
    });
  }

  /** What the arrangement would be. Throws where it does not stand in time, or at all. */
  async plan(order: CandidateOrder): Promise<CandidatePlan> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PLAN_MS);
    try {
      const { plan } = await this.#ask({ type: 'plan', order });
      if (plan === undefined) throw new Error('the arrangement was not told');
      return plan;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs what is pending and returns the names. Throws `StepsFailed`. */
  async up(): Promise<readonly string[]> {
    return (await this.#ask({ type: 'up' })).steps ?? [];
  }

  /** Takes schema steps back. */
  async down(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#ask({ type: 'down', names });
  }

  #ask(message: ToCandidate): Promise<Extract<FromCandidate, { type: 'done' }>> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new StepsFailed('the process that tries it has ended', []));
      this.#child.once('exit', ended);
      this.#child.once('message', (said: FromCandidate) => {
        this.#child.off('exit', ended);
        if (said.type === 'done') resolve(said);
        else reject(new StepsFailed(said.reason, said.steps));
      });
      if (!this.#child.connected) ended();
      else this.#child.send(message);
    });
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
    else this.#child.kill('SIGKILL');
  }
}
