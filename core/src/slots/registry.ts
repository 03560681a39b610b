import type { Contributed, Contribution } from '@posthorn/sdk';

/** The one registry behind menus, commands, jobs, files and every other slot. Filled once, then only read. */
export class SlotRegistry {
  readonly #items = new Map<string, { from: string; item: unknown; order: number }[]>();

  add(from: string, contribution: Contribution): void {
    const list = this.#items.get(contribution.slot.id);
    const entry = { from, item: contribution.item, order: contribution.order };
    if (list === undefined) this.#items.set(contribution.slot.id, [entry]);
    else list.push(entry);
  }

  /** Sorts by `order`; the sort is stable, so dependency order decides ties. */
  freeze(): void {
    for (const list of this.#items.values()) {
      list.sort((a, b) => a.order - b.order);
      Object.freeze(list);
    }
  }

  items(slotId: string): readonly Contributed<unknown>[] {
    return this.#items.get(slotId) ?? [];
  }

  /** Slot ids with their number of items, for the extensions page. */
  summary(from: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [slotId, list] of this.#items) {
      const n = list.filter((entry) => entry.from === from).length;
      if (n > 0) counts.set(slotId, n);
    }
    return counts;
  }
}
