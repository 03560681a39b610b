/** What lists have in common: the query in the address, and which page of how many is shown. */
import { type Data, field, messages, type Row } from '@posthorn/sdk';
import { asNumber, type Fragment, fragment } from '../services/sql.js';

const t = messages('admin');

export const PAGE_SIZE = 25;
/** So many rows after the first of a page are looked at; a list that ends there need not be counted. */
const AHEAD = 250;
/** So many rows are passed over to reach a page; a deeper one is read from the nearer end of the list. */
const DEEP = 10_000;

export const searchField = () => field.string({ label: t('Search'), max: 254 }).default('');
export const pageField = () => field.integer({ label: t('Page'), min: 1, max: 10_000_000 }).default(1);

export interface Shown<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly pageNumber: number;
  readonly pages: number;
}

export interface Reading {
  readonly direction: 'asc' | 'desc';
  /** Rows of the list that are read at most, from its beginning in this direction. */
  readonly reach: number;
  /** The list begins at this value of its first column of `by`; undefined for its beginning. */
  readonly from?: unknown;
}

/** A list in SQL. */
export interface ListQuery {
  /** All rows, with the columns of `by`; neither ordered nor cut. */
  rows(reading: Reading): Fragment;
  /** Columns that put the rows in order; together they are unique. */
  readonly by: readonly string[];
  /** A select of how many rows there are. */
  readonly count: Fragment;
  /** What is shown of the rows of `page`, and what they are joined with for it: only those of one page are. */
  readonly columns: string;
  readonly joined: string;
}

export interface PageWish {
  /** From 1 on. */
  readonly page: number;
  readonly isDown: boolean;
  /** Rows of a page. */
  readonly size?: number | undefined;
}

interface Window {
  readonly offset: number;
  /** Rows that are shown, and rows that are looked at. */
  readonly size: number;
  readonly ahead: number;
  readonly isDown: boolean;
  /** Where it is known. */
  readonly total?: number;
}

/**
 * One page of a list by its number; where that one is not there, the last. One statement, or two for a page that is far
 * from the beginning, so that the last page of a long list costs what the first one does.
 */
export async function numberedPage(data: Data, list: ListQuery, wish: PageWish): Promise<Shown<Row>> {
  const { page, isDown, size = PAGE_SIZE } = wish;
  const offset = (page - 1) * size;
  if (offset <= DEEP) {
    const rows = await load(data, list, { offset, size, ahead: Math.max(AHEAD, size) + 1, isDown });
    if (rows.length > 0 || page === 1) return shown(rows, asNumber(rows[0]?.total), page, size);
  }
  const [counted] = await data.execute(`select (${list.count.sql}) as total`, list.count.params);
  const total = asNumber(counted?.total);
  const number = Math.max(1, Math.min(page, Math.ceil(total / size)));
  const before = (number - 1) * size;
  const count = Math.min(size, total - before);
  const after = total - before - count;
  const window = { size: count, ahead: count, total };
  const rows =
    before <= after
      ? await load(data, list, { ...window, offset: before, isDown })
      : (await load(data, list, { ...window, offset: after, isDown: !isDown })).reverse();
  return shown(rows, total, number, size);
}

const shown = (rows: readonly Row[], total: number, pageNumber: number, size: number): Shown<Row> => ({
  rows,
  total,
  pageNumber,
  pages: Math.max(1, Math.ceil(total / size)),
});

async function load(data: Data, list: ListQuery, w: Window): Promise<Row[]> {
  const direction = w.isDown ? 'desc' : 'asc';
  const order = (of: string) => list.by.map((column) => `${of}${column} ${direction}`).join(', ');
  const rows = list.rows({ direction, reach: w.offset + w.ahead });
  // The databases count only where the case comes to it.
  const total =
    w.total === undefined
      ? {
          ...list.count,
          sql: `case when page.seen < ${w.ahead} then ${w.offset} + page.seen else (${list.count.sql}) end`,
        }
      : fragment(String(w.total));
  return data.execute(
    `select ${list.columns}, ${total.sql} as total from (
       select ahead.*, count(*) over () as seen from (
         ${rows.sql} order by ${order('')} limit ${w.ahead} offset ${w.offset}
       ) ahead order by ${order('')} limit ${w.size}
     ) page ${list.joined} order by ${order('page.')}`,
    [...total.params, ...rows.params],
  );
}

/** The same page with its rows turned into something else. */
export const mapShown = <From, To>(page: Shown<From>, turn: (row: From) => To): Shown<To> => ({
  ...page,
  rows: page.rows.map(turn),
});

/** `-name` is `name`, downwards. */
export const sorting = (sort: string): { readonly key: string; readonly isDown: boolean } =>
  sort.startsWith('-') ? { key: sort.slice(1), isDown: true } : { key: sort, isDown: false };

/** Rows of one chunk of a file. */
const CHUNK = 500;

/**
 * Every row of a list in chunks, in its order upwards. Each chunk is found behind the last row of the one before, so that
 * all cost the same, and what is made or deleted meanwhile moves nothing.
 */
export async function* everyRow<To>(
  data: Data,
  list: ListQuery,
  turn: (row: Row) => To,
): AsyncGenerator<readonly To[]> {
  const [first = ''] = list.by;
  const order = (of: string) => list.by.map((column) => `${of}${column}`).join(', ');
  const own = list.by.map((column, i) => `page.${column} as key_${i}`).join(', ');
  for (let last: readonly unknown[] | undefined; ; ) {
    // One row of each kind may have the name of the last one and was given already.
    const from = last === undefined ? {} : { from: last[0] };
    const rows = list.rows({ direction: 'asc', reach: CHUNK + 1, ...from });
    const behind =
      last === undefined
        ? fragment('1 = 1')
        : fragment(`${first} >= ? and (${order('')}) > (${last.map(() => '?').join(', ')})`, last[0], ...last);
    const found = await data.execute(
      `select ${list.columns}, ${own} from (
         select * from (${rows.sql}) whole where ${behind.sql} order by ${order('')} limit ${CHUNK}
       ) page ${list.joined} order by ${order('page.')}`,
      [...rows.params, ...behind.params],
    );
    if (found.length > 0) yield found.map(turn);
    const end = found.at(-1);
    if (found.length < CHUNK || end === undefined) return;
    last = list.by.map((_, i) => end[`key_${i}`]);
  }
}
