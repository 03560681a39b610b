import { type AuditedTable, auditedTables, type Log, unauditedTables } from '@posthorn/sdk';
import type { Generation } from '../assembly/generation.js';
import type { Database } from '../data/database.js';
import { heldAs } from '../data/holding.js';
import { KERNEL_ID } from '../kernel-extension.js';
import type { SecretBox } from '../secrets/secret-box.js';
import { type Syslog, syslogLine } from '../watch/syslog.js';
import { AuditTable } from './audit-table.js';
import { AuditedTables } from './audited-tables.js';
import { AuditChain } from './chain.js';
import { type Change, merged } from './change.js';
import { currentOrigin, currentRequest } from './origin.js';
import { Recorder } from './recorder.js';

export interface AuditParts {
  readonly database: () => Database;
  readonly generation: () => Generation;
  readonly secrets: SecretBox;
  readonly log: Log;
}

/** How often the end of the chain is told to the log and to syslog while records are made. */
const TOLD_EVERY_MS = 60_000;

/** Everything about the record of who changed what, over one database. */
export class Audit {
  readonly recorder: Recorder;
  readonly #parts: AuditParts;
  /** What the present transaction has changed, by its entity manager. */
  readonly #units = new WeakMap<object, Change[]>();
  #tables: AuditedTables | undefined;
  #isUnsealed = false;
  #sealing: Promise<number> | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  syslog: Syslog | undefined;

  constructor(parts: AuditParts) {
    this.#parts = parts;
    this.recorder = new Recorder({
      database: parts.database,
      tables: () => this.tables,
      take: (changes) => this.#take(changes),
    });
  }

  get tables(): AuditedTables {
    const { slots, order } = this.#parts.generation();
    this.#tables ??= new AuditedTables(
      slots.items(auditedTables.id) as readonly { from: string; item: AuditedTable }[],
      (slots.items(unauditedTables.id) as readonly { item: { table: string } }[]).map(({ item }) => item.table),
      (table) => order.find(({ id }) => table.startsWith(`${id.replaceAll('-', '_')}_`))?.id ?? KERNEL_ID,
    );
    return this.#tables;
  }

  get table(): AuditTable {
    return new AuditTable(this.#parts.database());
  }

  get chain(): AuditChain {
    return new AuditChain(this.#parts.database(), this.#parts.secrets);
  }

  /** Records become part of the transaction just before it is committed. */
  #take(changes: readonly Change[]): void {
    const database = this.#parts.database();
    const key = database.em as object;
    let unit = this.#units.get(key);
    if (unit === undefined) {
      const taken: Change[] = [];
      unit = taken;
      this.#units.set(key, taken);
      const [origin, request] = [currentOrigin(), currentRequest()];
      const store = async (): Promise<void> => {
        const count = await this.table.insert(merged(taken.splice(0)), origin, request, heldAs());
        if (count > 0) database.afterCommit(() => this.#noteRecords());
      };
      database.beforeCommit(store, () => {}, store);
    }
    const { length } = unit;
    unit.push(...changes);
    const undone = unit;
    database.onTakenBack(() => {
      undone.length = length;
    });
  }

  #noteRecords(): void {
    this.#isUnsealed = true;
  }

  /** Links the records that wait, of this process or another that ended. Runs once at a time and never throws. */
  seal(): Promise<number> {
    this.#sealing ??= this.#seal().finally(() => {
      this.#sealing = undefined;
    });
    return this.#sealing;
  }

  async #seal(): Promise<number> {
    try {
      this.#isUnsealed = false;
      return await this.#link();
    } catch (error) {
      this.#isUnsealed = true;
      this.#parts.log.warn({ err: error }, 'the audit could not be sealed yet');
      return 0;
    }
  }

  /** Shows and links the records that are held under a name. */
  async release(name: string): Promise<void> {
    await this.#link(name);
  }

  async #link(held?: string): Promise<number> {
    const { count, head } = await this.chain.seal(held);
    if (count > 0 && head !== undefined && performance.now() - this.#toldAt >= TOLD_EVERY_MS) {
      this.#toldAt = performance.now();
      // Kept elsewhere, it shows that the end of the record was cut off.
      this.#parts.log.info({ event: 'audit-head', seq: head.seq, hash: head.hash }, 'audit-head');
      this.syslog?.write('info', syslogLine('audit-head', { seq: String(head.seq), hash: head.hash }));
    }
    return count;
  }

  /** Links what this process has recorded. */
  async close(): Promise<void> {
    if (this.#isUnsealed) await this.seal();
  }
}
