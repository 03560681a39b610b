import type { AuditCondition } from '@posthorn/sdk';
import type { Database } from '../data/database.js';
import { nowMs } from '../jobs/sql-expressions.js';
import { type Action, type Change, type FieldChanges, fieldChanges } from './change.js';
import type { Origin } from './origin.js';

/** One record, as it is stored. Moments are milliseconds, UTC. */
export interface AuditRecord {
  readonly id: number;
  readonly at: number;
  readonly actorId: number | null;
  readonly actor: string;
  readonly behind: string;
  readonly door: string;
  readonly address: string;
  readonly request: string;
  readonly via: string;
  readonly extension: string;
  readonly kind: string;
  readonly objectId: number | null;
  readonly label: string;
  readonly place: string;
  readonly action: Action;
  readonly rows: number;
  readonly changes: FieldChanges;
  /** Null until it is sealed. */
  readonly seq: number | null;
  readonly previous: string | null;
  readonly hash: string | null;
}

export interface AuditFilter {
  /** A part of the name of who did it. */
  readonly actor?: string | undefined;
  readonly kind?: string | undefined;
  readonly objectId?: number | undefined;
  /** A part of the name of what was changed. */
  readonly label?: string | undefined;
  readonly action?: string | undefined;
  readonly door?: string | undefined;
  readonly extension?: string | undefined;
  /** Milliseconds: from the first on, before the second. */
  readonly since?: number | undefined;
  readonly before?: number | undefined;
  /** Everything about one object and what lies in it. */
  readonly history?: { readonly kind: string; readonly id: number } | undefined;
  /** What the reader may see; all of it where it is undefined. */
  readonly within?: AuditCondition | undefined;
}

/** Older than `before`, or newer than `after`: the page behind or before one that is shown. */
export interface AuditPage {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly size: number;
}

const COLUMNS = [
  ...['actor_id', 'actor', 'behind', 'door', 'address', 'request', 'via', 'extension', 'kind', 'object_id', 'label'],
  ...['place', 'action', 'row_count', 'changes'],
] as const;
const ALL = `id, at, ${COLUMNS.join(', ')}, seq, previous, hash`;
/** Rows forgotten in one transaction. */
const HELD_BATCH = 500;

/** Whatever people and programs call things: one line that can be stored everywhere. */
const line = (text: string, most: number): string => {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, '�');
  return plain.length <= most ? plain : [...plain].slice(0, most).join('');
};

const numberOrNull = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));

export const recordOf = (row: Readonly<Record<string, unknown>>): AuditRecord => ({
  id: Number(row.id),
  at: Number(row.at),
  actorId: numberOrNull(row.actor_id),
  actor: String(row.actor),
  behind: String(row.behind),
  door: String(row.door),
  address: String(row.address),
  request: String(row.request),
  via: String(row.via),
  extension: String(row.extension),
  kind: String(row.kind),
  objectId: numberOrNull(row.object_id),
  label: String(row.label),
  place: String(row.place),
  action: String(row.action) as Action,
  rows: Number(row.row_count),
  changes: JSON.parse(String(row.changes)) as FieldChanges,
  seq: numberOrNull(row.seq),
  previous: row.previous === null ? null : String(row.previous),
  hash: row.hash === null ? null : String(row.hash),
});

/** The table `core_audit`. */
export class AuditTable {
  constructor(private readonly data: Database) {}

