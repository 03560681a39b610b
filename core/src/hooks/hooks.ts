import type { HookKind, Tap } from '@posthorn/sdk';
import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import type { ExtensionError, Report } from '../watch/attribution.js';
import { Spots } from '../watch/spots.js';
import { Breaker } from './breaker.js';
import { collectLoop, filterLoop, firstLoop, guardLoop, signalLoop } from './call-loops.js';
import { type BoundListener, bindListener, bounded } from './listener.js';

/** `second` is a filter's first value, or which delivery of a signal this is. */
type Call = (event: unknown, second?: unknown) => Promise<unknown>;
type AnyHook = AsyncSeriesHook<unknown> | AsyncSeriesBailHook<unknown, unknown> | AsyncSeriesWaterfallHook<unknown>;

const LOOPS = {
  signal: signalLoop,
  guard: guardLoop,
  filter: filterLoop,
  collect: collectLoop,
  first: firstLoop,
} as const;

/** tapable's bookkeeping for one kind: which taps there are and in which order. */
function emptyHook(kind: HookKind, id: string): AnyHook {
  if (kind === 'signal') return new AsyncSeriesHook<unknown>(['event'], id);
  if (kind === 'guard' || kind === 'first') return new AsyncSeriesBailHook<unknown, unknown>(['event'], id);
  return new AsyncSeriesWaterfallHook<unknown>(['event'], id);
}

export interface HookWatch {
  /** Where figures are kept. */
  readonly spots?: Spots;
  /** Milliseconds. */
  readonly now?: () => number;
  /** A listener has failed so often that it is not called any more. */
  readonly onGivenUp?: (error: ExtensionError) => void;
}

/** One extension's listeners to one hook. */
export interface Watched {
  readonly extension: string;
  readonly hook: string;
  readonly breaker: Breaker;
}

export class HookTable {
  readonly #hooks = new Map<string, { readonly kind: HookKind; readonly hook: AnyHook }>();
  readonly #listeners = new Map<unknown, BoundListener>();
  readonly #calls = new Map<string, Call>();
  readonly #watched = new Map<string, Watched>();
  readonly #spots: Spots;

  constructor(
    private readonly report: Report,
    private readonly watch: HookWatch = {},
  ) {
    this.#spots = watch.spots ?? new Spots();
  }

  /**
   * Taps in dependency order; `order` becomes tapable's stage. `context` is the extension's own. `into` is the hook that
   * calls it where a bridge leads there; its figures stay with the hook that it named. Throws where two references
   * disagree on the kind.
   */
  add(from: string, tap: Tap, context?: object, into: Tap['hook'] = tap.hook): void {
    const { kind, id } = into;
    let entry = this.#hooks.get(id);
    if (entry === undefined) {
      entry = { kind, hook: emptyHook(kind, id) };
      this.#hooks.set(id, entry);
    }
    if (entry.kind !== kind) throw new Error(`${id} is a ${entry.kind}, but ${from} taps it as a ${kind}`);
    const { breaker } = this.#watch(from, tap.hook.id);
    const spot = this.#spots.at(from, tap.hook.id);
    const onGivenUp = this.watch.onGivenUp ?? (() => {});
    const watched = { from, spot, breaker, onGivenUp };
    const listener = bindListener(tap.hook, tap.run, context ?? { extension: from }, watched);
    // A function tapped twice must stay two listeners, so each tap gets an identity of its own.
    const identity = (): void => {};
    this.#listeners.set(identity, listener);
    entry.hook.tapAsync({ name: from, stage: tap.order }, identity as never);
  }

  /**
   * Builds every call loop over the taps in tapable's final order. Afterwards nothing is added, except by the test kit,
   * which then calls this once more.
   */
  freeze(): void {
    for (const [id, { kind, hook }] of this.#hooks) {
      const listeners = hook.taps.map((tap) => this.#listeners.get(tap.fn) as BoundListener);
      this.#calls.set(id, bounded(LOOPS[kind](listeners, this.report) as Call));
    }
  }

  isUsed(id: string): boolean {
    return this.#calls.has(id);
  }

  /** The compiled call of a hook, or undefined where nobody listens. */
  find(id: string): Call | undefined {
    return this.#calls.get(id);
  }

  #watch(extension: string, hook: string): Watched {
    const key = `${extension} ${hook}`;
    let watched = this.#watched.get(key);
    if (watched === undefined) {
      watched = { extension, hook, breaker: new Breaker(this.watch.now ?? (() => performance.now())) };
      this.#watched.set(key, watched);
    }
    return watched;
  }

  /** Every extension's listeners to every hook, for the doctor and for what other processes have given up. */
  watched(): readonly Watched[] {
    return [...this.#watched.values()];
  }
}
