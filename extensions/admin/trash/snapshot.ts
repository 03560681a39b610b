import type { ExtensionContext, Row } from '@posthorn/sdk';
import { type TrashPart, trashParts } from '../contract/trash.js';
import { asNumber, type Fragment, idIn } from '../services/sql.js';

/** Our own rows that go along, in an order in which each finds what it leads to. */
const OWN_PARTS: readonly TrashPart[] = [
  { table: 'admin_domainalias', of: 'admin_domain', column: 'target_id' },
  { table: 'admin_mailbox', of: 'core_user', column: 'user_id' },
  { table: 'admin_mailbox', of: 'admin_domain', column: 'domain_id' },
  { table: 'admin_alias', of: 'admin_domain', column: 'domain_id' },
  { table: 'admin_aliasrecipient', of: 'admin_mailbox', column: 'r_mailbox_id' },
  { table: 'admin_aliasrecipient', of: 'admin_alias', column: 'alias_id' },
  { table: 'admin_aliasrecipient', of: 'admin_alias', column: 'r_alias_id' },
  { table: 'admin_senderaddress', of: 'admin_mailbox', column: 'mailbox_id' },
];

export const partsOf = (context: ExtensionContext): readonly TrashPart[] => [
  ...OWN_PARTS,
  ...context.items(trashParts).map(({ item }) => item),
];

/** Tables in the order in which their rows come back. Quotas and access have no number and are kept apart. */
export const tablesOf = (context: ExtensionContext): readonly string[] => [
  ...new Set(['core_user', 'admin_domain', ...partsOf(context).map(({ table }) => table)]),
];

/** Rows by table, as JSON keeps them. */
export type Rows = Readonly<Record<string, readonly Row[]>>;

interface Taken {
  readonly row: Row;
  /** Which of the deletions that go on together it belongs to. */
  readonly root: number;
}
/** Which deletion a row belongs to. */
export type RootOf = (row: Row) => number;

/** Collects rows before they are deleted, each once, with those of the parts that belong to them. */
export class Snapshot {
  readonly #context: ExtensionContext;
  readonly #parts: readonly TrashPart[];
  readonly #taken = new Map<string, Map<number, Taken>>();

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#parts = partsOf(context);
  }

  rows(root: number): Rows {
    const tables = [...this.#taken].map(([table, taken]): [string, readonly Row[]] => [
      table,
      [...taken.values()].filter((one) => one.root === root).map(({ row }) => row),
    ]);
    return Object.fromEntries(tables.filter(([, rows]) => rows.length > 0));
  }

  ids(table: string): readonly number[] {
    return [...(this.#taken.get(table)?.keys() ?? [])];
  }

  rootOf(table: string, id: number): number | undefined {
    return this.#taken.get(table)?.get(id)?.root;
  }

  /** One statement for the rows, and one for each kind of part, however many there are. */
  async take(table: string, where: Fragment, rootOf: RootOf): Promise<void> {
    const { data } = this.#context;
    const found = await data.execute(`select * from ${table} where ${where.sql}`, where.params);
    const known = this.#taken.get(table) ?? new Map<number, Taken>();
    this.#taken.set(table, known);
    const added = found.filter((row) => !known.has(asNumber(row.id)));
    for (const row of added) known.set(asNumber(row.id), { row, root: rootOf(row) });
    if (added.length === 0) return;
    const ids = added.map((row) => asNumber(row.id));
    for (const part of this.#parts) {
      if (part.of !== table) continue;
      const rootOfPart = (row: Row) => known.get(asNumber(row[part.column]))?.root ?? 0;
      await this.take(part.table, idIn(data.dialect, part.column, ids), rootOfPart);
    }
  }
}

/** Moments and bytes do not survive JSON by themselves. */
export const encode = (content: unknown): string =>
  JSON.stringify(content, function (this: Record<string, unknown>, key, value: unknown) {
    const raw = this[key];
    if (raw instanceof Date) return { $at: raw.toISOString() };
    if (raw instanceof Uint8Array) return { $bytes: Buffer.from(raw).toString('base64') };
    return typeof value === 'bigint' ? value.toString() : value;
  });

export const decode = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const { $at, $bytes } = value as { readonly $at?: unknown; readonly $bytes?: unknown };
    if (typeof $at === 'string') return new Date($at);
    return typeof $bytes === 'string' ? Buffer.from($bytes, 'base64') : value;
  });
