import type { Data } from '@posthorn/sdk';
import { isUniqueViolation } from '../data/errors.js';

/** Longer than a call may take: who is still not done then, has died. */
const AT_WORK_MS = 5 * 60_000;
const KEPT_MS = 24 * 60 * 60_000;

/** The status of an answer and what it holds; undefined where that is nothing. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface Stored extends Record<string, unknown> {
  readonly request_hash: string;
  readonly status: number | null;
  readonly body: string | null;
  readonly created_at: number | string;
}

/** The rows of `core_idempotency`: which calls are at work, and what those of the last day were answered with. */
export class IdempotencyStore {
  constructor(private readonly data: Data) {}

  /** Undefined where this is the first call with the key, which is at work from now on. */
  async begin(
    id: string,
    request: string,
  ): Promise<{ readonly request: string; readonly answer: KeptAnswer | undefined } | undefined> {
    const now = Date.now();
    await this.data.execute('delete from core_idempotency where id = ? and created_at < ? and status is null', [
      id,
      now - AT_WORK_MS,
    ]);
    try {
      await this.data.execute('insert into core_idempotency (id, request_hash, created_at) values (?, ?, ?)', [
        id,
        request,
        now,
      ]);
      return undefined;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    const [row] = await this.data.execute<Stored>(
      'select request_hash, status, body, created_at from core_idempotency where id = ?',
      [id],
    );
    if (row === undefined) return { request, answer: undefined };
    return {
      request: row.request_hash,
      answer:
        row.status === null
          ? undefined
          : { status: Number(row.status), body: row.body === null ? undefined : JSON.parse(row.body) },
    };
  }

  async finish(id: string, { status, body }: KeptAnswer): Promise<void> {
    await this.data.execute('update core_idempotency set status = ?, body = ? where id = ?', [
      status,
      body === undefined ? null : JSON.stringify(body),
      id,
    ]);
  }

  async forget(id: string): Promise<void> {
    await this.data.execute('delete from core_idempotency where id = ? and status is null', [id]);
  }

  /** Answers that are older than a day. */
  async purge(): Promise<void> {
    await this.data.execute('delete from core_idempotency where created_at < ?', [Date.now() - KEPT_MS]);
  }
}
