import type { Row } from '@posthorn/sdk';
import type { Database } from '../data/database.js';
import { epochMs, marks, nowMs } from '../jobs/sql-expressions.js';

/** An event as it is stored. */
export interface StoredEvent {
  /** The order; never used twice. */
  readonly id: number;
  /** What listeners know it by. */
  readonly eventId: string;
  readonly signal: string;
  readonly subject: string;
  /** JSON, or sealed text where the signal is secret. */
  readonly payload: string;
  /** Deliveries begun, this one included. */
  readonly attempts: number;
}

export type NewEvent = Omit<StoredEvent, 'id' | 'attempts'> & { readonly extension: string };

/** An event as operators see it: without what it says. */
export interface ShownEvent {
  readonly id: number;
  readonly signal: string;
  readonly extension: string;
  readonly subject: string;
  readonly state: 'waiting' | 'in delivery' | 'failed';
  readonly attempts: number;
  readonly createdAt: Date;
  readonly error: string | null;
}

/** A delivery that ends its process is begun so often; then the event is set aside. */
export const MOST_ATTEMPTS = 5;
/** Rows in one statement. */
const BATCH = 500;
/** Events that a process takes over at once. */
const CLAIM = 200;

/** The table `core_outbox`. An event belongs to the process that has leased it, by the database's clock. */
export class OutboxTable {
  /** SQL for the database's clock; a subselect, because PostgreSQL asks no index about a function that changes. */
  readonly #now: string;

  constructor(
    private readonly data: Database,
    /** This process, different from every other that ever was. */
    private readonly owner: string,
    private readonly leaseMs: number,
  ) {
    this.#now = `(select ${nowMs[data.dialect]})`;
  }

  /** Stores events leased to this process; call inside the transaction. Returns their ids in order. */
  insert(events: readonly NewEvent[]): Promise<readonly number[]> {
    return this.data.insertRows('core_outbox', events.map(rowOf(this.owner)), {
      computed: { leased_until: `${this.#now} + ${this.leaseMs}` },
    });
  }

  /** Stores events that nobody delivers until `endHold`; call inside the transaction. */
  async hold(name: string, events: readonly NewEvent[]): Promise<void> {
    await this.data.insertRows('core_outbox', events.map(rowOf(name)), {
      computed: { attempts: '0', state: "'held'" },
    });
  }

  /** Lets some of the events be delivered that are held under a name, or forgets them; says how many. */
  async endHold(name: string, how: 'deliver' | 'forget'): Promise<number> {
    const rows = await this.data.execute(
      `select id from core_outbox where state = 'held' and owner = ? order by id limit ${BATCH}`,
      [name],
    );
    const ids = rows.map((row) => Number(row.id));
    if (ids.length === 0) return 0;
    const change = how === 'deliver' ? `update core_outbox set state = 'ready', owner = ''` : 'delete from core_outbox';
    await this.data.write(() => this.data.execute(`${change} where id in (${marks(ids)})`, ids));
    return ids.length;
  }

