/** Slots: typed places where contributions land (commands, map files, jobs, form tabs, …). */
import type { ReferenceId } from './hook.js';

export interface SlotRef<Item> {
  readonly id: ReferenceId;
  /** Phantom, invariant. */
  readonly '~item'?: (i: Item) => Item;
}

export const slot = <Item>(id: ReferenceId): SlotRef<Item> => Object.freeze({ id });

/** One item for one slot, ready for `defineExtension({ contributes })`. */
export interface Contribution {
  readonly slot: SlotRef<never>;
  readonly item: unknown;
  /** Smaller comes first; ties keep dependency order. */
  readonly order: number;
}

export const contribute = <Item>(
  to: SlotRef<Item>,
  item: NoInfer<Item>,
  o: { readonly order?: number } = {},
): Contribution => Object.freeze({ slot: to as never, item, order: o.order ?? 0 });

/** What a slot's reader gets: the item and who gave it. */
export interface Contributed<Item> {
  readonly from: string;
  readonly item: Item;
}
