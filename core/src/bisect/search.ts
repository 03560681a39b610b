/** What the search knows of an extension. */
export interface Suspect {
  readonly id: string;
  /** Ids of what it requires. */
  readonly requires: readonly string[];
}

export interface Search {
  /** Undefined where no extension is to blame. */
  readonly culprit: string | undefined;
  /** How often it was tried. */
  readonly trials: number;
}

/**
 * Finds the one extension without which a problem is gone, by halves. `suspects` come dependencies first, so that what
 * has to go with the second half stands in it. `isThere` arranges exactly those that are given and says whether the
 * problem is still there; it is called about log2 of their number times, and twice more.
 */
export async function findCulprit(
  suspects: readonly Suspect[],
  isThere: (on: ReadonlySet<string>) => Promise<boolean>,
): Promise<Search> {
  let trials = 0;
  const without = async (off: readonly Suspect[]): Promise<boolean> => {
    trials += 1;
    const gone = withDependents(off, suspects);
    return isThere(new Set(suspects.map(({ id }) => id).filter((id) => !gone.has(id))));
  };
  if (!(await without([])) || (await without(suspects))) return { culprit: undefined, trials };
  let left = suspects;
  while (left.length > 1) {
    const second = left.slice(Math.floor(left.length / 2));
    const off = withDependents(second, suspects);
    const isStillThere = await without(second);
    left = left.filter(({ id }) => off.has(id) !== isStillThere);
  }
  return { culprit: left[0]?.id, trials };
}

/** Those and whatever requires them. */
function withDependents(these: readonly Suspect[], all: readonly Suspect[]): ReadonlySet<string> {
  const found = new Set(these.map(({ id }) => id));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { id, requires } of all) if (requires.some((peer) => found.has(peer))) found.add(id);
  }
  return found;
}
