import { SDK_VERSION } from '@posthorn/sdk';
import { compare, satisfies, valid } from 'semver';
import type { DesiredRow } from '../assembly/desired.js';
import type { ExtensionPackage } from '../assembly/discover.js';
import { sdkSatisfies } from '../assembly/resolve.js';

export interface Upgrade {
  readonly id: string;
  readonly old: ExtensionPackage;
  readonly fresh: ExtensionPackage;
  /** Of the instance, the old version among them. */
  readonly packages: readonly ExtensionPackage[];
  readonly desired: readonly DesiredRow[];
  /** A lower version was asked for. */
  readonly isDowngrade: boolean;
  /** Whether a package was added, and not installed by npm beside the others. */
  isAdded(found: ExtensionPackage): boolean;
}

const KINDS = ['tables', 'permissions', 'commands', 'endpoints', 'imports'] as const;

/** What a version claims, as `commands notes`. */
const claimsOf = ({ claims }: ExtensionPackage): readonly string[] =>
  KINDS.flatMap((kind) => (claims[kind] ?? []).map((name) => `${kind} ${name}`));

/** What a version claims that the one before did not. */
export const newClaims = (old: ExtensionPackage, fresh: ExtensionPackage): readonly string[] => {
  const before = new Set(claimsOf(old));
  return claimsOf(fresh).filter((claim) => !before.has(claim));
};

/** Everything that speaks against an upgrade and can be read without running its code. */
export function upgradeComplaints(u: Upgrade): readonly string[] {
  const { id, old, fresh, packages, desired } = u;
  if (fresh.id !== id) return [`the package ${fresh.package} is the extension ${fresh.id}`];
  if (fresh.package !== old.package)
    return [`it comes from another package, ${fresh.package} instead of ${old.package}`];
  if (fresh.problem !== undefined) return [fresh.problem];
  const wish = desired.find((row) => row.id === id);
  const complaints: string[] = [];
  if (!sdkSatisfies(SDK_VERSION, fresh.sdk) && wish?.override === undefined)
    complaints.push(`built for sdk ${fresh.sdk}, this host has ${SDK_VERSION}`);
  const order = valid(old.version) === null ? 1 : compare(fresh.version, old.version);
  if (order === 0) complaints.push('that version is installed');
  if (order < 0 && !u.isDowngrade) complaints.push(`version ${old.version} is installed, and that one is lower`);
  if (wish?.desired !== 'enabled') return complaints;
  const wanted = new Set(desired.filter((row) => row.desired === 'enabled').map((row) => row.id));
  const others = packages.filter((each) => each.id !== id && wanted.has(each.id));
  for (const [peer, range] of Object.entries(fresh.requires)) {
    const there = others.find((each) => each.id === peer);
    if (there === undefined) complaints.push(`requires ${peer} ${range}, which is not enabled`);
    else if (!satisfies(there.version, range)) complaints.push(`requires ${peer} ${range}, found ${there.version}`);
  }
  for (const other of others) {
    const range = other.requires[id];
    if (range === undefined) continue;
    if (!satisfies(fresh.version, range)) complaints.push(`${other.id} requires ${id} ${range}`);
    // Node looks for what it imports beside it, where the version before stays.
    else if (!u.isAdded(other) && !u.isAdded(old))
      complaints.push(`${other.id} requires it and was installed with npm, as it was; upgrade both with npm`);
  }
  const taken = new Map(others.flatMap((other) => claimsOf(other).map((claim) => [claim, other.id] as const)));
  for (const claim of claimsOf(fresh)) {
    const owner = taken.get(claim);
    if (owner !== undefined)
      complaints.push(`claims ${claim.replace(/^(\S+) (.*)$/, '$2 ($1)')}, which ${owner} has claimed`);
  }
  return complaints;
}
