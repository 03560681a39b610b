import type { HookKind, ListenerContext } from '@posthorn/sdk';
import { ExtensionError, type Frame, type Report, running } from '../watch/attribution.js';
import { arm, type Deadline, disarm } from './deadline-wheel.js';

export interface ListenerStats {
  calls: number;
  failures: number;
  /** Milliseconds, of failed and answered calls that had to be awaited. */
  waitedMs: number;
}

/** A tap, ready to be called: who, where, how long it may take, and what it has done so far. */
export interface BoundListener {
  readonly from: string;
  readonly frame: Frame;
  readonly timeoutMs: number;
  readonly run: (...a: unknown[]) => unknown;
  readonly stats: ListenerStats;
}

export const bindListener = (
  from: string,
  hook: { readonly id: string; readonly kind: HookKind; readonly timeoutMs: number },
  run: (...a: never[]) => unknown,
): BoundListener => ({
  from,
  frame: { extension: from, at: hook.id },
  timeoutMs: hook.timeoutMs,
  run: run as (...a: unknown[]) => unknown,
  stats: { calls: 0, failures: 0, waitedMs: 0 },
});

/** The AbortController is made only when a listener looks at it. */
class Context implements ListenerContext {
  #abort: AbortController | undefined;
  constructor(readonly extension: string) {}
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }
  abort(reason: Error): void {
    // Remembered even if the listener looks only later.
    this.#abort ??= new AbortController();
    this.#abort.abort(reason);
  }
}

class PendingAnswer implements Deadline {
  bucket = -1;
  turns = 0;
  constructor(
    private readonly listener: BoundListener,
    private readonly context: Context,
    private readonly fail: (e: Error) => void,
  ) {}
  expire(): void {
    const late = new Error(`no answer in ${this.listener.timeoutMs} ms`);
    this.context.abort(late);
    this.fail(late);
  }
}

export const isThenable = (v: unknown): v is PromiseLike<unknown> =>
  v !== null && typeof v === 'object' && typeof (v as { then?: unknown }).then === 'function';

/** A pending answer gets one promise and one entry in the wheel; no race, no timer of its own. */
function withDeadline(answer: PromiseLike<unknown>, listener: BoundListener, context: Context): Promise<unknown> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const entry = new PendingAnswer(listener, context, reject);
    arm(entry, listener.timeoutMs);
    answer.then(
      (value) => {
        disarm(entry);
        listener.stats.waitedMs += performance.now() - begun;
        resolve(value);
      },
      (error: unknown) => {
        disarm(entry);
        listener.stats.waitedMs += performance.now() - begun;
        reject(error as Error);
      },
    );
  });
}

/** Calls a listener inside its frame. An immediate answer costs no promise and no timer; the caller awaits thenables. */
export function enter(listener: BoundListener, first: unknown, second: unknown, arity: 1 | 2): unknown {
  const context = new Context(listener.from);
  listener.stats.calls += 1;
  const answer =
    arity === 1
      ? running.run(listener.frame, listener.run, first, context)
      : running.run(listener.frame, listener.run, first, second, context);
  if (!isThenable(answer)) return answer;
  return listener.timeoutMs === 0 ? answer : withDeadline(answer, listener, context);
}

/** Records a failure and says whose it is. */
export function failed(listener: BoundListener, cause: unknown, report: Report): ExtensionError {
  listener.stats.failures += 1;
  const error = new ExtensionError(listener.from, listener.frame.at, cause);
  try {
    report(error);
  } catch {
    // A reporter that fails must not turn a contained failure into an open one.
  }
  return error;
}
