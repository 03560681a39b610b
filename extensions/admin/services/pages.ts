import type { Page } from '../contract/inputs.js';
import { type Orders, sortsOf } from './order.js';
import { Complaints } from './values.js';

export const PAGE_SIZE = 500;

export interface Slice {
  /** The sort key after which the page begins; undefined for the first. */
  readonly after: string | undefined;
  readonly size: number;
}

/** Streams pages by keyset: one statement each, and nobody's list shifts while it is read. */
export async function* pages<Row>(
  filter: Page,
  load: (slice: Slice) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): AsyncGenerator<Row> {
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  let { after } = filter;
  while (left > 0) {
    const size = Math.min(PAGE_SIZE, left);
    const rows = await load({ after, size });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < size) return;
    after = keyOf(last);
    left -= rows.length;
  }
}

/** What lists are filtered by: texts that a database can compare, a limit that makes sense, an order that they know. */
export function requirePage(
  filter: Page & {
    readonly search?: string;
    readonly recipient?: string;
    readonly role?: string;
    readonly email?: string;
  },
  orders: Orders = {},
): void {
  const complaints = new Complaints();
  for (const name of ['after', 'search', 'recipient', 'role', 'email'] as const)
    complaints.line(name, filter[name], 400);
  complaints.integer('limit', filter.limit, 1);
  complaints.oneOf('sort', filter.sort, sortsOf(orders));
  complaints.raise();
}
