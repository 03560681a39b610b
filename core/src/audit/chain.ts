import { hash } from 'node:crypto';
import type { Data, Dialect } from '@posthorn/sdk';
import { nowMs } from '../jobs/sql-expressions.js';
import type { SecretBox } from '../secrets/secret-box.js';
import { type AuditRecord, recordOf } from './audit-table.js';

/** A place in the chain: a record's number and its hash. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** The record before the first one that is kept, and the last one. */
interface Ends {
  readonly start: Link;
  readonly head: Link;
}

export interface Verdict {
  readonly isWhole: boolean;
  /** Records that were looked at. */
  readonly checked: number;
  /** Committed and not part of the chain yet. */
  readonly unsealed: number;
  readonly head: Link;
  /** The first record at which the chain breaks. */
  readonly broken?: { readonly seq: number; readonly id: number | null; readonly reason: Breach };
}

export type Breach = 'changed' | 'removed' | 'inserted' | 'cut' | 'head' | 'anchor';

const PURPOSE = 'audit:ends';
const ORIGIN: Link = { seq: 0, hash: '0'.repeat(64) };
/** Records that are sealed or removed in one transaction. */
const BATCH = 500;
const READ = 1_000;

/** Links records: a list of `{id, seq, previous, hash}` as JSON. */
const LINK: Readonly<Record<Exclude<Dialect, 'sqlite'>, string>> = {
  postgresql: `update core_audit set held = null, seq = v.seq, previous = v.previous, hash = v.hash
    from json_to_recordset(?::json) as v(id bigint, seq bigint, previous text, hash text) where core_audit.id = v.id`,
  mariadb: `update core_audit a inner join json_table(?, '$[*]' columns (id bigint path '$.id', seq bigint path '$.seq',
    previous char(64) path '$.previous', hash char(64) path '$.hash')) v on v.id = a.id
    set a.held = null, a.seq = v.seq, a.previous = v.previous, a.hash = v.hash`,
};

