import type { ExtensionDefinition } from '@posthorn/sdk';
import { load } from '../assembly/load.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';

const enabled = (kernel: Kernel): readonly ExtensionDefinition[] =>
  kernel.generation.order.filter(({ id }) => id !== KERNEL_ID);

/** The definition of an installed extension, enabled or not. Reading one imports its module and runs nothing else of it. */
export async function definitionOf(kernel: Kernel, id: string): Promise<ExtensionDefinition> {
  const running = enabled(kernel).find((each) => each.id === id);
  if (running !== undefined) return running;
  const found = kernel.packages.find((each) => each.id === id);
  if (found === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
  const loaded = await load(found);
  if (loaded.definition === undefined) throw problem('E_EXTENSION_UNREADABLE', { id, reason: loaded.problem });
  return loaded.definition;
}

/** Of every package that can be read, enabled or not. */
export async function readableDefinitions(kernel: Kernel): Promise<readonly ExtensionDefinition[]> {
  const running = enabled(kernel);
  const others = kernel.packages.filter(({ id }) => !running.some((each) => each.id === id));
  const loaded = await Promise.all(others.map((each) => load(each)));
  return [...running, ...loaded.flatMap(({ definition }) => (definition === undefined ? [] : [definition]))];
}
