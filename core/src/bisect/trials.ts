import { spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { problem } from '../errors.js';

/** Says whether the problem is there with the present arrangement. */
export interface Trial extends Disposable {
  isThere(question: string): Promise<boolean>;
}

/** A command that ends with 0 where all is well. Its words are no answer of ours and go to standard error. */
export const commandTrial = (line: string, signal: AbortSignal): Trial => ({
  isThere: () =>
    new Promise((resolve, reject) => {
      const child = spawn('/bin/sh', ['-c', line], { stdio: ['ignore', 2, 2], signal });
      child.once('error', reject);
      child.once('close', (code) => resolve(code !== 0));
    }),
  [Symbol.dispose]() {},
});

/** An address that answers with a status where all is well. */
export const urlTrial = (url: URL, expected: number, signal: AbortSignal): Trial => ({
  isThere: async () => {
    const answer = await fetch(url, { redirect: 'manual', signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof TypeError) return undefined;
      throw error;
    });
    await answer?.body?.cancel();
    return answer?.status !== expected;
  },
  [Symbol.dispose]() {},
});

/** Somebody who looks and answers y or n; line by line, so that answers may come from a pipe as well. */
export class QuestionTrial implements Trial {
  readonly #reader: Interface;
  readonly #lines: AsyncIterator<string>;

  constructor(private readonly signal: AbortSignal) {
    this.#reader = createInterface({ input: process.stdin });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    signal.addEventListener('abort', () => this.#reader.close());
  }

  async isThere(question: string): Promise<boolean> {
    for (;;) {
      process.stderr.write(`${question} [y/n] `);
      const { value, done } = await this.#lines.next();
      this.signal.throwIfAborted();
      if (done === true) throw problem('E_BISECT_NO_ANSWER');
      if (/^\s*(y(es)?|n(o)?)\s*$/i.test(value)) return /^\s*y/i.test(value);
    }
  }

  [Symbol.dispose](): void {
    this.#reader.close();
  }
}
