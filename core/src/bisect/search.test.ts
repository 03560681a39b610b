import { describe, expect, it } from 'vitest';
import { findCulprit, type Suspect } from './search.js';

/** Every extension of a chain or tree, dependencies first. */
const shapes: Readonly<Record<string, readonly Suspect[]>> = {
  'five that need nothing': ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, requires: [] })),
  'a chain': ['a', 'b', 'c', 'd', 'e'].map((id, i, all) => ({ id, requires: i === 0 ? [] : [all[i - 1] as string] })),
  'one that four need': ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, requires: id === 'a' ? [] : ['a'] })),
  'one alone': [{ id: 'a', requires: [] }],
};

describe.each(Object.entries(shapes))('among %s', (_, suspects) => {
  it.each(suspects.map(({ id }) => id))('finds %s, and never wants what cannot be there', async (culprit) => {
    const found = await findCulprit(suspects, async (on) => {
      for (const { id, requires } of suspects) {
        if (on.has(id)) expect(requires.filter((peer) => !on.has(peer))).toEqual([]);
      }
      return on.has(culprit);
    });
    expect(found.culprit).toBe(culprit);
    expect(found.trials).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(suspects.length)));
  });

  it('finds none where it is there without any, or not there at all', async () => {
    expect((await findCulprit(suspects, async () => true)).culprit).toBeUndefined();
    expect((await findCulprit(suspects, async () => false)).culprit).toBeUndefined();
  });
});
