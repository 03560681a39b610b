import type { Delivery, HookKind, ListenerContext } from '@posthorn/sdk';
import { ExtensionError, type Frame, type Report, running } from '../watch/attribution.js';
import { boardCells, FRAME_CELL } from '../watch/frame-board.js';
import type { Spot } from '../watch/spots.js';
import type { Breaker } from './breaker.js';
import { arm, type Deadline, disarm, LateAnswer } from './deadline-wheel.js';

/** Of the calls that answer at once, one in this many is timed: the clock costs more than the call. A power of two. */
const TIMED = 16;

/** What one call gives its listener, and how the kernel ends it. */
interface CallContext extends ListenerContext {
  /** Made only when somebody looks at `signal`, or when the deadline has passed. */
  controller: AbortController | undefined;
  /** Set for signals. */
  delivery: Delivery | undefined;
}

/** A tap, ready to be called: who, where, how long it may take, and what keeps account of it. */
export interface BoundListener {
  readonly from: string;
  readonly frame: Frame;
  readonly timeoutMs: number;
  readonly run: (...a: unknown[]) => unknown;
  /** Shared by all listeners of one extension to one hook, like the breaker. */
  readonly spot: Spot;
  readonly breaker: Breaker;
  /** Told when the breaker gives up. */
  readonly onGivenUp: (error: ExtensionError) => void;
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
  hook: { readonly id: string; readonly kind: HookKind; readonly timeoutMs: number },
  run: (...a: never[]) => unknown,
  context: object,
  watched: Pick<BoundListener, 'from' | 'spot' | 'breaker' | 'onGivenUp'>,
): BoundListener => ({
  ...watched,
  frame: { extension: watched.from, at: hook.id, spot: watched.spot },
  timeoutMs: hook.timeoutMs,
  run: run as (...a: unknown[]) => unknown,
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
    const late = new LateAnswer(this.listener.timeoutMs);
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
        listener.spot.times.add(performance.now() - begun);
        resolve(value);
      },
      (error: unknown) => {
        disarm(entry);
        listener.spot.times.add(performance.now() - begun);
        reject(error as Error);
      },
    );
  });
}

/** What runs between listeners: nobody's code. */
const BETWEEN: Frame = Object.freeze({ extension: 'core', at: 'hooks' });

/**
 * Bounds a loop over listeners, so that the frames they enter end with it. One boundary around all of them costs half of
 * one around each: after an `await` the loop runs in a context of its own anyway.
 */
export const bounded =
  <A extends unknown[], R>(loop: (...a: A) => R) =>
  (...a: A): R =>
    running.run(BETWEEN, loop, ...a);

/**
 * Calls a listener inside its frame; only inside a `bounded` loop. An immediate answer costs no promise and no timer; the
 * caller awaits thenables. The board is what the watchdog's thread can see of the same.
 */
export function enter(
  listener: BoundListener,
  first: unknown,
  second: unknown,
  arity: 1 | 2,
  delivery?: Delivery,
): unknown {
  const context = new listener.Call();
  context.delivery = delivery;
  const { spot } = listener;
  const isTimed = (spot.calls & (TIMED - 1)) === 0;
  spot.calls += 1;
  const begun = isTimed ? performance.now() : 0;
  const before = boardCells[FRAME_CELL] as number;
  boardCells[FRAME_CELL] = spot.frame;
  let answer: unknown;
  try {
    running.enterWith(listener.frame);
    answer = arity === 1 ? listener.run(first, context) : listener.run(first, second, context);
  } finally {
    boardCells[FRAME_CELL] = before;
  }
  if (isThenable(answer)) return listener.timeoutMs === 0 ? answer : withDeadline(answer, listener, context);
  if (isTimed) spot.times.add(performance.now() - begun, TIMED);
  return answer;
}

/** Records a failure and says whose it is. */
export function failed(listener: BoundListener, cause: unknown, report: Report): ExtensionError {
  const error = new ExtensionError(listener.from, listener.frame.at, cause);
  try {
    listener.spot.failed(cause);
    if (listener.breaker.failed()) listener.onGivenUp(error);
    report(error);
  } catch {
    // A reporter that fails must not turn a contained failure into an open one.
  }
  return error;
}
