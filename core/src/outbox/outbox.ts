import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, HookRef, Log } from '@posthorn/sdk';
import type { Database } from '../data/database.js';
import { heldAs } from '../data/holding.js';
import type { SecretBox } from '../secrets/secret-box.js';
import { Acknowledgements } from './acknowledgements.js';
import { eventJson } from './event-json.js';
import { packEvent, unpackEvent } from './event-payload.js';
import { Lanes } from './lanes.js';
import { type NewEvent, OutboxTable, type StoredEvent } from './outbox-table.js';

/** How long an event stays with a process that is not heard of any more. */
const LEASE_MS = 15_000;
/** How often a process looks whether another one has delivered what its own events wait for. */
const LOOK_MS = 100;
/** What the end of a process waits for its events; then they are left to others. */
const CLOSE_MS = 5_000;
/** Of the ids of events. */
const HIGHEST = 2_147_483_647;

export interface OutboxOptions {
  readonly database: Database;
  /** Calls the listeners of a signal; undefined where nobody listens. Never throws. */
  readonly listeners: (signal: string) => ((event: unknown, delivery: Delivery) => Promise<unknown>) | undefined;
  readonly secrets: SecretBox;
  readonly log: Log;
  readonly leaseMs?: number;
}

interface Held extends StoredEvent {
  /** By this process's clock, before the lease was written. */
  leasedAt: number;
  isCommitted: boolean;
  /** Enters the asynchronous context of whoever raised it. */
  run: (work: () => Promise<void>) => Promise<void>;
}

const here = <T>(work: () => T): T => work();

/** What one transaction raises. */
interface Unit {
  readonly events: NewEvent[];
  /** Of its events without a subject of their own, so that they stay in order. */
  readonly subject: string;
}

const UNIT = 'unit:';
const isUnits = ({ subject }: { readonly subject: string }): boolean => subject.startsWith(UNIT);

/**
 * Signals, at least once: an event is a row of the transaction that raises it, delivered after the commit by the same
 * process and forgotten when its listeners have ended. What a process that died leaves behind, others deliver when its
 * lease is over.
 */
export class Outbox {
  readonly table: OutboxTable;
  readonly #o: OutboxOptions;
  readonly #leaseMs: number;
  readonly #lanes: Lanes<Held>;
  readonly #delivered: Acknowledgements;
  /** By the transaction's entity manager. */
  readonly #units = new WeakMap<object, Unit>();
  #renewing: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #sweeping: Promise<number> | undefined;
  /** The last sweep failed, and the log says so. */
  #isLost = false;
  /** Nothing more is taken over. */
  #isClosing = false;
  #isClosed = false;

