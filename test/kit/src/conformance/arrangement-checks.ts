import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { manifestOf } from '../host/extension-package.js';
import type { TestHost } from '../test-host.js';
import { testHost } from '../test-host.js';
import type { Check } from './check.js';
import { difference } from './schema.js';
import { hostOf, messageOf, type Subject } from './subject.js';
import { ownPaths } from './visits.js';

/** What an extension has put where, and what its roles hold. */
async function arrangement({ kernel }: TestHost, id: string): Promise<readonly string[]> {
  const slots = [...kernel.generation.slots.summary(id)].map(([slot, n]) => `${n} in ${slot}`);
  const own = kernel.generation.order.find((d) => d.id === id);
  const hooks = (own?.taps ?? []).map(({ hook }) => `listens to ${hook.id}`);
  const services = (own?.services ?? []).map(({ ref }) => `offers ${ref.id}`);
  const grants = (
    await kernel.database.execute<{ role: string; permission: string }>(
      'select role, permission from core_grant where extension = ?',
      [id],
    )
  ).map(({ role, permission }) => `${role} holds ${permission}`);
  return [...slots, ...hooks, ...services, ...grants].sort();
}

export const registryCheck: Check = {
  id: 'registry',
  name: 'enabled, disabled and enabled again it brings the same',
  mend: 'Make the definition plain data: no getter, no counter, nothing that depends on how often it was read.',
  async look(s) {
    await using host = await hostOf(s);
    const { id } = s.definition;
    const first = await arrangement(host, id);
    await host.disable(id);
    const without = (await arrangement(host, id)).filter((line) => !line.includes(' holds '));
    await host.enable(id);
    const again = await arrangement(host, id);
    return [...without.map((line) => `still there while disabled: ${line}`), ...difference(first, again)];
  },
};

interface Reference {
  readonly id: string;
  readonly kind: string;
}

const referencesOf = (module: object): readonly Reference[] =>
  Object.values(module).filter(
    (value): value is Reference =>
      typeof value === 'object' && value !== null && typeof value.id === 'string' && typeof value.kind === 'string',
  );

/** The hooks that a package shows: in its `contract`, or where there is none in its own module. */
async function hooksOf(folder: string): Promise<readonly Reference[]> {
  const { name, exports = {} } = manifestOf(folder) as { name: string; exports?: object };
  const own = '.' in exports ? '' : undefined;
  const subpath = './contract' in exports ? '/contract' : own;
  if (subpath === undefined) return [];
  const resolve = createRequire(join(folder, 'package.json')).resolve;
  return referencesOf((await import(pathToFileURL(resolve(`${name}${subpath}`)).href)) as object);
}

export const hookCheck: Check = {
  id: 'hooks',
  name: 'every hook it listens to has an owner and the same kind',
  mend: 'Import the reference from the SDK or from the contract of an extension that stands under `requires` or `optional`.',
  async look(s) {
    const { definition: d, peers } = s;
    const wrong: string[] = [];
    const known = new Map<string, string>();
    for (const { id, kind } of referencesOf(await import('@posthorn/sdk'))) known.set(id, kind);
    const named = new Set(Object.keys({ ...d.requires, ...d.optional }));
    for (const [id, folder] of peers)
      if (named.has(id)) for (const hook of await hooksOf(folder)) known.set(hook.id, hook.kind);
    for (const { hook } of d.taps ?? []) {
      const owner = hook.id.split('.')[0] ?? '';
      if (owner === d.id) continue;
      if (owner !== 'host' && !named.has(owner))
        wrong.push(`${hook.id} belongs to ${owner}, which it neither requires nor names as optional`);
      else if (owner !== 'host' && !peers.has(owner)) continue;
      else if (!known.has(hook.id)) wrong.push(`${owner} has no hook ${hook.id}`);
      else if (known.get(hook.id) !== hook.kind)
        wrong.push(`${hook.id} is a ${known.get(hook.id)}, but it listens as to a ${hook.kind}`);
    }
    return wrong;
  },
};

/** More than these are tried one by one and all together, not in every combination. */
const SUBSETS_OF_MAX = 4;

export const optionalPeerCheck: Check = {
  id: 'optional-peers',
  name: 'it works with every choice of its optional peers',
  mend: 'Use `context.find` instead of `context.get` for what an optional peer offers, and do without it.',
  async look(s) {
    const ids = Object.keys(s.definition.optional ?? {});
    if (ids.length === 0) return { skipped: 'it has no optional peers' };
    const missing = ids.filter((id) => !s.peers.has(id));
    if (missing.length > 0)
      return missing.map((id) => `${id} is not installed, so it cannot be tried: make it a dev dependency`);
    const wrong: string[] = [];
    for (const chosen of subsets(ids)) {
      const name = chosen.length === 0 ? 'without any' : `with ${chosen.join(' and ')}`;
      wrong.push(...(await faultsWith(s, chosen)).map((fault) => `${name}: ${fault}`));
    }
    return wrong;
  },
};

async function faultsWith(s: Subject, chosen: readonly string[]): Promise<readonly string[]> {
  try {
    const peers = chosen.map((id) => s.peers.get(id) as string);
    await using host = await testHost({ with: [...new Set([...s.required, ...peers]), s.definition] });
    await host.kernel.generation.start();
    const root = await host.admin();
    const wrong: string[] = [];
    for (const path of ownPaths(s, host)) {
      const { status } = await root.get(path);
      if (status >= 500) wrong.push(`${path} answers ${status}`);
    }
    return [...wrong, ...host.reports.map(({ message }) => message)];
  } catch (error) {
    return [messageOf(error)];
  }
}

function subsets(ids: readonly string[]): readonly (readonly string[])[] {
  if (ids.length > SUBSETS_OF_MAX) return [[], ...ids.map((id) => [id]), ids];
  return Array.from({ length: 2 ** ids.length }, (_, bits) => ids.filter((_id, i) => (bits & (1 << i)) !== 0));
}
