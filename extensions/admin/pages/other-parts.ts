/** What other extensions add to our lists. */
import {
  type Actor,
  type ExtensionContext,
  field,
  type ListFilter,
  type ListParts,
  lists,
  messages,
  type SlotRef,
} from '@posthorn/sdk';
import { type Fragment, fragment, idIn } from '../services/sql.js';

const t = messages('admin');

/** What is chosen in their filters, as one text that a hidden field keeps. */
export const othersField = () => field.string({ label: t('Further filters'), max: 2_000 }).default('');

/** The conditions of what is chosen, for the rows with their id in this column. */
export async function narrowedBy(
  context: ExtensionContext,
  actor: Actor,
  o: { readonly slot: SlotRef<ListFilter>; readonly chosen: string; readonly kind: string; readonly column: string },
): Promise<readonly Fragment[]> {
  if (o.chosen === '') return [];
  const found = await context.get(lists).narrow(o.slot, o.chosen, { actor, kind: o.kind, column: o.column });
  if (found === 'none') return [fragment('1 = 0')];
  return found.map((one) => ('ids' in one ? idIn(context.data.dialect, o.column, one.ids) : one));
}

/** A row as the view shows it, with what others add to it. */
export const withParts = <Row>(rows: readonly Row[], parts: ListParts) =>
  rows.map((row, i) => ({ ...row, others: parts.rows[i] ?? { cells: {}, actions: [] } }));
