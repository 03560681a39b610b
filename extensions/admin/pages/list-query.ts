/** What lists have in common: the query in the address, and which page of how many is shown. */
import { type Data, field, messages, type Row } from '@posthorn/sdk';
import { allOf, asNumber, type Fragment, fragment } from '../services/sql.js';

const t = messages('admin');

export const PAGE_SIZE = 25;
/** So many rows after the first of a page are looked at; a list that ends there need not be counted. */
const AHEAD = 250;
/** Pages have numbers as far as this many rows, and a list is counted no farther; from there on it goes row by row. */
export const COUNTED = 10_000;

export const searchField = () => field.string({ label: t('Search'), max: 254 }).default('');
/** Where in a list somebody is: a page's number or, beyond the numbers, the row that was the last one. */
export const pageFields = () => ({
  page: field.integer({ label: t('Page'), min: 1, max: 10_000_000 }).default(1),
  after: field.string({ label: t('Behind this row'), max: 1_000 }).default(''),
});

export interface Shown<Row> {
  readonly rows: readonly Row[];
  /** Not more than `COUNTED`. */
  readonly total: number;
  /** There are more than `total`. */
  readonly isMore: boolean;
  /** 0 where the page has no number. */
  readonly pageNumber: number;
  readonly pages: number;
  /** Leads behind the last row where no number does; empty where the list ends. */
  readonly after: string;
}

export interface Reading {
  readonly direction: 'asc' | 'desc';
  /** Rows of the list that are read at most, from its beginning in this direction. */
  readonly reach: number;
  /** The list need not begin before the row with these values of `by`; undefined for its beginning. */
  readonly behind?: readonly unknown[];
}

/** What a column of `by` holds: `id` is the size of a primary key. */
type KeyType = 'text' | 'number' | 'id';

/** A list in SQL. */
export interface ListQuery {
  /** All rows, with the columns of `by`; neither ordered nor cut. */
  rows(reading: Reading): Fragment;
  /** Columns that put the rows in order; together they are unique. */
  readonly by: Readonly<Record<string, KeyType>>;
  /** A select with one row for each row of the list. */
  readonly each: Fragment;
  /** What is shown of the rows of `page`, and what they are joined with for it: only those of one page are. */
  readonly columns: string;
  readonly joined: string;
}

export interface PageWish {
  /** From 1 on. */
  readonly page: number;
  /** Instead of a number. */
  readonly after?: string | undefined;
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
  /** The row before the first one. */
  readonly behind?: readonly unknown[];
}

/** How many rows a list has, however many: it reads them all. */
export async function countAll(data: Data, { each }: ListQuery): Promise<number> {
  const [row] = await data.execute(`select count(*) as total from (${each.sql}) each_row`, each.params);
  return asNumber(row?.total);
}

/**
 * One page of a list, by its number or behind a row; where a number is too high, the last that there is. One statement
 * whose work does not grow with the list, and another one where the number was too high.
 */
export async function numberedPage(data: Data, list: ListQuery, wish: PageWish): Promise<Shown<Row>> {
  const { isDown, size = PAGE_SIZE } = wish;
  const behind = keysOf(list, wish.after ?? '');
  if (behind !== undefined) {
    const rows = await load(data, list, { offset: 0, size, ahead: size + 1, isDown, behind });
    const after = asNumber(rows[0]?.seen) > size ? rowKey(list, rows.at(-1)) : '';
    return { rows, total: COUNTED, isMore: true, pageNumber: 0, pages: Math.ceil(COUNTED / size), after };
  }
  const last = Math.ceil(COUNTED / size);
  for (let page = Math.min(wish.page, last); ; ) {
    const offset = (page - 1) * size;
    const rows = await load(data, list, { offset, size, ahead: Math.max(AHEAD, size) + 1, isDown });
    const first = rows[0] ?? (await emptyPage(data, list, page));
    const total = Math.min(asNumber(first?.total), COUNTED);
    const pages = Math.max(1, Math.ceil(total / size));
    if (rows.length === 0 && page > pages) {
      page = pages;
      continue;
    }
    const isMore = asNumber(first?.total) > COUNTED;
    const after = isMore && page === last ? rowKey(list, rows.at(-1)) : '';
    return { rows, total, isMore, pageNumber: page, pages, after };
  }
}

