/** Bridges: what was written for one major of a reference is served through a later one. */
import type { HookKind, HookRef } from './hook.js';
import type { SlotRef } from './slot.js';

/** One step from a major of a hook or slot to a later one, ready for `defineExtension({ bridges })`. @beta @since 1.0.0 */
export interface Bridge {
  /** What extensions still use. */
  readonly old: HookRef<HookKind, never, never> | SlotRef<never>;
  /** What its owner calls or reads. */
  readonly next: HookRef<HookKind, never, never> | SlotRef<never>;
  /** Of a hook: from the event of `next` to that of `old`. Of a slot: from an item of `old` to one of `next`. */
  readonly convert: (value: never) => unknown;
}

/**
 * For the owner of a hook whose event has changed: who listens to `old` is called when `next` is, with the converted
 * event. Call `next` alone. `convert` runs for each listener and must be quick and without effects; where it throws, that
 * listener counts as failed. Both answer with one type: where the answer has changed as well, call both. Throws a
 * TypeError where `next` is not a later major of the same name and kind.
 * @beta @since 1.0.0
 */
export function bridge<K extends HookKind, A, B, R>(
  old: HookRef<K, A, R>,
  next: HookRef<NoInfer<K>, B, R>,
  convert: (event: NoInfer<B>) => NoInfer<A>,
): Bridge;
/**
 * For the owner of a slot whose items have changed: what was put into `old` stands, converted, in `next` as well. Read
 * `next` alone. An item whose conversion throws is reported as the owner's failure and left out of `next`. A service needs
 * no bridge: its owner provides `old` with an object that calls the one of `next`.
 * @beta @since 1.0.0
 */
export function bridge<Item, Next>(
  old: SlotRef<Item> & SlotAlone,
  next: SlotRef<Next> & SlotAlone,
  convert: (item: NoInfer<Item>) => NoInfer<Next>,
): Bridge;
export function bridge(
  old: Pick<Bridge['old'], 'id'>,
  next: Pick<Bridge['next'], 'id'>,
  convert: Bridge['convert'],
): Bridge {
  const [from, to] = [old, next].map(parts);
  if (from?.name !== to?.name || Number(from?.major) >= Number(to?.major) || from?.kind !== to?.kind) {
    throw new TypeError(`${next.id} is no later major of ${old.id}`);
  }
  return Object.freeze({ old: old as Bridge['old'], next: next as Bridge['next'], convert });
}

/** What hooks and services have and slots have not. */
interface SlotAlone {
  readonly kind?: never;
  readonly '~type'?: never;
}

const parts = (ref: { readonly id: string; readonly kind?: string }) => {
  const [name, major] = ref.id.split('@');
  return { name, major, kind: ref.kind };
};
