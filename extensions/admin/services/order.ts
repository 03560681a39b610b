import { sortKey } from '../contract/sort-key.js';
import { isId, isKeyText } from './keys.js';
import { type Fragment, fragment } from './sql.js';

/** What a list can be sorted by, named like the field of its views. */
export type Orders = Readonly<Record<string, OrderBy>>;
interface OrderBy {
  readonly sql: string;
  readonly type: 'text' | 'number';
  /** No two rows have the same. To sort by more would keep MariaDB from its index. */
  readonly isUnique?: boolean;
}

/** Each of them in both directions, as `Page.sort` names it. */
export const sortsOf = (orders: Orders): readonly string[] => Object.keys(orders).flatMap((name) => [name, `-${name}`]);

/** The order that was asked for; rows with the same value come by their number. */
export interface Order {
  readonly by: string;
  /** The rows behind a key. */
  behind(key: string): Fragment;
  keyOf(view: object): string;
}

/** Undefined for a list's own order. */
export function orderOf(orders: Orders, id: string, sort: string | undefined): Order | undefined {
  const name = sort?.replace(/^-/, '') ?? '';
  const order = orders[name];
  if (order === undefined) return undefined;
  const { sql, type, isUnique = false } = order;
  const [direction, beyond] = sort === name ? ['asc', '>'] : ['desc', '<'];
  return {
    by: isUnique ? `${sql} ${direction}` : `${sql} ${direction}, ${id} ${direction}`,
    behind(key) {
      const [pk, value] = readKey(key, type);
      if (isUnique) return fragment(`${sql} ${beyond} ?`, value);
      // Two conditions, because an index is read from the first of them on.
      return fragment(`${sql} ${beyond}= ? and (${sql} ${beyond} ? or ${id} ${beyond} ?)`, value, value, pk);
    },
    keyOf: (view) => sortKey(view as { readonly pk: number }, name),
  };
}

/** What is no key of this order stands before every row. */
function readKey(key: string, type: 'text' | 'number'): readonly [pk: number, value: string | number] {
  try {
    const [pk, value] = JSON.parse(key);
    const isRight = type === 'text' ? isKeyText(value) : value === 0 || isId(value);
    if (isId(pk) && isRight) return [pk, value];
  } catch {
    // Said below.
  }
  return [0, type === 'text' ? '' : 0];
}
