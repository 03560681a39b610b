/** Pieces that the endpoints have in common. */
import { field, isProblem, messages, parseSize, type Shape, z } from '@posthorn/sdk';
import { sortKey } from '../contract.js';
import { problem } from '../problems.js';

const t = messages('admin');

export const PK = { pk: field.integer({ label: t('Number'), min: 1, max: 2_147_483_647 }) };
export const pk = z.int().meta({ title: 'Number' });

export const name = (label: string) => field.string({ label: t(label), max: 320 });
export const flag = (label: string) => field.boolean({ label: t(label) });
/** Deletes leave the mail on disk alone where this is said. */
export const keepdir = { keepdir: flag('Keep directories').optional() };

/** Megabytes as a number, or text with a unit (`2G`). */
export const megabytes = (label: string) =>
  z
    .union([z.int().min(0).max(2_147_483_647), z.string().max(40)])
    .transform((given, c) => {
      const size = typeof given === 'number' ? given : parseSize(given);
      if (size === undefined)
        c.issues.push({ code: 'custom', message: 'must be a size, such as 500 or 2G', input: given });
      return size ?? 0;
    })
    .meta({ title: label });

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Filters that have a value: one that is given without is none. */
export const filtered = <T extends object>(query: T): Given<T> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')) as Given<T>;

/** What was read of a body has no entries that are undefined; only its type says that it might. */
export const given = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } => values as never;

/** The part of a view that an answer is made of. */
export function partOf<S extends Shape>(shape: S) {
  const keys = Object.keys(shape);
  return <V extends { readonly [K in keyof S]?: unknown }>(view: V) => {
    const part: Record<string, unknown> = {};
    for (const key of keys) part[key] = view[key as keyof V];
    return part as { [K in keyof S]: V[K & keyof V] };
  };
}

/** What was sent and is other than it is: whatever GET answered may be sent back by whoever may change anything. */
export function changed<B extends object>(before: Readonly<Record<string, unknown>>, sent: B): B {
  return Object.fromEntries(
    Object.entries(sent).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])),
  ) as B;
}

/** The key of a row in the list's own order, or in the one that was asked for. */
export const keyBy =
  <Row extends { readonly pk: number }>(own: (row: Row) => string) =>
  (row: Row, sort: string | undefined): string =>
    sort === undefined ? own(row) : sortKey(row, sort);

/** Rows for whoever may see some; nobody is told that there are others. */
export async function* visible<V, Row>(list: () => AsyncIterable<V>, turn: (view: V) => Row): AsyncGenerator<Row> {
  try {
    for await (const view of list()) yield turn(view);
  } catch (error) {
    // An unknown name in a filter matches nothing.
    if (!isProblem(error) || !['E_ADMIN_FORBIDDEN', 'E_ADMIN_DOMAIN_NOT_FOUND'].includes(error.code)) throw error;
  }
}

/** One object for whoever may see it; for others it is not there. */
export async function seen<V>(name: string | number, show: () => Promise<V>): Promise<V> {
  try {
    return await show();
  } catch (error) {
    if (!isProblem(error) || error.code !== 'E_ADMIN_FORBIDDEN') throw error;
    throw problem('E_ADMIN_NOT_FOUND', { name });
  }
}