/** The record as it is hashed: JSON with its names in order, behind it the hash before (RFC 8785 for these values). */
export function hashOf(record: AuditRecord, seq: number, previous: string): string {
  const { id, seq: _seq, previous: _previous, hash: _own, ...rest } = record;
  return hash('sha256', canonical({ ...rest, id, seq, previous }));
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`;
}

/**
 * The chain of records. They are linked after their commit, in batches, by whoever holds the row of the head: a write
 * takes no lock for it, and there is no gap. Both ends are sealed with a key of the instance, so that who can only
 * write to the database can neither make a chain anew nor cut it.
 */
export class AuditChain {
  constructor(
    private readonly data: Data,
    private readonly secrets: SecretBox,
  ) {}

  /**
   * Links what is committed, or what is held under a name, which ends that. Says how many records, and where the chain
   * ends now.
   */
  async seal(held?: string): Promise<{ readonly count: number; readonly head: Link | undefined }> {
    let count = 0;
    let head: Link | undefined;
    const waits = held === undefined ? 'seq is null and held is null' : 'held = ?';
    const params = held === undefined ? [] : [held];
    const [waiting] = await this.data.execute(`select id from core_audit where ${waits} limit 1`, params);
    if (waiting === undefined) return { count, head };
    for (;;) {
      const sealed = await this.data.write(async () => {
        const ends = await this.#ends(true);
        const rows = await this.data.execute(
          `select * from core_audit where ${waits} order by id limit ${BATCH}`,
          params,
        );
        if (rows.length === 0) return { count: 0, head: ends.head };
        let last = ends.head;
        const links = rows.map(recordOf).map((record) => {
          const link = { id: record.id, seq: last.seq + 1, previous: last.hash, hash: '' };
          link.hash = hashOf(record, link.seq, link.previous);
          last = { seq: link.seq, hash: link.hash };
          return link;
        });
        await this.#link(links);
        await this.#keep({ ...ends, head: last });
        return { count: rows.length, head: last };
      });
      count += sealed.count;
      head = sealed.head;
      if (sealed.count < BATCH) return { count, head };
    }
  }

  async #link(links: readonly (Link & { readonly id: number; readonly previous: string })[]): Promise<void> {
    const { dialect } = this.data;
    if (dialect !== 'sqlite') {
      await this.data.execute(LINK[dialect], [JSON.stringify(links)]);
      return;
    }
    // With a list, statistics of a table that was small make the planner read all of it for each of the list.
    for (const { id, seq, previous, hash: own } of links)
      await this.data.execute('update core_audit set held = null, seq = ?, previous = ?, hash = ? where id = ?', [
        seq,
        previous,
        own,
        id,
      ]);
  }

  /** Looks at every record. `anchor` is a place that was noted elsewhere and must still be in the chain. */
  async verify(anchor?: Link): Promise<Verdict> {
    const [counted] = await this.data.execute('select count(*) as n from core_audit where seq is null');
    const unsealed = Number(counted?.n ?? 0);
    let ends: Ends;
    try {
      ends = await this.#ends(false);
    } catch {
      return { isWhole: false, checked: 0, unsealed, head: ORIGIN, broken: { seq: 0, id: null, reason: 'head' } };
    }
    let last = ends.start;
    let checked = 0;
    let isAnchored = anchor === undefined || anchor.seq <= ends.start.seq;
    const broken = (seq: number, id: number | null, reason: Breach): Verdict => ({
      isWhole: false,
      checked,
      unsealed,
      head: ends.head,
      broken: { seq, id, reason },
    });
    for (let after = Number.MIN_SAFE_INTEGER; ; ) {
      const rows = await this.data.execute(
        `select * from core_audit where seq is not null and seq > ? order by seq limit ${READ}`,
        [after],
      );
      if (rows.length === 0) break;
      for (const row of rows) {
        const record = readable(row);
        const seq = Number(row.seq);
        // Sealed by somebody else while this went on.
        if (seq > ends.head.seq && checked > 0 && last.seq === ends.head.seq) ends = await this.#ends(false);
        if (seq <= ends.start.seq || seq > ends.head.seq) return broken(seq, Number(row.id), 'inserted');
        if (seq !== last.seq + 1) return broken(last.seq + 1, null, 'removed');
        if (record === undefined || record.previous !== last.hash || record.hash !== hashOf(record, seq, last.hash)) {
          return broken(seq, Number(row.id), 'changed');
        }
        last = { seq, hash: record.hash };
        if (anchor?.seq === seq) {
          if (anchor.hash !== last.hash) return broken(seq, record.id, 'anchor');
          isAnchored = true;
        }
        checked += 1;
      }
      after = Number(rows.at(-1)?.seq);
    }
    if (last.seq < ends.head.seq) return broken(last.seq + 1, null, 'cut');
    if (last.hash !== ends.head.hash) return broken(last.seq, null, 'head');
    if (!isAnchored) return broken(anchor?.seq ?? 0, null, 'anchor');
    return { isWhole: true, checked, unsealed, head: ends.head };
  }

  /** Removes what is older, from the beginning; the chain then begins after it. Says how many records. */
  async purge(days: number): Promise<number> {
    const oldest = `${nowMs[this.data.dialect]} - ${days * 86_400_000}`;
    for (let count = 0; ; ) {
      const removed = await this.data.write(async () => {
        const ends = await this.#ends(true);
        const rows = await this.data.execute(
          `select seq, hash, case when at < ${oldest} then 1 else 0 end as is_old from core_audit
           where seq is not null and seq > ? order by seq limit ${BATCH}`,
          [ends.start.seq],
        );
        const kept = rows.findIndex((row) => Number(row.is_old) === 0);
        const last = rows[(kept === -1 ? rows.length : kept) - 1];
        if (last === undefined) return 0;
        const start = { seq: Number(last.seq), hash: String(last.hash) };
        await this.data.execute('delete from core_audit where seq is not null and seq <= ?', [start.seq]);
        await this.#keep({ ...ends, start });
        return kept === -1 ? rows.length : kept;
      });
      count += removed;
      if (removed < BATCH) return count;
    }
  }

  async #ends(isLocking: boolean): Promise<Ends> {
    const lock = isLocking && this.data.dialect !== 'sqlite' ? ' for update' : '';
    const [row] = await this.data.execute(`select ends from core_audit_head where id = 1${lock}`);
    const sealed = row === undefined ? undefined : String(row.ends);
    if (sealed === '') {
      const [linked] = await this.data.execute('select id from core_audit where seq is not null limit 1');
      if (linked === undefined) return { start: ORIGIN, head: ORIGIN };
    }
    if (sealed === undefined || sealed === '') throw new Error('the end of the audit is not there');
    return JSON.parse(this.secrets.open(sealed, PURPOSE)) as Ends;
  }

  #keep(ends: Ends): Promise<unknown> {
    return this.data.execute('update core_audit_head set ends = ? where id = 1', [
      this.secrets.seal(JSON.stringify(ends), PURPOSE),
    ]);
  }
}

/** Undefined where the row no longer holds what could be written there. */
function readable(row: Readonly<Record<string, unknown>>): AuditRecord | undefined {
  try {
    return recordOf(row);
  } catch {
    return undefined;
  }
}
