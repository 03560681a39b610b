import type { ExtensionDefinition } from '@posthorn/sdk';
import prerelease from 'semver/functions/prerelease.js';
import satisfies from 'semver/functions/satisfies.js';

/** One sentence an operator can act on, and whom it is about. */
export interface AssemblyProblem {
  readonly extension: string;
  readonly reason: string;
}

export interface Resolution {
  /** Dependencies first, ties by id. Only extensions without problems. */
  readonly order: readonly ExtensionDefinition[];
  /** Every problem at once, sorted. */
  readonly problems: readonly AssemblyProblem[];
}

/**
 * Whether the host's contract satisfies a range. A pre-release host counts as the release it leads to, so that
 * extensions can be tried against it.
 */
export function sdkSatisfies(hostSdk: string, range: string): boolean {
  if (satisfies(hostSdk, range)) return true;
  return prerelease(hostSdk) !== null && satisfies(hostSdk.replace(/-.*$/, ''), range);
}

/**
 * Orders extensions and finds everything that stands in the way. An extension with a problem is left out, and so is
 * whatever requires it; the rest is assembled. `anySdk` holds those whose range for the contract does not count.
 */
export function resolve(
  definitions: readonly ExtensionDefinition[],
  hostSdk: string,
  anySdk: ReadonlySet<string> = new Set(),
): Resolution {
  const problems: AssemblyProblem[] = [];
  const byId = new Map<string, ExtensionDefinition>();
  for (const d of definitions) {
    if (byId.has(d.id)) problems.push({ extension: d.id, reason: `two packages are called ${d.id}` });
    else byId.set(d.id, d);
  }
  const broken = new Map<string, string>();
  const note = (d: ExtensionDefinition, reason: string): void => {
    problems.push({ extension: d.id, reason });
    if (!broken.has(d.id)) broken.set(d.id, reason);
  };
  for (const d of byId.values()) {
    if (!sdkSatisfies(hostSdk, d.sdk) && !anySdk.has(d.id)) note(d, `built for sdk ${d.sdk}, this host has ${hostSdk}`);
    for (const [id, range] of Object.entries(d.requires ?? {})) {
      const peer = byId.get(id);
      if (peer === undefined) note(d, `requires ${id} ${range}, which is not enabled`);
      else if (!satisfies(peer.version, range)) note(d, `requires ${id} ${range}, found ${peer.version}`);
    }
    for (const [id, range] of Object.entries(d.optional ?? {})) {
      const peer = byId.get(id);
      if (peer !== undefined && !satisfies(peer.version, range))
        note(d, `works with ${id} ${range}, found ${peer.version}`);
    }
  }
  for (const cycle of cycles(byId)) {
    for (const id of cycle)
      note(byId.get(id) as ExtensionDefinition, `is part of a cycle: ${[...cycle, cycle[0]].join(' → ')}`);
  }
  spread(byId, broken, note);
  const order: ExtensionDefinition[] = [];
  const done = new Set<string>();
  const visit = (d: ExtensionDefinition): void => {
    if (done.has(d.id) || broken.has(d.id)) return;
    done.add(d.id);
    for (const id of peersOf(d)) {
      const peer = byId.get(id);
      if (peer !== undefined) visit(peer);
    }
    order.push(d);
  };
  for (const d of [...byId.values()].sort(byIdOrder)) visit(d);
  problems.sort((a, b) =>
    a.extension < b.extension ? -1 : a.extension > b.extension ? 1 : a.reason < b.reason ? -1 : 1,
  );
  return { order, problems };
}

const byIdOrder = (a: ExtensionDefinition, b: ExtensionDefinition): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const peersOf = (d: ExtensionDefinition): readonly string[] =>
  [...Object.keys(d.requires ?? {}), ...Object.keys(d.optional ?? {})].sort();

/** Dependents of what is broken are broken as well, each with its own sentence. */
function spread(
  byId: ReadonlyMap<string, ExtensionDefinition>,
  broken: ReadonlyMap<string, string>,
  note: (d: ExtensionDefinition, reason: string) => void,
): void {
  for (let size = -1; size !== broken.size; ) {
    size = broken.size;
    for (const d of byId.values()) {
      if (broken.has(d.id)) continue;
      const missing = Object.keys(d.requires ?? {}).find((id) => broken.has(id));
      if (missing !== undefined) note(d, `requires ${missing}, which cannot be enabled`);
    }
  }
}

/** Each cycle of `requires` and `optional` once, from its smallest id. */
function cycles(byId: ReadonlyMap<string, ExtensionDefinition>): readonly (readonly string[])[] {
  const found: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string, path: readonly string[]): void => {
    if (state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      found.push(path.slice(path.indexOf(id)));
      return;
    }
    const d = byId.get(id);
    if (d === undefined) return;
    state.set(id, 'open');
    for (const peer of peersOf(d)) visit(peer, [...path, id]);
    state.set(id, 'done');
  };
  for (const id of [...byId.keys()].sort()) visit(id, []);
  return found;
}