  /** Inside a transaction. Changes that come to nothing leave no row. What is held is neither shown nor sealed yet. */
  async insert(
    changes: readonly Change[],
    origin: Origin,
    { request, via }: { readonly request: string; readonly via: string },
    held?: string,
  ): Promise<number> {
    const from = {
      actor_id: origin.actorId,
      actor: line(origin.actor, 254),
      behind: line(origin.behind, 254),
      door: origin.door,
      address: line(origin.address, 45),
      request: line(request, 100),
      via: line(via, 140),
    };
    const rows = changes.flatMap((change) => {
      const { table, action, id, rows: count } = change;
      const fields = fieldChanges(change);
      if (action === 'updated' && count === 1 && Object.keys(fields).length === 0) return [];
      const own = id === undefined || table.id === '' ? {} : { [table.id]: id };
      const row = { ...change.before, ...change.after, ...own };
      const label = line(count === 1 ? table.label(row) : '', 254);
      const place = line(count === 1 ? (table.place(row) ?? '') : '', 100);
      return [
        {
          ...from,
          extension: table.extension,
          kind: line(table.kind, 60),
          object_id: id ?? null,
          label,
          place,
          action,
          row_count: count,
          changes: JSON.stringify(fields),
          held: held ?? null,
        },
      ];
    });
    await this.data.insertRows('core_audit', rows, { computed: { at: nowMs[this.data.dialect] } });
    return rows.length;
  }

  /** Forgets some of what is held under a name; says how many records. */
  async forgetHeld(name: string): Promise<number> {
    const rows = await this.data.execute(`select id from core_audit where held = ? order by id limit ${HELD_BATCH}`, [
      name,
    ]);
    const ids = rows.map((row) => Number(row.id));
    if (ids.length > 0)
      await this.data.write(() => this.data.execute(`delete from core_audit where id in (${ids.join(', ')})`));
    return ids.length;
  }

  async find(id: number, within?: AuditCondition): Promise<AuditRecord | undefined> {
    const scope = within === undefined ? '' : ` and (${within.sql})`;
    const [row] = await this.data.execute(`select ${ALL} from core_audit where id = ? and held is null${scope}`, [
      id,
      ...(within?.params ?? []),
    ]);
    return row === undefined ? undefined : recordOf(row);
  }

  /** Newest first. */
  async list(filter: AuditFilter, { before, after, size }: AuditPage): Promise<readonly AuditRecord[]> {
    const { sql, params } = conditions(filter);
    const edge = after === undefined ? before : after;
    const where = edge === undefined ? sql : `${sql} and id ${after === undefined ? '<' : '>'} ?`;
    const rows = await this.data.execute(
      `select ${ALL} from core_audit where ${where} order by id ${after === undefined ? 'desc' : 'asc'} limit ${size}`,
      edge === undefined ? params : [...params, edge],
    );
    const records = rows.map(recordOf);
    return after === undefined ? records : records.reverse();
  }

  /** Every record of a filter, the newest first, a thousand at a time. */
  async *stream(filter: AuditFilter, most = Number.POSITIVE_INFINITY): AsyncGenerator<AuditRecord> {
    let before: number | undefined;
    for (let left = most; left > 0; ) {
      const records = await this.list(filter, { before, size: Math.min(1_000, left) });
      if (records.length === 0) return;
      yield* records;
      left -= records.length;
      before = records.at(-1)?.id;
    }
  }
}

function conditions(f: AuditFilter): AuditCondition {
  const all: AuditCondition[] = [{ sql: 'held is null', params: [] }];
  const add = (sql: string, ...params: readonly unknown[]): void => void all.push({ sql: `(${sql})`, params });
  const contains = (column: string, text: string): void =>
    add(`lower(${column}) like ? escape '!'`, `%${text.toLowerCase().replace(/[!%_]/g, (c) => `!${c}`)}%`);
  if (f.actor !== undefined) contains('actor', f.actor);
  if (f.label !== undefined) contains('label', f.label);
  for (const name of ['kind', 'action', 'door', 'extension'] as const) {
    const value = f[name];
    if (value !== undefined) add(`${name} = ?`, value);
  }
  if (f.objectId !== undefined) add('object_id = ?', f.objectId);
  if (f.since !== undefined) add('at >= ?', f.since);
  if (f.before !== undefined) add('at < ?', f.before);
  if (f.history !== undefined) {
    const { kind, id } = f.history;
    add('(kind = ? and object_id = ?) or place = ?', kind, id, `${kind}:${id}`);
  }
  if (f.within !== undefined) add(f.within.sql, ...f.within.params);
  return { sql: all.map(({ sql }) => sql).join(' and '), params: all.flatMap(({ params }) => params) };
}
