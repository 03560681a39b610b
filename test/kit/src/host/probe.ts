import {
  type Denial,
  type HookKind,
  type HookRef,
  type ListenerContext,
  on,
  type Returns,
  type Text,
} from '@posthorn/sdk';

/** Whose listener a probe is: guards that it refuses name it. */
export const PROBE = 'testkit';

/**
 * A listener that a test puts on a hook. It begins as one that only counts; each of its methods but `reset` replaces
 * what it does. Deadlines, containment and reports are the host's own.
 */
export class HookProbe<K extends HookKind = HookKind, A = unknown, R = unknown> {
  readonly #calls: A[] = [];
  #behave: (event: A, value: R, context: ListenerContext) => unknown = (_event, value) => value;

  constructor(readonly ref: HookRef<K, A, R>) {}

  /** The event of each call so far. */
  get calls(): readonly A[] {
    return this.#calls;
  }
  /** A guard: refuse with this sentence. */
  deny(text: Text, code?: string): this {
    return this.#do((): Denial => ({ deny: text, ...(code === undefined ? {} : { code }) }));
  }
  /** Collect, first, filter: answer with this. */
  answer(value: Returns<K, R>): this {
    return this.#do(() => value);
  }
  throws(error: Error = new Error('thrown by the probe')): this {
    return this.#do(() => {
      throw error;
    });
  }
  /** Does not answer before the hook's deadline; ends with it, so that nothing stays behind. */
  hangs(): this {
    return this.#do(
      (_event, _value, context) =>
        new Promise((_resolve, reject) => {
          context.signal.addEventListener('abort', () => reject(context.signal.reason as Error), { once: true });
        }),
    );
  }
  /** Only counts, and forgets what it has counted. */
  reset(): this {
    this.#calls.length = 0;
    return this.#do((_event, value) => value);
  }

  #do(behave: (event: A, value: R, context: ListenerContext) => unknown): this {
    this.#behave = behave;
    return this;
  }

  /** For the host's table of hooks. */
  tap() {
    const isFilter = this.ref.kind === 'filter';
    const listen = (...given: unknown[]): unknown => {
      const [value, event, context] = isFilter ? given : [undefined, ...given];
      this.#calls.push(event as A);
      return this.#behave(event as A, value as R, context as ListenerContext);
    };
    return on(this.ref as never, listen as never);
  }
}
