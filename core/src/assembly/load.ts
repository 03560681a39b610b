import { pathToFileURL } from 'node:url';
import {
  auditedTables,
  type ExtensionDefinition,
  type Importer,
  importers,
  type Job,
  jobs,
  unauditedTables,
} from '@posthorn/sdk';
import { BACKFILL_JOB } from '../backfill/backfill-jobs.js';
import { narrowingOf } from '../data/migrations/expand-only.js';
import { madeBy } from '../packages/footprint.js';
import { untried } from '../packages/tried-imports.js';
import { board } from '../watch/frame-board.js';
import type { ExtensionPackage } from './discover.js';

export type Loaded =
  | { readonly definition: ExtensionDefinition; readonly problem?: undefined }
  /** `hasFailed`: its code was run and did not stand; otherwise it does not fit. */
  | { readonly definition?: undefined; readonly problem: string; readonly hasFailed?: boolean };

/**
 * Imports an extension's module, once a process of its own has. Whatever it throws becomes a reason with its name;
 * nothing else suffers.
 */
export async function load(found: ExtensionPackage): Promise<Loaded> {
  if (found.problem !== undefined) return { problem: found.problem };
  const reason = (await untried([found])).get(found.id);
  if (reason !== undefined) return { problem: reason, hasFailed: true };
  let module: { default?: unknown };
  // Kept over the wait: modules run their code in a context of their own, and nothing else runs meanwhile.
  const before = board.swap(board.numberOf(found.id, 'import'));
  try {
    module = (await import(pathToFileURL(found.entry).href)) as { default?: unknown };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { problem: `its code fails on import: ${said}`, hasFailed: true };
  } finally {
    board.swap(before);
  }
  const definition = module.default as ExtensionDefinition | undefined;
  if (definition === undefined || definition === null || typeof definition !== 'object') {
    return { problem: 'its module has no default export made by defineExtension' };
  }
  try {
    const problem =
      misshapen(definition) ?? disagreement(found, definition) ?? narrowing(definition) ?? outsidePrefix(definition);
    return problem === undefined ? { definition } : { problem };
  } catch (error) {
    return { problem: `its definition cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

const LISTS = ['taps', 'contributes', 'services', 'entities', 'extend', 'migrations', 'parameters'] as const;

/** Types are only checked where somebody compiles. */
function misshapen(d: ExtensionDefinition): string | undefined {
  for (const name of LISTS) {
    const list: unknown = d[name] ?? [];
    if (!Array.isArray(list)) return `its ${name} are no list`;
    const isThing = (item: unknown): boolean =>
      typeof item === 'function' || (typeof item === 'object' && item !== null);
    if (!list.every(isThing)) return `its ${name} hold something that is none`;
  }
  const tap = (d.taps ?? []).find(({ hook, run }) => typeof hook?.id !== 'string' || typeof run !== 'function');
  return tap === undefined ? undefined : 'one of its taps has no hook or no function';
}

/** The block is what people read before they install; code that says otherwise is refused. */
function disagreement(found: ExtensionPackage, d: ExtensionDefinition): string | undefined {
  if (d.id !== found.id) return `its code says id ${d.id}, its package says ${found.id}`;
  if (d.version !== found.version) return `its code says version ${d.version}, its package says ${found.version}`;
  if (d.sdk !== found.sdk) return `its code says sdk ${d.sdk}, its package says ${found.sdk}`;
  if (sorted(d.requires) !== sorted(found.requires)) return 'its code and its package disagree on what it requires';
  for (const kind of ['tables', 'permissions', 'commands', 'endpoints', 'imports'] as const) {
    if (list(d.claims?.[kind]) !== list(found.claims[kind]))
      return `its code and its package disagree on the ${kind} it claims`;
  }
  return undefined;
}

const sorted = (r: Readonly<Record<string, string>> = {}): string => JSON.stringify(Object.entries(r).sort());
const list = (names: readonly string[] = []): string => [...names].sort().join(' ');

/** Names belong to whoever's prefix they carry, unless claimed in the open. */
function outsidePrefix(d: ExtensionDefinition): string | undefined {
  for (const name of Object.keys(d.permissions ?? {})) {
    if (!name.startsWith(`${d.id}.`)) return `its permission ${name} does not begin with ${d.id}.`;
  }
  for (const name of Object.keys(d.claimedPermissions ?? {})) {
    if (!(d.claims?.permissions ?? []).includes(name)) return `it uses the permission ${name} without claiming it`;
  }
  for (const noun of d.claims?.endpoints ?? []) {
    if (!/^[a-z][a-z0-9-]*$/.test(noun)) return `it claims ${noun}, which is no noun of the API`;
  }
  for (const { slot, item } of d.contributes ?? []) {
    if (slot.id === jobs.id && (item as Job).id === BACKFILL_JOB && d.backfill !== undefined) {
      return 'its job backfill has the name under which its backfill runs';
    }
    if (slot.id === auditedTables.id || slot.id === unauditedTables.id) {
      const { table } = item as { readonly table: string };
      if (!isOwnTable(d, table)) return `it says how ${table} is recorded, which is no table of its own`;
    }
    if (slot.id !== importers.id) continue;
    const { kind } = item as Importer;
    if (!kind.startsWith(d.id) && !(d.claims?.imports ?? []).includes(kind)) {
      return `it imports ${kind} without claiming it`;
    }
  }
  for (const { old } of d.bridges ?? []) {
    if (!old.id.startsWith(`${d.id}.`)) return `it bridges ${old.id}, which does not begin with ${d.id}.`;
  }
  for (const m of d.migrations ?? []) {
    if (!m.name.startsWith(`${d.id}/`)) return `its migration ${m.name} does not begin with ${d.id}/`;
  }
  for (const { kind, name } of madeBy(d.migrations ?? [])) {
    if (kind !== 'column' && !isOwnTable(d, name)) return `it makes the ${kind} ${name} without claiming it`;
  }
  for (const ref of d.parameters ?? []) {
    if ((ref as { extension: string }).extension !== d.id) return 'it contributes parameters of another extension';
  }
  return undefined;
}

const isOwnTable = ({ id, claims }: ExtensionDefinition, name: string): boolean =>
  name.startsWith(`${id.replaceAll('-', '_')}_`) || (claims?.tables ?? []).includes(name);

/** Old and new generations share the tables while workers are replaced, so a step that takes something away is refused. */
function narrowing(d: ExtensionDefinition): string | undefined {
  for (const m of d.migrations ?? []) {
    try {
      const reason = narrowingOf(m);
      if (reason !== undefined) return reason;
    } catch (error) {
      return `its schema step ${m.name} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return undefined;
}
