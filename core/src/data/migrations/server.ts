import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlMikroORM } from '@mikro-orm/sql';
import { type DatabaseTarget, type Row, UtcTimestamp } from '@posthorn/sdk';
import { CompiledQuery, type Kysely } from 'kysely';
import { isLocked, translateError } from '../errors.js';
import { connectionOf, createOrm } from '../orm.js';
import { LEDGER, type Ledger } from './engine.js';

/** Runs one statement on a connection that nobody else uses. */
export type Ask = (sql: string, params?: readonly unknown[]) => Promise<Row[]>;

const moment = new UtcTimestamp();

/** One connection of our own to a server. */
export class Line {
  readonly #target: DatabaseTarget;
  #orm: SqlMikroORM | undefined;

  constructor(target: DatabaseTarget) {
    this.#target = target;
  }

  async use<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    this.#orm ??= await createOrm({ target: this.#target, entities: [], additions: [], poolSize: 1 });
    const connection = connectionOf(this.#orm);
    await connection.ensureConnection();
    const client: Kysely<unknown> = connection.getClient();
    try {
      return await client
        .connection()
        .execute((pinned) =>
          work(async (sql, params = []) => (await pinned.executeQuery<Row>(CompiledQuery.raw(sql, [...params]))).rows),
        );
    } catch (error) {
      throw translateError(error, { driver: true });
    }
  }

  async close(): Promise<void> {
    await this.#orm?.close(true);
    this.#orm = undefined;
  }
}

export async function readLedger(ask: Ask, existsQuery: string): Promise<Ledger> {
  if ((await ask(existsQuery)).length === 0) return new Map();
  const rows = await ask(`select name, applied_at from ${LEDGER} order by applied_at, name`);
  return new Map(
    rows.map((row) => [String(row['name']), moment.convertToJSValue(row['applied_at'] as string) as Date]),
  );
}

/**
 * Repeats `work` while another transaction holds what it needs. Waiting in the server's queue instead would stop every
 * reader of that table behind us, mail servers among them.
 */
export async function whileLocked<T>(work: () => Promise<T>, deadline: number): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error) || performance.now() >= deadline) throw error;
      await sleep(200 + Math.random() * 300);
    }
  }
}