  constructor(o: OutboxOptions) {
    this.#o = o;
    this.#leaseMs = o.leaseMs ?? LEASE_MS;
    this.table = new OutboxTable(o.database, randomUUID(), this.#leaseMs);
    this.#lanes = new Lanes<Held>({
      deliver: (event) => this.#tell(event),
      // a clock of its own, and some time for the listeners
      isValid: ({ leasedAt }) => performance.now() - leasedAt < this.#leaseMs * 0.75,
    });
    this.#delivered = new Acknowledgements(
      (ids) => this.table.remove(ids),
      (error) => o.log.warn({ err: error }, 'delivered events could not be forgotten yet'),
    );
  }

  /** Takes part in the caller's transaction, or makes one. Throws a TypeError for an event that cannot be stored. */
  async raise(ref: HookRef<'signal', unknown, unknown>, extension: string, event: unknown): Promise<void> {
    const json = eventJson(ref.id, event);
    if (this.#o.listeners(ref.id) === undefined) return;
    const { subject, ...packed } = packEvent(ref, event, json, this.#o.secrets);
    const join = async (): Promise<void> => {
      const unit = this.#unit();
      const { length } = unit.events;
      unit.events.push({ ...packed, extension, subject: subject ?? unit.subject });
      this.#o.database.onTakenBack(() => {
        unit.events.length = length;
      });
    };
    await (this.#o.database.isWriting() ? join() : this.#o.database.write(join));
  }

  /** What the present transaction raises; stored at its end and delivered after it. */
  #unit(): Unit {
    const { database } = this.#o;
    const key = database.em as object;
    let unit = this.#units.get(key);
    if (unit === undefined) {
      const events: NewEvent[] = [];
      unit = { events, subject: `${UNIT}${randomUUID()}` };
      this.#units.set(key, unit);
      let held: readonly Held[] = [];
      database.beforeCommit(
        async () => {
          const name = heldAs();
          if (name === undefined) held = await this.#store(events);
          else await this.table.hold(name, events);
        },
        () => {
          for (const event of held) this.#lanes.remove(event);
        },
        async () => {
          const name = heldAs();
          if (name !== undefined) await this.table.hold(name, events.splice(0));
        },
      );
      database.afterCommit(() => this.#deliver(held));
    }
    return unit;
  }

  /** They are in their lanes before the commit, so that no later event of their subjects gets ahead of them. */
  async #store(events: readonly NewEvent[]): Promise<readonly Held[]> {
    const leasedAt = performance.now();
    const ids = await this.table.insert(events);
    const held = events.map(
      (event, i): Held => ({ ...event, id: ids[i] as number, attempts: 1, leasedAt, isCommitted: false, run: here }),
    );
    for (const event of held) this.#lanes.add(event);
    return held;
  }

  async #deliver(events: readonly Held[]): Promise<void> {
    const run = AsyncLocalStorage.snapshot();
    for (const event of events) Object.assign(event, { isCommitted: true, run });
    this.#keepLeases();
    try {
      await this.#block(events.filter((event) => event.attempts > 1 || !isUnits(event)));
    } catch (error) {
      // Without the database nobody knows whose turn it is: they wait for the next look, or for another process.
      this.#o.log.warn({ err: error }, 'events wait for the database');
      for (const event of events) this.#lanes.block(event.subject, 0);
    }
    await this.#lanes.run(events);
    this.#lookAgain();
  }

  /** Finds out which of these wait for another process. */
  async #block(events: readonly Held[]): Promise<void> {
    if (events.length === 0) return;
    const last = events.reduce((most, { id }) => Math.max(most, id), 0);
    const foreign = await this.table.foreign([...new Set(events.map(({ subject }) => subject))], last);
    for (const [subject, id] of foreign) this.#lanes.block(subject, id);
  }

  async #tell(held: Held): Promise<void> {
    const { id, eventId, signal, attempts } = held;
    try {
      const call = this.#o.listeners(signal);
      if (call !== undefined) {
        const event = unpackEvent(held, this.#o.secrets);
        await held.run(async () => void (await call(event, Object.freeze({ id: eventId, attempt: attempts }))));
      }
      this.#delivered.add(id);
    } catch (error) {
      this.#o.log.error({ err: error, signal, event: id }, 'an event could not be delivered and was set aside');
      const reason = error instanceof Error ? error.message : String(error);
      await this.table
        .fail(id, reason)
        .catch((e: unknown) => this.#o.log.error({ err: e, event: id }, 'nor set aside'));
    }
  }

  /** Delivers what processes that died left behind; returns how many events. Runs once at a time and never throws. */
  sweep(): Promise<number> {
    this.#sweeping ??= this.#sweep()
      .catch((error: unknown) => {
        if (!this.#isLost) this.#o.log.warn({ err: error }, 'events that were left behind could not be delivered yet');
        this.#isLost = true;
        return 0;
      })
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  async #sweep(): Promise<number> {
    let count = 0;
    while (!this.#isClosing && (await this.table.isDue())) {
      this.#isLost = false;
      await this.#delivered.flush();
      const leasedAt = performance.now();
      const taken = await this.table.claim();
      if (taken === undefined) break;
      const { claimed, failed } = taken;
      if (failed !== undefined) {
        const { id, signal, subject, attempts } = failed;
        this.#o.log.error(
          { event: id, signal, subject, attempts },
          'an event was set aside: it ends whoever delivers it',
        );
        continue;
      }
      const known = new Map([...this.#lanes.events()].map((event) => [event.id, event]));
      const held: Held[] = [];
      for (const event of claimed) {
        const own = known.get(event.id);
        // held already, but the lease had ended
        if (own !== undefined) own.leasedAt = leasedAt;
        else held.push({ ...event, leasedAt, isCommitted: true, run: here });
      }
      for (const event of held) this.#lanes.add(event);
      await this.#deliver(held);
      // Not before they are forgotten: a next death must not make all of them suspects.
      await this.#delivered.flush();
      count += held.length;
    }
    return count;
  }

  /** While events are held, their leases are made anew, long before they end. */
  #keepLeases(): void {
    if (this.#isClosing) return;
    this.#renewing ??= setInterval(() => {
      if (this.#lanes.size > 0) void this.#renew();
      else {
        clearInterval(this.#renewing);
        this.#renewing = undefined;
      }
    }, this.#leaseMs / 3).unref();
  }

  async #renew(): Promise<void> {
    const leasedAt = performance.now();
    const events = [...this.#lanes.events()].filter(({ isCommitted }) => isCommitted);
    try {
      const mine = await this.table.renew(events.map(({ id }) => id));
      for (const event of events) {
        if (mine.has(event.id)) event.leasedAt = leasedAt;
        else this.#lanes.lose(event);
      }
      this.#lookAgain();
    } catch (error) {
      this.#o.log.warn({ err: error }, 'leases of events could not be made anew');
    }
  }

  /** While events wait for another process, looks whether that has ended. */
  #lookAgain(): void {
    if (this.#looking !== undefined || this.#isClosed || this.#lanes.blocked.length === 0) return;
    this.#looking = setTimeout(async () => {
      await this.sweep();
      const { blocked } = this.#lanes;
      try {
        const foreign = await this.table.foreign(blocked, HIGHEST);
        for (const subject of blocked) this.#lanes.block(subject, foreign.get(subject));
      } catch (error) {
        this.#o.log.debug({ err: error }, 'events still wait');
      }
      this.#looking = undefined;
      this.#lookAgain();
    }, LOOK_MS).unref();
  }

  /** Delivers what this process holds and forgets it; what takes too long is left to other processes. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const end = performance.now() + CLOSE_MS;
    while (this.#lanes.size > 0 && performance.now() < end) await sleep(5);
    this.#isClosed = true;
    clearTimeout(this.#looking);
    clearInterval(this.#renewing);
    this.#lanes.stop();
    await this.#sweeping;
    await this.#delivered.flush();
    this.#delivered.stop();
    const left = this.#lanes.stop().map(({ id }) => id);
    await this.table.release(left).catch(() => undefined);
  }
}
