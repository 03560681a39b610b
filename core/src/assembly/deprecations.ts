import type { Deprecation, ExtensionDefinition } from '@posthorn/sdk';
import type { DeprecatedUse } from '../watch/spots.js';

interface Marked {
  readonly id: string;
  readonly deprecated?: Deprecation;
  readonly deprecatedFields?: Readonly<Record<string, Deprecation>>;
}

/**
 * Who uses what is deprecated in a generation: each extension once for each thing. References are known by their ids, so a
 * copy without the mark counts like the marked one where its owner's definition shows the mark.
 */
export class Deprecations {
  readonly #marked = new Map<string, Marked>();
  readonly #noted = new Set<string>();

  constructor(
    order: readonly ExtensionDefinition[],
    private readonly note: (use: DeprecatedUse) => void,
  ) {
    for (const d of order) {
      const shown: readonly Marked[] = [
        ...(d.bridges ?? []).flatMap(({ old, next }) => [old, next]),
        ...(d.services ?? []).map(({ ref }) => ref),
        ...(d.taps ?? []).map(({ hook }) => hook),
        ...(d.contributes ?? []).map(({ slot }) => slot),
      ];
      for (const ref of shown) {
        const isMarked = ref.deprecated !== undefined || ref.deprecatedFields !== undefined;
        if (isMarked && isOwner(d.id, ref.id)) this.#marked.set(ref.id, ref);
      }
    }
  }

  /** What a definition uses. */
  definition(d: ExtensionDefinition): void {
    for (const { ref } of d.services ?? []) this.used(d.id, ref);
    for (const { hook, deprecated } of d.taps ?? []) {
      this.used(d.id, hook);
      this.#tell(d.id, hook.id, deprecated);
    }
    for (const { slot, item, deprecated } of d.contributes ?? []) {
      this.used(d.id, slot);
      this.#tell(d.id, slot.id, deprecated);
      const marks = slot.deprecatedFields ?? this.#marked.get(slot.id)?.deprecatedFields ?? {};
      for (const [field, mark] of Object.entries(marks)) {
        if ((item as Readonly<Record<string, unknown>>)[field] !== undefined)
          this.#tellOthers(d.id, slot.id, { name: `${field} of ${slot.id}`, ...mark });
      }
    }
  }

  /** An extension has used a reference. */
  used(extension: string, ref: Marked): void {
    const mark = ref.deprecated ?? (this.#marked.size === 0 ? undefined : this.#marked.get(ref.id)?.deprecated);
    if (mark !== undefined) this.#tellOthers(extension, ref.id, mark);
  }

  #tellOthers(extension: string, id: string, mark: Deprecation): void {
    if (!isOwner(extension, id)) this.#tell(extension, id, mark);
  }

  // A helper may put things into anybody's slot, so what it marks does not say whose helper it is.
  #tell(extension: string, id: string, mark: Deprecation | undefined): void {
    if (mark === undefined) return;
    const { name = id, since, gone, use } = mark;
    const key = `${extension} ${name}`;
    if (this.#noted.has(key)) return;
    this.#noted.add(key);
    this.note({ extension, name, since, gone, use });
  }
}

/** References of the host are the kernel's own; any other carries its owner's id. */
const isOwner = (extension: string, id: string): boolean =>
  id.startsWith(`${extension === 'core' ? 'host' : extension}.`);
