import { randomUUID } from 'node:crypto';
import { isProblem } from '@posthorn/sdk';
import type { HeldLock } from '../cluster/locks.js';
import { withHeld } from '../data/holding.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';

/** The job that takes care of imports whose process died. */
export const SETTLE_IMPORTS_JOB = 'settle-imports';
const LOCK = 'core.import';
/** Milliseconds after which a process that is not heard of any more has lost its import. */
const LEASE_MS = 15_000;
/** When somebody looks whether a process has died over its import. */
const LOOK_MS = 30_000;

/** What the kernel writes for itself: it has its own way of being taken back, or must not be. */
const KEPT: ReadonlySet<string> = new Set([
  ...['core_import', 'core_import_batch', 'core_outbox', 'core_audit', 'core_audit_head', 'core_lock', 'core_log'],
  ...['core_process', 'core_revision', 'core_session', 'core_throttle'],
]);

/** Takes the right to import, which one process has at a time. Before that it settles what a process that died has left. */
export async function holdImports<T>(kernel: Kernel, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  try {
    return await kernel.locks.hold(
      LOCK,
      async (lock) => {
        await settleImports(kernel, lock);
        return work(lock);
      },
      { leaseMs: LEASE_MS, waitMs: 0 },
    );
  } catch (error) {
    throw isProblem(error) && error.code === 'E_LOCK_HELD' ? problem('E_IMPORT_BUSY') : error;
  }
}

/** What was begun and not finished is taken back; what was finished and not told is told. */
async function settleImports(kernel: Kernel, lock: HeldLock): Promise<void> {
  const rows = await kernel.database.execute('select id, state from core_import');
  for (const { id, state } of rows) {
    const journal = new ImportJournal(kernel, lock, String(id));
    if (state === 'done') await journal.release();
    else await journal.takeBack();
  }
}

/** Whether an import was begun that nobody has settled yet. */
export const hasImports = async (kernel: Kernel): Promise<boolean> =>
  (await kernel.database.execute('select id from core_import limit 1')).length > 0;

/** Looks again later, whatever happens to this process. Joins the caller's transaction. */
export async function lookAfterImports(kernel: Kernel, uniqueKey?: string): Promise<void> {
  await kernel.jobs.queue.enqueue(`${KERNEL_ID}.${SETTLE_IMPORTS_JOB}`, null, {
    runAt: new Date(Date.now() + LOOK_MS),
    ...(uniqueKey === undefined ? {} : { uniqueKey }),
  });
}

/**
 * An import that is done as a whole or not at all. On SQLite it is many short transactions, each of which notes what it
 * changes, so that they can be taken back, by another process too; on servers it is one. Until the end its events and its
 * records of changes are held back.
 */
export class ImportJournal {
  readonly #kernel: Kernel;
  readonly #lock: HeldLock;
  readonly #id: string;

  constructor(kernel: Kernel, lock: HeldLock, id: string = randomUUID()) {
    this.#kernel = kernel;
    this.#lock = lock;
    this.#id = id;
  }

  /** On SQLite, before the first batch. */
  async begin(): Promise<void> {
    await this.#kernel.database.write(() => this.#enter('open'));
  }

  /** One of many transactions, on SQLite. */
  async batch(work: () => Promise<void>): Promise<void> {
    const { database } = this.#kernel;
    await withHeld(this.#id, () =>
      database.write(async () => {
        await this.#lock.confirm(database);
        const changes = await database.changesOf(work);
        await database.execute('insert into core_import_batch (import_id, changes) values (?, ?)', [
          this.#id,
          Buffer.from(changes).toString('base64'),
        ]);
      }),
    );
  }

  /** The one transaction on servers. What `work` throws takes it back. */
  async whole(work: () => Promise<void>): Promise<void> {
    await withHeld(this.#id, () =>
      this.#kernel.database.write(async () => {
        await this.#enter('done');
        await work();
      }),
    );
    await this.release();
  }

  /** From here on it is done. */
  async finish(): Promise<void> {
    const { database } = this.#kernel;
    await database.write(async () => {
      await this.#lock.confirm(database);
      await database.execute("update core_import set state = 'done' where id = ?", [this.#id]);
    });
    await this.release();
  }

  /** Has events delivered and records kept. */
  async release(): Promise<void> {
    const { audit, database, outbox } = this.#kernel;
    await this.#forgetChanges();
    await audit.release(this.#id);
    while ((await outbox.table.endHold(this.#id, 'deliver')) > 0);
    await database.execute('delete from core_import where id = ?', [this.#id]);
    await outbox.sweep();
  }

  /** The batches from the last to the first, then what was held back. */
  async takeBack(): Promise<void> {
    const { audit, database, outbox } = this.#kernel;
    for (;;) {
      const [last] = await database.execute(
        'select id, changes from core_import_batch where import_id = ? order by id desc limit 1',
        [this.#id],
      );
      if (last === undefined) break;
      await database.write(async () => {
        await this.#lock.confirm(database);
        await database.takeBack(Buffer.from(String(last.changes), 'base64'), { except: KEPT });
        await database.execute('delete from core_import_batch where id = ?', [last.id]);
      });
    }
    while ((await outbox.table.endHold(this.#id, 'forget')) > 0);
    while ((await audit.table.forgetHeld(this.#id)) > 0);
    await database.execute('delete from core_import where id = ?', [this.#id]);
  }

  /** Some at a time: many megabytes would hold everybody else's writes for as long as they take to be deleted. */
  async #forgetChanges(): Promise<void> {
    const { database } = this.#kernel;
    for (;;) {
      const some = await database.execute('select id from core_import_batch where import_id = ? limit 20', [this.#id]);
      if (some.length === 0) return;
      await database.execute(
        `delete from core_import_batch where id in (${some.map(({ id }) => Number(id)).join(', ')})`,
      );
    }
  }

  async #enter(state: 'open' | 'done'): Promise<void> {
    await this.#kernel.database.execute('insert into core_import (id, state) values (?, ?)', [this.#id, state]);
    await lookAfterImports(this.#kernel, 'settle-imports');
  }
}