  /** For each of the subjects the earliest event before `id` that waits and that this process does not hold. */
  async foreign(subjects: readonly string[], id: number): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const batch of batches(subjects)) {
      const rows = await this.data.execute(
        `select subject, min(id) as first from core_outbox where subject in (${marks(batch)}) and state = 'ready'
         and id < ? and (owner <> ? or leased_until < ${this.#now}) group by subject`,
        [...batch, id, this.owner],
      );
      for (const row of rows) found.set(String(row.subject), Number(row.first));
    }
    return found;
  }

  /** Whether anything waits that nobody delivers. One look into an index. */
  async isDue(): Promise<boolean> {
    const rows = await this.data.execute(
      `select id from core_outbox where state = 'ready' and leased_until < ${this.#now} limit 1`,
    );
    return rows.length > 0;
  }

  /**
   * Takes over events whose process died, the oldest first and no event before an earlier one of its subject. After a
   * second death they are taken one at a time, so that `attempts` tells which of them ends the process; one that did so
   * too often is set aside and named in `failed`. Undefined where all that waits lies behind what others deliver.
   */
  claim(): Promise<{ readonly claimed: readonly StoredEvent[]; readonly failed: StoredEvent | undefined } | undefined> {
    return this.data.write(async () => {
      const due = `state = 'ready' and leased_until < ${this.#now}`;
      // Joined once, because asking for each event anew takes a square of the time where one subject has many.
      const seen = await this.data.execute(
        `select id, event_id, hook, o.subject, payload, attempts from core_outbox o left join
         (select subject, min(id) as leased from core_outbox where state = 'ready' and leased_until >= ${this.#now}
          group by subject) held on held.subject = o.subject and held.leased < o.id
         where ${due} and held.leased is null order by id limit ${CLAIM}`,
      );
      const events = seen.map(stored);
      const [first] = events;
      if (first === undefined) return undefined;
      if (first.attempts >= MOST_ATTEMPTS) {
        await this.fail(first.id, `its delivery ended the process ${first.attempts} times`);
        return { claimed: [], failed: first };
      }
      const suspect = events.findIndex(({ attempts }) => attempts > 1);
      const wanted = first.attempts > 1 ? [first] : events.slice(0, suspect < 0 ? CLAIM : suspect);
      const ids = wanted.map(({ id }) => id);
      await this.data.execute(
        `update core_outbox set owner = ?, leased_until = ${this.#now} + ?, attempts = attempts + 1
         where id in (${marks(ids)}) and ${due}`,
        [this.owner, this.leaseMs, ...ids],
      );
      const mine = await this.#held(ids);
      return {
        claimed: wanted.filter(({ id }) => mine.has(id)).map((e) => ({ ...e, attempts: e.attempts + 1 })),
        failed: undefined,
      };
    });
  }

  /** Makes the leases anew; returns which events are still this process's own. */
  async renew(ids: readonly number[]): Promise<ReadonlySet<number>> {
    const mine = new Set<number>();
    for (const batch of batches(ids)) {
      await this.data.write(async () => {
        await this.data.execute(
          `update core_outbox set leased_until = ${this.#now} + ? where id in (${marks(batch)}) and owner = ?`,
          [this.leaseMs, ...batch, this.owner],
        );
        for (const id of await this.#held(batch)) mine.add(id);
      });
    }
    return mine;
  }

  /** Gives events back that were not delivered. */
  async release(ids: readonly number[]): Promise<void> {
    for (const batch of batches(ids)) {
      await this.data.write(() =>
        this.data.execute(
          `update core_outbox set owner = '', leased_until = 0, attempts = attempts - 1
           where id in (${marks(batch)}) and owner = ?`,
          [...batch, this.owner],
        ),
      );
    }
  }

  /** Forgets events, in one transaction. */
  async remove(ids: readonly number[]): Promise<void> {
    await this.data.write(async () => {
      for (const batch of batches(ids))
        await this.data.execute(`delete from core_outbox where id in (${marks(batch)})`, batch);
    });
  }

  /** Sets an event aside; those behind it are delivered. */
  async fail(id: number, error: string): Promise<void> {
    await this.data.write(() =>
      this.data.execute(
        `update core_outbox set state = 'failed', error = ?, owner = '', leased_until = 0 where id = ?`,
        [error, id],
      ),
    );
  }

  /** Events by age, the oldest first. */
  async list(o: { readonly failed?: boolean; readonly limit: number }): Promise<readonly ShownEvent[]> {
    const rows = await this.data.execute(
      `select id, hook, extension, subject, attempts, error, ${epochMs(this.data.dialect, 'created_at')} as created_ms,
       case when state = 'failed' then 'failed' when leased_until < ${this.#now} then 'waiting' else 'in delivery' end as shown
       from core_outbox ${o.failed === true ? "where state = 'failed'" : ''} order by id limit ?`,
      [o.limit],
    );
    return rows.map((row) => ({
      id: Number(row.id),
      signal: String(row.hook),
      extension: String(row.extension),
      subject: String(row.subject),
      state: row.shown as ShownEvent['state'],
      attempts: Number(row.attempts),
      createdAt: new Date(Number(row.created_ms)),
      error: row.error === null || row.error === undefined ? null : String(row.error),
    }));
  }

  /** Lets an event that was set aside be delivered once more; false where there is none with this id. */
  retry(id: number): Promise<boolean> {
    return this.#ifFailed(id, `update core_outbox set state = 'ready', attempts = ${MOST_ATTEMPTS - 1}, error = null`);
  }

  /** Forgets an event that was set aside; false where there is none with this id. */
  discard(id: number): Promise<boolean> {
    return this.#ifFailed(id, 'delete from core_outbox');
  }

  #ifFailed(id: number, change: string): Promise<boolean> {
    return this.data.write(async () => {
      const found = await this.data.execute(`select id from core_outbox where id = ? and state = 'failed'`, [id]);
      if (found.length > 0) await this.data.execute(`${change} where id = ?`, [id]);
      return found.length > 0;
    });
  }

  async #held(ids: readonly number[]): Promise<ReadonlySet<number>> {
    const rows = await this.data.execute(
      `select id from core_outbox where id in (${marks(ids)}) and owner = ? and leased_until >= ${this.#now}`,
      [...ids, this.owner],
    );
    return new Set(rows.map((row) => Number(row.id)));
  }
}

const rowOf =
  (owner: string) =>
  ({ eventId, signal, extension, subject, payload }: NewEvent): Row => ({
    event_id: eventId,
    hook: signal,
    extension,
    subject,
    payload,
    owner,
  });

function* batches<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += BATCH) yield list.slice(from, from + BATCH);
}

const stored = (row: Row): StoredEvent => ({
  id: Number(row.id),
  eventId: String(row.event_id),
  signal: String(row.hook),
  subject: String(row.subject),
  payload: String(row.payload),
  attempts: Number(row.attempts),
});
