import { type Check, type Contributed, checks, type Repair, type Repaired } from '@posthorn/sdk';
import type { Kernel } from './kernel.js';
import { callInFrame, frameOf } from './watch/attribution.js';

export interface Repairable {
  /** `extension.check`. */
  readonly id: string;
  readonly part: Contributed<Check>;
}

/** The checks that know how to mend what they find. */
export const repairable = (kernel: Kernel): readonly Repairable[] =>
  (kernel.generation.slots.items(checks.id) as readonly Contributed<Check>[])
    .filter(({ item }) => item.fix !== undefined)
    .map((part) => ({ id: `${part.from}.${part.item.id}`, part }));

/** Runs one repair in its extension's name. */
export const runRepair = async (
  kernel: Kernel,
  { part: { from, item } }: Repairable,
  repair: Repair,
): Promise<readonly Repaired[]> =>
  callInFrame(
    frameOf(from, `repair:${item.id}`),
    async () => (await item.fix?.(kernel.generation.context(from), repair)) ?? [],
  );
