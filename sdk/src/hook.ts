/** Hook references. A reference is plain data: its identity is `id`, so two npm copies of it still meet. */
import type { ExtensionContext } from './context.js';
import type { Deprecation } from './deprecation.js';
import type { Text } from './text.js';

/** `owner.name@major`; a breaking change raises the major. @public @since 1.0.0 */
export type ReferenceId = `${string}.${string}@${number}`;
/** The five kinds of hooks; `hook` says how each is called. @public @since 1.0.0 */
export type HookKind = 'signal' | 'guard' | 'filter' | 'collect' | 'first';

/**
 * Names a hook, and types its event `A` and its answer `R`. Two references with one id are the same hook.
 * @public @since 1.0.0
 */
export interface HookRef<K extends HookKind, A, R> {
  /** How it is called. */
  readonly kind: K;
  /** What it is known by. */
  readonly id: ReferenceId;
  /** How long one listener may take, in milliseconds; 0 means no deadline. */
  readonly timeoutMs: number;
  /** Signals only: what the event is about, see `SignalOptions`. A method, so that references of any event fit. */
  subject?(event: A): string;
  /** Signals only: the event is encrypted where it is kept, and never shown. */
  readonly isSecret?: boolean;
  /** Put there by `deprecated`. */
  readonly deprecated?: Deprecation;
  /** Phantom and invariant on purpose: a covariant one lets a listener's wrong return type widen R. */
  readonly '~types'?: { readonly args: (a: A) => A; readonly result: (r: R) => R };
}

/** A guard's refusal. The sentence is shown to the person who asked; the code is stable. @public @since 1.0.0 */
export interface Denial {
  /** Why not. */
  readonly deny: Text;
  /** `E_…`; default E_REFUSED. */
  readonly code?: string;
  /** `invalid` where other input would be accepted; default `refused`. */
  readonly kind?: 'refused' | 'invalid';
  /** The input field that is to blame, by its name in the API. */
  readonly field?: string;
  /** Whether there is as much as there may be, so that no other input would be accepted either. */
  readonly isFull?: boolean;
}

/** What a listener of each kind may return. @public @since 1.0.0 */
export type Returns<K extends HookKind, R> = K extends 'signal'
  ? void
  : K extends 'guard'
    ? Denial | undefined
    : K extends 'filter'
      ? R
      : K extends 'collect'
        ? readonly R[] | R | undefined
        : R | undefined;

/** The listener's own way to the host, with the deadline of this one call. @public @since 1.0.0 */
export interface ListenerContext extends ExtensionContext {
  /** Aborted when the listener's deadline has passed. */
  readonly signal: AbortSignal;
}

/** One delivery of a signal. @public @since 1.0.0 */
export interface Delivery {
  /** Names the event for good, the same at every attempt. What must happen once remembers it. */
  readonly id: string;
  /** 1 the first time; more after a process died before the event's listeners had ended. */
  readonly attempt: number;
}

/**
 * What the listener of a signal gets. It may be called again with the same event, so it must be idempotent.
 * @public @since 1.0.0
 */
export interface SignalContext extends ListenerContext {
  /** Which event this is, and how often it came. */
  readonly delivery: Delivery;
}

/** The function that listens to a hook: a filter gets the value before the event. @public @since 1.0.0 */
export type Listener<H> =
  H extends HookRef<infer K, infer A, infer R>
    ? (
        ...a: K extends 'filter'
          ? [value: R, event: A, context: ListenerContext]
          : [event: A, context: K extends 'signal' ? SignalContext : ListenerContext]
      ) => Returns<K, R> | Promise<Returns<K, R>>
    : never;

/** What the caller of a hook gets back. @public @since 1.0.0 */
export type Outcome<H> =
  H extends HookRef<infer K, infer _A, infer R>
    ? K extends 'signal' | 'guard'
      ? void
      : K extends 'filter'
        ? R
        : K extends 'collect'
          ? readonly { readonly from: string; readonly value: R }[]
          : R | undefined
    : never;

/** What every kind of hook takes. @public @since 1.0.0 */
export interface HookOptions {
  /** Milliseconds per listener. Default: 2,000 for guards (they sit in the write path), 5,000 otherwise. */
  readonly timeoutMs?: number;
}

/** What a signal takes beside. @public @since 1.0.0 */
export interface SignalOptions<E> extends HookOptions {
  /**
   * What the event is about, such as `acme.note/7`: 1 to 190 characters, from the event alone. Events with the same
   * subject, of whatever signal, are delivered one after the other in the order of their commits, whichever processes
   * raise and deliver them. Without it, only the events that one transaction raises stay in order.
   */
  readonly subject?: (event: E) => string;
  /** The event holds a secret, such as a password in clear: it is encrypted while it waits, and never shown. */
  readonly isSecret?: boolean;
}

const make =
  <K extends HookKind>(kind: K, defaultMs: number) =>
  <A, R = void>(id: ReferenceId, o: HookOptions = {}): HookRef<K, A, R> =>
    Object.freeze({ kind, id, timeoutMs: o.timeoutMs ?? defaultMs });

/** Makes references of hooks, one function for each kind. @public @since 1.0.0 */
export const hook = {
  /**
   * Something happened. Listeners cannot change it and cannot break it: one that throws or is late is reported. Events
   * are plain data as JSON keeps it; calling with anything else throws. An event is stored in the transaction that raises
   * it and delivered after the commit, again if a process dies before its listeners have ended: at least once.
   */
  signal: <E, R = void>(id: ReferenceId, o: SignalOptions<E> = {}): HookRef<'signal', E, R> => {
    const { subject, isSecret = false } = o;
    return Object.freeze({
      kind: 'signal',
      id,
      timeoutMs: o.timeoutMs ?? 5_000,
      isSecret,
      ...(subject === undefined ? {} : { subject }),
    });
  },
  /** May this happen? Any listener may refuse; a listener that throws or is late refuses. Runs inside the transaction. */
  guard: make('guard', 2_000),
  /** Each listener may replace the value; one that throws is skipped and the value kept. */
  filter: make('filter', 5_000),
  /** Gathers contributions; a listener that throws contributes nothing. */
  collect: make('collect', 5_000),
  /** The first answer wins; a listener that throws is skipped. */
  first: make('first', 5_000),
} as const;

/** A listener bound to a hook, ready for `defineExtension({ taps })`. @public @since 1.0.0 */
export interface Tap {
  /** What is listened to. */
  readonly hook: HookRef<HookKind, never, never>;
  /** The listener. */
  readonly run: (...a: never[]) => unknown;
  /** Smaller is called sooner. */
  readonly order: number;
  /** Of a helper that is going away. */
  readonly deprecated?: Deprecation;
}

/** Listens to a hook. A smaller `order` is called sooner, ties in the order of dependencies. @public @since 1.0.0 */
export function on<K extends HookKind, A, R>(
  ref: HookRef<K, A, R>,
  run: Listener<HookRef<K, A, R>>,
  o: { readonly order?: number } = {},
): Tap {
  return Object.freeze({ hook: ref as never, run: run as never, order: o.order ?? 0 });
}
