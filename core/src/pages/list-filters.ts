import type { Contributed, ListFilter, ListFilters, Narrowing, NarrowScope, PageRequest, SlotRef } from '@posthorn/sdk';
import { messages } from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { callExtension } from '../forms/extension-call.js';
import type { Kernel } from '../kernel.js';
import { askPart } from './extension-part.js';

const t = messages('host');

const CHOICES_MS = 1_000;
const NARROW_MS = 2_000;

const nameOf = ({ from, item }: Contributed<ListFilter>): string => `${from}.${item.id}`;

/** The selects that others add to a filter bar, and what is chosen in them. One that cannot be asked is left out. */
export async function listFilters(
  kernel: Kernel,
  slot: SlotRef<ListFilter>,
  request: PageRequest,
): Promise<ListFilters> {
  const asked = request.context
    .items(slot)
    .filter(({ item }) => mayEnter(item.permission, request.actor, request.account !== undefined))
    .map(async (part) => {
      const options = await askPart(kernel, request, { kind: 'filter', ms: CHOICES_MS, part }, (one, asker) =>
        one.choices(asker),
      );
      if (options === undefined) return [];
      const name = nameOf(part);
      const given = request.url.searchParams.get(name) ?? '';
      const label = request.t(part.item.label);
      const value = options.some((option) => option.value === given) ? given : '';
      const nothing = { value: '', label: request.t(t('{{label}}: any', { label })) };
      const shown = options.map((option) => ({ value: option.value, label: request.t(option.label) }));
      return [{ name, label, value, options: [nothing, ...shown] }];
    });
  const choices = (await Promise.all(asked)).flat();
  const set = choices.filter(({ value }) => value !== '').map(({ name, value }): [string, string] => [name, value]);
  return { choices, chosen: new URLSearchParams(set).toString() };
}

/**
 * What was chosen, as conditions. A filter that fails, is late, or is gone means no row: a list that showed all of them
 * instead would have the wrong ones changed.
 */
export async function narrowed(
  kernel: Kernel,
  slot: SlotRef<ListFilter>,
  chosen: string,
  scope: Omit<NarrowScope, 'context'>,
): Promise<readonly Narrowing[] | 'none'> {
  const filters = kernel.generation.slots.items(slot.id) as readonly Contributed<ListFilter>[];
  const conditions: Narrowing[] = [];
  for (const [name, value] of new URLSearchParams(chosen)) {
    const part = filters.find((one) => nameOf(one) === name);
    if (part === undefined || !mayEnter(part.item.permission, scope.actor, true)) return 'none';
    const { from, item } = part;
    try {
      const context = kernel.generation.context(from);
      const found = await callExtension(from, `filter:${item.id}`, NARROW_MS, () =>
        item.narrow(value, { ...scope, context }),
      );
      if (found === undefined) return 'none';
      conditions.push(found);
    } catch (error) {
      kernel.log.error({ extension: from, at: `filter:${item.id}`, err: error }, 'a filter of a list failed');
      return 'none';
    }
  }
  return conditions;
}
