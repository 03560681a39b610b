import type { Delivery, HookKind, ListenerContext } from '@posthorn/sdk';
import { ExtensionError, type Frame, type Report, running } from '../watch/attribution.js';
import { arm, type Deadline, disarm } from './deadline-wheel.js';

export interface ListenerStats {
  calls: number;
  failures: number;
  /** Milliseconds, of failed and answered calls that had to be awaited. */
  waitedMs: number;
}

/** What one call gives its listener, and how the kernel ends it. */
interface CallContext extends ListenerContext {
  /** Made only when somebody looks at `signal`, or when the deadline has passed. */
  controller: AbortController | undefined;
  /** Set for signals. */
  delivery: Delivery | undefined;
}

/** A tap, ready to be called: who, where, how long it may take, and what it has done so far. */
export interface BoundListener {
  readonly from: string;
  readonly frame: Frame;
  readonly timeoutMs: number;
  readonly run: (...a: unknown[]) => unknown;
  readonly stats: ListenerStats;
  /** Makes the context of one call. */
  readonly Call: new () => CallContext;
}

/**
 * A call's context is the extension's own with a signal of its own: a constructor per listener, whose prototype is that
 * context, costs a few nanoseconds per call where copying or wrapping would cost more than the listener.
 */
function callContexts(context: object): new () => CallContext {
  function Call(this: CallContext): void {
    this.controller = undefined;
    this.delivery = undefined;
  }
  Call.prototype = Object.create(context, {
    signal: {
      get(this: CallContext) {
        this.controller ??= new AbortController();
        return this.controller.signal;
      },
    },
  });
  return Call as unknown as new () => CallContext;
}

export const bindListener = (
  from: string,
  hook: { readonly id: string; readonly kind: HookKind; readonly timeoutMs: number },
  run: (...a: never[]) => unknown,
  context: object = { extension: from },
): BoundListener => ({
  from,
  frame: { extension: from, at: hook.id },
  timeoutMs: hook.timeoutMs,
  run: run as (...a: unknown[]) => unknown,
  stats: { calls: 0, failures: 0, waitedMs: 0 },
  Call: callContexts(context),
});

class PendingAnswer implements Deadline {
  bucket = -1;
  turns = 0;
  constructor(
    private readonly listener: BoundListener,
    private readonly context: CallContext,
    private readonly fail: (e: Error) => void,
  ) {}
  expire(): void {
    const late = new Error(`no answer in ${this.listener.timeoutMs} ms`);
    this.context.controller ??= new AbortController();
    this.context.controller.abort(late);
    this.fail(late);
  }
}

export const isThenable = (v: unknown): v is PromiseLike<unknown> =>
  v !== null && typeof v === 'object' && typeof (v as { then?: unknown }).then === 'function';

/** A pending answer gets one promise and one entry in the wheel; no race, no timer of its own. */
function withDeadline(answer: PromiseLike<unknown>, listener: BoundListener, context: CallContext): Promise<unknown> {
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
export function enter(
  listener: BoundListener,
  first: unknown,
  second: unknown,
  arity: 1 | 2,
  delivery?: Delivery,
): unknown {
  const context = new listener.Call();
  context.delivery = delivery;
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
