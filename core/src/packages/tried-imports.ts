import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExtensionPackage } from '../assembly/discover.js';
import { trialImport } from './trial-import.js';

/**
 * What a process may import: each package is tried in a child before the first process imports it, and the verdict is
 * kept in the instance by package, version and content of its entry. A module that cannot be imported is tried again by
 * the next process, because its cause may lie elsewhere; one that never ends only after an hour or by whoever enables
 * it anew, because every start would wait for it, and a machine that was busy may have been to blame.
 */
const FILE = join('data', 'tried-imports.json');
/** A start cannot wait as long as somebody who adds a package. */
const TRIAL_MS = 5_000;
const ENDLESS = /^its import did not end/;

const ENDLESS_MS = 3_600_000;

/** By package, version and content; the reason is empty where it may be imported. */
type Verdicts = Record<string, { readonly reason: string; readonly at: number }>;

/** Verdicts of this process; what it failed to import once, it cannot import again. */
const own = new Map<string, string>();

async function readVerdicts(instance: string): Promise<Verdicts> {
  try {
    const all = Object.entries(JSON.parse(await readFile(join(instance, FILE), 'utf8')) as Verdicts);
    return Object.fromEntries(all.filter(([, { reason, at }]) => reason === '' || Date.now() - at < ENDLESS_MS));
  } catch {
    return {}; // None yet, or half a file: everything is tried.
  }
}

/** Where it cannot be written, the next process tries again. */
async function keepVerdicts(instance: string, changed: ReadonlyMap<string, string>): Promise<void> {
  const packageOf = (key: string): string => key.slice(0, key.lastIndexOf(' '));
  const tried = new Set([...changed.keys()].map(packageOf));
  // One verdict for each version of a package: whoever works on one makes a new entry with every build.
  const others = Object.entries(await readVerdicts(instance)).filter(([key]) => !tried.has(packageOf(key)));
  const worth = [...changed].filter(([, reason]) => reason === '' || ENDLESS.test(reason));
  const verdicts = Object.fromEntries([
    ...others,
    ...worth.map(([key, reason]) => [key, { reason, at: Date.now() }] as const),
  ]);
  const fresh = join(instance, `${FILE}.${randomUUID()}`);
  try {
    await mkdir(dirname(fresh), { recursive: true, mode: 0o700 });
    await writeFile(fresh, JSON.stringify(verdicts));
    await rename(fresh, join(instance, FILE));
  } catch {
    await rm(fresh, { force: true }).catch(() => undefined);
  }
}

interface Candidate {
  readonly found: ExtensionPackage;
  readonly instance: string;
  readonly key: string;
}

async function candidate(found: ExtensionPackage): Promise<Candidate | undefined> {
  const { instance } = found;
  if (instance === undefined || found.problem !== undefined) return undefined;
  const content = await readFile(found.entry).catch(() => '');
  const digest = createHash('sha256').update(content).digest('base64url');
  return { found, instance, key: `${found.package}@${found.version} ${digest}` };
}

/**
 * Why packages must not be imported, by id; those that may are not in it. `again` tries anew what has failed before.
 * Packages that belong to no instance are their tester's own and are not tried.
 */
export async function untried(
  packages: readonly ExtensionPackage[],
  o: { readonly again?: boolean } = {},
): Promise<ReadonlyMap<string, string>> {
  const all = (await Promise.all(packages.map(candidate))).filter((one) => one !== undefined);
  const [first] = all;
  if (first === undefined) return new Map();
  const isKnown = (reason: string | undefined): boolean => reason !== undefined && !(o.again === true && reason !== '');
  if (!all.every(({ key }) => isKnown(own.get(key)))) {
    const kept = await readVerdicts(first.instance);
    for (const { key } of all) {
      const reason = kept[key]?.reason;
      if (reason !== undefined && !own.has(key)) own.set(key, reason);
    }
  }
  const unknown = all.filter(({ key }) => !isKnown(own.get(key)));
  if (unknown.length > 0) {
    const reasons = await trialImport(
      unknown.map(({ found }) => found.entry),
      { timeoutMs: TRIAL_MS },
    );
    for (const [i, { key }] of unknown.entries()) own.set(key, reasons[i] ?? '');
    await keepVerdicts(first.instance, new Map(unknown.map(({ key }) => [key, own.get(key) ?? ''])));
  }
  return new Map(all.flatMap(({ found, key }) => (own.get(key) ? [[found.id, own.get(key) ?? '']] : [])));
}
