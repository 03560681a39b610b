import type { Contributed, WizardStep } from '@posthorn/sdk';

/** A tab, or a step, with the name under which its fields are sent. */
export interface NamedTab<Subject> {
  readonly key: string;
  /** The extension it comes from. */
  readonly from: string;
  readonly tab: WizardStep<Subject>;
}

/**
 * Names the tabs of a slot by their ids; where two extensions chose the same, the later ones get the extension's id in
 * front. Hidden tabs count too, so a tab's name never depends on who looks.
 */
export function namedTabs<Subject>(items: readonly Contributed<WizardStep<Subject>>[]): readonly NamedTab<Subject>[] {
  const taken = new Set<string>();
  return items.map(({ from, item }) => {
    let key = item.id;
    for (let n = 1; taken.has(key); n += 1) key = n === 1 ? `${from}-${item.id}` : `${from}-${item.id}-${n}`;
    taken.add(key);
    return { key, from, tab: item };
  });
}

/** As it is sent. */
export const fieldName = (tab: string, field: string): string => `${tab}.${field}`;

/** Unique on the page and safe in a selector: what is not a letter, digit or underscore is written as its code. */
export const elementId = (...parts: readonly string[]): string =>
  ['f', ...parts.map((part) => part.replace(/\W/g, (c) => `-${c.charCodeAt(0).toString(16)}-`))].join('-');

/** Of the part of the page that shows a tab. */
export const panelId = (tab: string): string => `tab-${tab}`;

/** The extension whose form it is: what stands before the dot of the slot's id. The kernel's own slots are called `host`. */
export function ownerOf(slotId: string): string {
  const name = slotId.slice(0, slotId.indexOf('.'));
  return name === 'host' ? 'core' : name;
}

/** The owner's tabs come first, since the others need what they make; the rest keep the order of the slot. */
export function savingOrder<T extends { readonly from: string }>(tabs: readonly T[], owner: string): readonly T[] {
  return [...tabs.filter((t) => t.from === owner), ...tabs.filter((t) => t.from !== owner)];
}

/** The steps of a wizard in their order, but what the owner makes first comes before all that needs it. */
export function stepOrder<T extends { readonly from: string }>(steps: readonly T[], owner: string): readonly T[] {
  const maker = steps.find((step) => step.from === owner);
  return maker === undefined ? steps : [maker, ...steps.filter((step) => step !== maker)];
}
