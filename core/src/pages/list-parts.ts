import type { Contributed, ListColumn, ListParts, PageRequest, RowAction, SlotRef, Text } from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { isOwnPath } from '../access/own-path.js';
import type { Kernel } from '../kernel.js';
import { confirmPath } from './confirm-page.js';
import { askPart } from './extension-part.js';

/** Milliseconds that a column may take for all rows of a page, and an action to say where it leads. */
const COLUMN_MS = 2_000;
const ACTION_MS = 500;
const DASH = '–';

interface Slots<Row> {
  readonly columns: SlotRef<ListColumn<Row>>;
  readonly actions: SlotRef<RowAction<Row>>;
}

/** What others add to the rows of a page: each column and each action is asked once, for all rows. */
export async function listParts<Row>(
  kernel: Kernel,
  slots: Slots<Row>,
  rows: readonly Row[],
  request: PageRequest,
): Promise<ListParts> {
  const [columns, actions] = await Promise.all([
    listColumns(kernel, slots.columns, rows, request),
    Promise.all(visible(slots.actions, request).map((part) => action(kernel, part, rows, request))),
  ]);
  return {
    columns: columns.map(({ key, label }) => ({ key, label })),
    rows: rows.map((_, i) => ({
      cells: Object.fromEntries(columns.map(({ key, cells }) => [key, cells[i] ?? DASH])),
      actions: actions.flatMap((links) => links[i] ?? []),
    })),
  };
}

/** The columns of others that this reader sees, with the cells of these rows. */
export const listColumns = <Row>(
  kernel: Kernel,
  slot: SlotRef<ListColumn<Row>>,
  rows: readonly Row[],
  request: PageRequest,
) => Promise.all(visible(slot, request).map((part) => column(kernel, part, rows, request)));

const visible = <Item extends { readonly permission: ListColumn<never>['permission'] }>(
  slot: SlotRef<Item>,
  request: PageRequest,
): readonly Contributed<Item>[] =>
  request.context
    .items(slot)
    .filter(({ item }) => mayEnter(item.permission, request.actor, request.account !== undefined));

async function column<Row>(
  kernel: Kernel,
  part: Contributed<ListColumn<Row>>,
  rows: readonly Row[],
  request: PageRequest,
) {
  const { from, item } = part;
  const say = (cell: Text | number | undefined) =>
    cell === undefined || typeof cell === 'number' ? cell : request.t(cell);
  const cells = await askPart(kernel, request, { kind: 'column', ms: COLUMN_MS, part }, async (one, asker) =>
    (await one.load(rows, asker)).map(say),
  );
  return { key: `${from}.${item.id}`, label: request.t(item.label), cells: cells ?? [] };
}

/** One that fails for a row is missing from all of them: half of it would look as if the others were not meant. */
async function action<Row>(
  kernel: Kernel,
  part: Contributed<RowAction<Row>>,
  rows: readonly Row[],
  request: PageRequest,
) {
  const label = request.t(part.item.label);
  const links = await askPart(kernel, request, { kind: 'action', ms: ACTION_MS, part }, (one, asker) =>
    rows.map((row) => {
      if (one.when?.(row, asker) === false) return undefined;
      const to = one.href(row);
      if (!isOwnPath(to)) throw new Error(`an action leads to paths of ours, not to ${JSON.stringify(to)}`);
      const question = one.confirm?.(row);
      const back = `${request.url.pathname}${request.url.search}`;
      const href =
        question === undefined ? to : confirmPath(kernel, request, { to, label, question: request.t(question), back });
      return { label, href, icon: one.icon };
    }),
  );
  return links ?? [];
}
