import type { Bridge, Contribution, ExtensionDefinition, HookKind, HookRef, Tap } from '@posthorn/sdk';
import { ExtensionError, type Report } from '../watch/attribution.js';

interface OwnedBridge extends Bridge {
  readonly owner: string;
}

type AnyHook = HookRef<HookKind, never, never>;
type Run = (...a: unknown[]) => unknown;

/** The bridges of a generation: what they add to what extensions brought for an earlier major. */
export class Bridges {
  readonly #byOld: ReadonlyMap<string, OwnedBridge>;

  constructor(
    order: readonly ExtensionDefinition[],
    private readonly report: Report,
  ) {
    this.#byOld = new Map(
      order.flatMap((d) => (d.bridges ?? []).map((b) => [b.old.id, { ...b, owner: d.id }] as const)),
    );
  }

  /** The same listener for each later major of its hook. */
  *taps(tap: Tap): Generator<{ readonly into: AnyHook; readonly run: Tap['run'] }> {
    let run = tap.run as Run;
    for (let b = this.#byOld.get(tap.hook.id); b !== undefined; b = this.#byOld.get(b.next.id)) {
      const earlier = run;
      const convert = b.convert as (event: unknown) => unknown;
      run =
        tap.hook.kind === 'filter'
          ? (value, event, context) => earlier(value, convert(event), context)
          : (event, context) => earlier(convert(event), context);
      yield { into: b.next as AnyHook, run: run as Tap['run'] };
    }
  }

  /** The same contribution for each later major of its slot. */
  *contributions(c: Contribution): Generator<Contribution> {
    let { item } = c;
    for (let b = this.#byOld.get(c.slot.id); b !== undefined; b = this.#byOld.get(b.next.id)) {
      try {
        item = (b.convert as (item: unknown) => unknown)(item);
      } catch (error) {
        this.report(new ExtensionError(b.owner, `bridge from ${b.old.id} to ${b.next.id}`, error));
        return;
      }
      yield { ...c, slot: b.next, item };
    }
  }
}
