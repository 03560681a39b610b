import { type ExtensionDefinition, SDK_VERSION } from '@posthorn/sdk';
import { untried } from '../packages/tried-imports.js';
import type { DesiredRow } from './desired.js';
import type { ExtensionPackage } from './discover.js';
import { load } from './load.js';
import { resolve, sdkSatisfies } from './resolve.js';

/** What became of one extension in this process, beside what was wanted. */
export interface ExtensionState {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly state: 'enabled' | 'disabled' | 'available' | 'incompatible' | 'failed' | 'quarantined' | 'missing';
  readonly desired: 'enabled' | 'disabled';
  /** Why it is not enabled; of one that is, what is to be known about that. */
  readonly reason: string;
}

export interface Assembly {
  readonly order: readonly ExtensionDefinition[];
  readonly states: readonly ExtensionState[];
}

/**
 * Loads what is wanted and installed, and orders what can work together. Nothing that is wrong with one extension stops
 * the others; each gets its reason.
 */
export async function assemble(
  packages: readonly ExtensionPackage[],
  desired: readonly DesiredRow[],
  kernel: ExtensionDefinition,
  quarantined: ReadonlyMap<string, string> = new Map(),
): Promise<Assembly> {
  const wanted = new Set(desired.filter((row) => row.desired === 'enabled').map((row) => row.id));
  const byId = new Map<string, ExtensionPackage>();
  const problems = new Map<string, string>();
  const failed = new Set<string>();
  for (const found of packages) {
    if (byId.has(found.id))
      problems.set(
        found.id,
        `two packages are called ${found.id}: ${byId.get(found.id)?.package} and ${found.package}`,
      );
    else byId.set(found.id, found);
  }
  const leftOff = withDependents(quarantined, packages);
  const definitions: ExtensionDefinition[] = [];
  await untried([...byId.values()].filter(({ id }) => wanted.has(id) && !problems.has(id) && !leftOff.has(id)));
  for (const id of wanted) {
    const found = byId.get(id);
    if (found === undefined) {
      problems.set(id, 'its package is not installed in this instance');
      continue;
    }
    if (problems.has(id) || leftOff.has(id)) continue;
    const loaded = await load(found);
    if (loaded.problem === undefined) definitions.push(loaded.definition);
    else problems.set(id, loaded.problem);
    if (loaded.problem !== undefined && loaded.hasFailed === true) failed.add(id);
  }
  for (const [id, reason] of collidingClaims(definitions, kernel)) problems.set(id, reason);
  const sound = definitions.filter((d) => !problems.has(d.id));
  const overrides = desired.filter(({ override }) => override !== undefined).map(({ id }) => id);
  const resolution = resolve([kernel, ...sound], SDK_VERSION, new Set(overrides));
  for (const { extension, reason } of resolution.problems) {
    const before = problems.get(extension);
    problems.set(extension, before === undefined ? reason : `${before}; ${reason}`);
  }
  const order = [kernel, ...resolution.order.filter((d) => d.id !== kernel.id)];
  return {
    order,
    states: states(byId, desired, { problems, failed, leftOff, enabled: new Set(order.map((d) => d.id)) }),
  };
}

/** What is left off, and what cannot do without it, each with its reason. */
function withDependents(
  quarantined: ReadonlyMap<string, string>,
  packages: readonly ExtensionPackage[],
): ReadonlyMap<string, string> {
  const all = new Map(quarantined);
  for (let size = -1; size !== all.size; ) {
    size = all.size;
    for (const { id, requires } of packages) {
      const missing = Object.keys(requires).find((peer) => all.has(peer));
      if (missing !== undefined && !all.has(id)) all.set(id, `requires ${missing}, which is quarantined`);
    }
  }
  return all;
}

