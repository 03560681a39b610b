/** What lists have in common: the query in the address, and which page of how many is shown. */
import { field, messages, type Row } from '@posthorn/sdk';
import { asNumber } from '../services/sql.js';

const t = messages('admin');

export const PAGE_SIZE = 25;

export const searchField = () => field.string({ label: t('Search'), max: 254 }).default('');
export const pageField = () => field.integer({ label: t('Page'), min: 1, max: 10_000_000 }).default(1);

export interface Shown<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly pageNumber: number;
  readonly pages: number;
}

/**
 * One page of a list by its number. `load` gives the rows from an offset on, each with the number of all as `total`: one
 * statement. Only where the page asked for is no longer there, the last one is looked for.
 */
export async function numberedPage(
  wanted: number,
  load: (offset: number) => Promise<readonly Row[]>,
  size: number = PAGE_SIZE,
): Promise<Shown<Row>> {
  const offset = (wanted - 1) * size;
  const rows = await load(offset);
  const total = asNumber(rows[0]?.total);
  if (rows.length > 0 || wanted === 1) {
    return { rows, total, pageNumber: wanted, pages: Math.max(1, Math.ceil(total / size)) };
  }
  const first = await load(0);
  const pages = Math.ceil(asNumber(first[0]?.total) / size);
  return pages <= 1 ? numberedPage(1, async () => first, size) : numberedPage(pages, load, size);
}

/** The same page with its rows turned into something else. */
export const mapShown = <From, To>(shown: Shown<From>, turn: (row: From) => To): Shown<To> => ({
  ...shown,
  rows: shown.rows.map(turn),
});

/** `-name` is `name`, downwards. */
export const sorting = (sort: string): { readonly key: string; readonly isDown: boolean } =>
  sort.startsWith('-') ? { key: sort.slice(1), isDown: true } : { key: sort, isDown: false };