/** What is known of a list that has no row on a page; nothing where that is the first one. */
async function emptyPage(data: Data, { each }: ListQuery, page: number): Promise<Row | undefined> {
  if (page === 1) return undefined;
  const total = counted(each);
  return (await data.execute(`select ${total.sql} as total`, total.params))[0];
}

const counted = ({ sql, params }: Fragment): Fragment => ({
  sql: `(select count(*) from (${sql} limit ${COUNTED + 1}) each_row)`,
  params,
});

async function load(data: Data, list: ListQuery, w: Window): Promise<Row[]> {
  const direction = w.isDown ? 'desc' : 'asc';
  const order = (of: string) =>
    Object.keys(list.by)
      .map((column) => `${of}${column} ${direction}`)
      .join(', ');
  const rows = rowsBehind(list, { direction, reach: w.offset + w.ahead }, w.behind);
  const count = counted(list.each);
  // The databases count only where the case comes to it.
  const total =
    w.behind === undefined
      ? { ...count, sql: `case when page.seen < ${w.ahead} then ${w.offset} + page.seen else ${count.sql} end` }
      : fragment('0');
  return data.execute(
    `select ${list.columns}, ${keyColumns(list)}, page.seen, ${total.sql} as total from (
       select ahead.*, count(*) over () as seen from (
         ${rows.sql} order by ${order('')} limit ${w.ahead} offset ${w.offset}
       ) ahead order by ${order('')} limit ${w.size}
     ) page ${list.joined} order by ${order('page.')}`,
    [...total.params, ...rows.params],
  );
}

/** The rows of a list that come behind one of them in this direction, or all. */
function rowsBehind(list: ListQuery, reading: Reading, behind: readonly unknown[] | undefined): Fragment {
  if (behind === undefined) return list.rows(reading);
  // One row of each kind may have the name of the last one and was given already.
  const rows = list.rows({ ...reading, reach: reading.reach + 1, behind });
  const columns = Object.keys(list.by);
  const sign = reading.direction === 'asc' ? '>' : '<';
  const marks = behind.map(() => '?').join(', ');
  const where = allOf([
    fragment(`${columns[0]} ${sign}= ?`, behind[0]),
    fragment(`(${columns.join(', ')}) ${sign} (${marks})`, ...behind),
  ]);
  return { sql: `select * from (${rows.sql}) whole where ${where.sql}`, params: [...rows.params, ...where.params] };
}

const keyColumns = (list: ListQuery): string =>
  Object.keys(list.by)
    .map((column, i) => `page.${column} as key_${i}`)
    .join(', ');

const keyValues = (list: ListQuery, row: Row): readonly unknown[] =>
  Object.values(list.by).map((type, i) => (type === 'text' ? row[`key_${i}`] : asNumber(row[`key_${i}`])));

const rowKey = (list: ListQuery, row: Row | undefined): string =>
  row === undefined ? '' : JSON.stringify(keyValues(list, row));

const ID_MOST = 2 ** 31 - 1;
/** What a database cannot compare with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const NOT_TEXT = /[\u0000-\u001f]|[\ud800-\udfff]/u;

function isKey(type: KeyType, value: unknown): boolean {
  if (type === 'text') return typeof value === 'string' && !NOT_TEXT.test(value);
  return Number.isSafeInteger(value) && (type === 'number' || Math.abs(value as number) <= ID_MOST);
}

/** Values of `by` from an address; undefined where it names no row of this list in this order. */
function keysOf(list: ListQuery, after: string): readonly unknown[] | undefined {
  if (after === '') return undefined;
  try {
    const given: unknown = JSON.parse(after);
    const types = Object.values(list.by);
    const fits =
      Array.isArray(given) && given.length === types.length && types.every((type, i) => isKey(type, given[i]));
    return fits ? given : undefined;
  } catch {
    return undefined;
  }
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
  const order = (of: string) =>
    Object.keys(list.by)
      .map((column) => `${of}${column}`)
      .join(', ');
  for (let behind: readonly unknown[] | undefined; ; ) {
    const rows = rowsBehind(list, { direction: 'asc', reach: CHUNK }, behind);
    const found = await data.execute(
      `select ${list.columns}, ${keyColumns(list)} from (
         select * from (${rows.sql}) part order by ${order('')} limit ${CHUNK}
       ) page ${list.joined} order by ${order('page.')}`,
      rows.params,
    );
    if (found.length > 0) yield found.map(turn);
    const end = found.at(-1);
    if (found.length < CHUNK || end === undefined) return;
    behind = keyValues(list, end);
  }
}
