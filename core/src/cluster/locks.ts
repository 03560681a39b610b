import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Data, Log } from '@posthorn/sdk';
import { problem } from '../errors.js';
import { nowMs } from '../jobs/sql-expressions.js';

export interface LockOptions {
  /** How long the lock stays with a process that is not heard of any more. Default 30,000. */
  readonly leaseMs?: number;
  /** How long to wait for whoever holds it. Default 30,000. */
  readonly waitMs?: number;
}

/** The right to do something that only one process of the installation may do. */
export interface HeldLock {
  readonly name: string;
  /** Larger than that of every holder before. */
  readonly fence: number;
  /**
   * Call it first in every transaction that relies on the lock, on the connections of that transaction: it keeps the
   * lock from being taken over until the transaction ends. Throws E_LOCK_LOST where that has happened already.
   */
  confirm(data: Data): Promise<void>;
}

const PAUSE_MS = 100;

/**
 * Locks with a name, for all processes on one database. A lock is a lease by the database's clock, renewed while its
 * work goes on; whoever dies loses it with the lease. Since a process may be stopped and wake up later believing that it
 * still holds it, every taking raises a number, and a holder writes only after `confirm` has compared that.
 */
export class Locks {
  readonly #now: string;

  constructor(
    private readonly data: Data,
    private readonly log: Log,
  ) {
    this.#now = nowMs[data.dialect];
  }

  /** Does the work while holding the lock. Throws E_LOCK_HELD where somebody else holds it for longer than `waitMs`. */
  async hold<T>(name: string, work: (lock: HeldLock) => Promise<T>, o: LockOptions = {}): Promise<T> {
    const leaseMs = o.leaseMs ?? 30_000;
    const owner = randomUUID();
    const fence = await this.#take(name, owner, leaseMs, o.waitMs ?? 30_000);
    const renewing = setInterval(() => void this.#renew(name, owner, fence, leaseMs), leaseMs / 3);
    renewing.unref();
    try {
      return await work({ name, fence, confirm: (data) => confirm(data, name, owner, fence) });
    } finally {
      clearInterval(renewing);
      await this.#set(`owner = '', held_until = 0`, [], name, owner, fence);
    }
  }

  async #take(name: string, owner: string, leaseMs: number, waitMs: number): Promise<number> {
    const deadline = performance.now() + waitMs;
    await this.#make(name);
    for (;;) {
      // A look first: on SQLite trying would hold up every writer.
      const [seen] = await this.data.execute(
        `select name from core_lock where name = ? and owner <> '' and held_until > ${this.#now}`,
        [name],
      );
      const fence = seen === undefined ? await this.#try(name, owner, leaseMs) : undefined;
      if (fence !== undefined) return fence;
      if (performance.now() >= deadline) throw problem('E_LOCK_HELD', { name });
      await sleep(PAUSE_MS);
    }
  }

  /** The row of a lock that nobody has taken before, in a transaction of its own: it would hold locks that deadlock. */
  async #make(name: string): Promise<void> {
    const there = await this.data.execute('select name from core_lock where name = ?', [name]);
    if (there.length > 0) return;
    await this.data.write(() =>
      this.data.execute(
        this.data.dialect === 'mariadb'
          ? 'insert ignore into core_lock (name) values (?)'
          : 'insert into core_lock (name) values (?) on conflict (name) do nothing',
        [name],
      ),
    );
  }

  #try(name: string, owner: string, leaseMs: number): Promise<number | undefined> {
    const { dialect } = this.data;
    return this.data.write(async () => {
      const [free] = await this.data.execute(
        `select fence from core_lock where name = ? and (owner = '' or held_until <= ${this.#now})${forUpdate(dialect)}`,
        [name],
      );
      if (free === undefined) return undefined;
      const fence = Number(free.fence) + 1;
      await this.data.execute(
        `update core_lock set owner = ?, held_until = ${this.#now} + ?, fence = ? where name = ?`,
        [owner, leaseMs, fence, name],
      );
      return fence;
    });
  }

  #renew(name: string, owner: string, fence: number, leaseMs: number): Promise<void> {
    return this.#set(`held_until = ${this.#now} + ?`, [leaseMs], name, owner, fence);
  }

  /** Changes what is still ours. While the database is away the lease runs out, and that is all there is to do. */
  async #set(set: string, values: readonly unknown[], name: string, owner: string, fence: number): Promise<void> {
    try {
      await this.data.write(() =>
        this.data.execute(`update core_lock set ${set} where name = ? and owner = ? and fence = ?`, [
          ...values,
          name,
          owner,
          fence,
        ]),
      );
    } catch (error) {
      this.log.warn({ err: error, lock: name }, 'a lock was not renewed or given back; its lease will run out');
    }
  }
}

const forUpdate = (dialect: Data['dialect']): string => (dialect === 'sqlite' ? '' : ' for update');

async function confirm(data: Data, name: string, owner: string, fence: number): Promise<void> {
  const [held] = await data.execute(
    `select fence from core_lock where name = ? and owner = ? and fence = ?${forUpdate(data.dialect)}`,
    [name, owner, fence],
  );
  if (held === undefined) throw problem('E_LOCK_LOST', { name });
}
