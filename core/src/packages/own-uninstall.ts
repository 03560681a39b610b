import type { ExtensionDefinition } from '@posthorn/sdk';
import { type DesiredRow, readDesired } from '../assembly/desired.js';
import { within } from '../forms/deadline.js';
import type { Kernel } from '../kernel.js';
import { callInFrame, ExtensionError } from '../watch/attribution.js';

/** Milliseconds that an extension has to tidy up. */
const UNINSTALL_MS = 60_000;
const AT = 'uninstall';

/**
 * Runs what a disabled extension does when it is uninstalled, in an arrangement of its own: what is enabled, the extension
 * and what it requires. Returns the failure where that cannot be assembled, fails or does not end in time.
 */
export async function runOwnUninstall(
  kernel: Kernel,
  definition: ExtensionDefinition,
): Promise<ExtensionError | undefined> {
  const { id } = definition;
  if (definition.uninstall === undefined) return undefined;
  const wishes = await readDesired(kernel.database.execute.bind(kernel.database));
  if (!wishes.some((row) => row.id === id && !row.isFirst)) return undefined; // It was never enabled, so it made nothing.
  try {
    await using candidate = await kernel.candidate(withRequired(kernel, wishes, id));
    const state = candidate.states.find((each) => each.id === id);
    if (state?.state !== 'enabled') throw new Error(state?.reason);
    const frame = { extension: id, at: AT, spot: kernel.spots.at(id, AT) };
    await callInFrame(frame, () =>
      within(UNINSTALL_MS, async () => definition.uninstall?.(candidate.generation.context(id))),
    );
    return undefined;
  } catch (error) {
    return new ExtensionError(id, AT, error);
  }
}

/** The wishes, and the extension with whatever it requires wanted as well. */
function withRequired(kernel: Kernel, wishes: readonly DesiredRow[], id: string): readonly DesiredRow[] {
  const wanted = new Set<string>();
  const want = (one: string): void => {
    if (wanted.has(one)) return;
    wanted.add(one);
    const found = kernel.packages.find((each) => each.id === one);
    for (const peer of Object.keys(found?.requires ?? {})) want(peer);
  };
  want(id);
  const rows = [...wanted].flatMap((one): readonly DesiredRow[] => {
    const found = kernel.packages.find((each) => each.id === one);
    if (found === undefined) return [];
    return [{ id: one, package: found.package, version: found.version, desired: 'enabled', isFirst: false }];
  });
  return [...wishes.filter((row) => !wanted.has(row.id)), ...rows];
}
