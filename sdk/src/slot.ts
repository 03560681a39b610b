/** Slots: typed places where contributions land (commands, map files, jobs, form tabs, …). */
import type { Deprecation } from './deprecation.js';
import type { ReferenceId } from './hook.js';

/** Names a slot and types its items. Two references with one id are the same slot. @public @since 1.0.0 */
export interface SlotRef<Item> {
  /** What it is known by. */
  readonly id: ReferenceId;
  /** Put there by `deprecated`. */
  readonly deprecated?: Deprecation;
  /** Put there by `deprecatedField`, by the name of the field. */
  readonly deprecatedFields?: Readonly<Record<string, Deprecation>>;
  /** Phantom, invariant. */
  readonly '~item'?: (i: Item) => Item;
}

/** Makes the reference of a slot. Its owner exports it and reads it with `context.items`. @public @since 1.0.0 */
export const slot = <Item>(id: ReferenceId): SlotRef<Item> => Object.freeze({ id });

/** One item for one slot, ready for `defineExtension({ contributes })`. @public @since 1.0.0 */
export interface Contribution {
  /** Where it goes. */
  readonly slot: SlotRef<never>;
  /** What goes there. */
  readonly item: unknown;
  /** Smaller comes first; ties keep dependency order. */
  readonly order: number;
  /** Of a helper that is going away. */
  readonly deprecated?: Deprecation;
}

/**
 * Puts an item into a slot, ready for `defineExtension({ contributes })`. Most slots have a helper of their own.
 * @public @since 1.0.0
 */
export const contribute = <Item>(
  to: SlotRef<Item>,
  item: NoInfer<Item>,
  o: { readonly order?: number } = {},
): Contribution => Object.freeze({ slot: to as never, item, order: o.order ?? 0 });

/** What a slot's reader gets: the item and who gave it. @public @since 1.0.0 */
export interface Contributed<Item> {
  /** The id of the extension. */
  readonly from: string;
  /** As it was contributed. */
  readonly item: Item;
}

/** Marks one field of a slot's items as deprecated: whoever sets it is named by the doctor. @beta @since 1.0.0 */
export const deprecatedField = <Item>(
  of: SlotRef<Item>,
  field: keyof NoInfer<Item> & string,
  d: Deprecation,
): SlotRef<Item> => Object.freeze({ ...of, deprecatedFields: { ...of.deprecatedFields, [field]: Object.freeze(d) } });