/** The same assembly without those that failed while they were put together, and without their dependents. */
export function withFailures(
  before: Assembly,
  kernel: ExtensionDefinition,
  failures: ReadonlyMap<string, string>,
): Assembly {
  const rest = before.order.filter((d) => d.id !== kernel.id && !failures.has(d.id));
  const { order, problems } = resolve([kernel, ...rest], SDK_VERSION, new Set(rest.map(({ id }) => id)));
  const reasons = new Map([...failures, ...problems.map((p) => [p.extension, p.reason] as const)]);
  return {
    order: [kernel, ...order.filter((d) => d.id !== kernel.id)],
    states: before.states.map((s) => {
      const reason = reasons.get(s.id);
      return reason === undefined ? s : { ...s, state: failures.has(s.id) ? 'failed' : 'incompatible', reason };
    }),
  };
}

/** Two extensions may not claim the same name; the one that comes first by id keeps it. */
function collidingClaims(
  definitions: readonly ExtensionDefinition[],
  kernel: ExtensionDefinition,
): ReadonlyMap<string, string> {
  // Without a claim an extension's endpoints stand below its id.
  const owners = new Map([kernel.id, ...definitions.map((d) => d.id)].map((id) => [`endpoints ${id}`, id]));
  const found = new Map<string, string>();
  for (const noun of kernel.claims?.endpoints ?? []) owners.set(`endpoints ${noun}`, kernel.id);
  for (const d of [...definitions].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    for (const kind of ['tables', 'permissions', 'commands', 'endpoints', 'imports'] as const) {
      for (const name of d.claims?.[kind] ?? []) {
        const owner = owners.get(`${kind} ${name}`);
        if (owner === undefined) owners.set(`${kind} ${name}`, d.id);
        else if (owner !== d.id) found.set(d.id, `claims ${name} (${kind}), which ${owner} has claimed`);
      }
    }
  }
  return found;
}

/** What is to be said of one that is enabled although it was built for another contract. */
function warning(found: ExtensionPackage | undefined, row: DesiredRow | undefined): string {
  if (found === undefined || row?.override === undefined || sdkSatisfies(SDK_VERSION, found.sdk)) return '';
  const { by, at } = row.override;
  return `built for sdk ${found.sdk}, this host has ${SDK_VERSION}; ${by} enabled it all the same (${at} UTC)`;
}

/** What became of the extensions while they were assembled. */
interface Outcome {
  readonly problems: ReadonlyMap<string, string>;
  /** Those whose code was run and did not stand. */
  readonly failed: ReadonlySet<string>;
  readonly leftOff: ReadonlyMap<string, string>;
  readonly enabled: ReadonlySet<string>;
}

function stateOf(
  id: string,
  found: ExtensionPackage | undefined,
  row: DesiredRow | undefined,
  { failed, leftOff, enabled }: Outcome,
): ExtensionState['state'] {
  const isSound = found?.problem === undefined;
  if (enabled.has(id) && isSound) return 'enabled';
  if (row?.desired === 'enabled') {
    if (leftOff.has(id)) return 'quarantined';
    if (found === undefined) return 'missing';
    return failed.has(id) ? 'failed' : 'incompatible';
  }
  if (!isSound) return 'incompatible';
  return row === undefined ? 'available' : 'disabled';
}

function states(
  byId: ReadonlyMap<string, ExtensionPackage>,
  desired: readonly DesiredRow[],
  outcome: Outcome,
): readonly ExtensionState[] {
  const { problems, leftOff } = outcome;
  const rows = new Map(desired.map((row) => [row.id, row]));
  const ids = [...new Set([...byId.keys(), ...rows.keys()])].sort();
  return ids.map((id) => {
    const found = byId.get(id);
    const row = rows.get(id);
    const want = row?.desired ?? 'disabled';
    const state = stateOf(id, found, row, outcome);
    const reason = (state === 'quarantined' ? leftOff.get(id) : undefined) ?? problems.get(id) ?? found?.problem ?? '';
    return {
      id,
      package: found?.package ?? row?.package ?? '',
      version: found?.version ?? row?.version ?? '',
      state,
      desired: want,
      reason: state === 'enabled' ? warning(found, row) : reason,
    };
  });
}
