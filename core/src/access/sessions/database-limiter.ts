import { createRequire } from 'node:module';
import type { Data } from '@posthorn/sdk';
import type { RateLimiterRes as Result, RateLimiterStoreAbstract as Store } from 'rate-limiter-flexible';

// Two parts of the library: its entry names the base of its own stores in the types alone, and loads all of those.
const require = createRequire(import.meta.url);
const StoreAbstract = require('rate-limiter-flexible/lib/RateLimiterStoreAbstract.js') as typeof Store;
const RateLimiterRes = require('rate-limiter-flexible/lib/RateLimiterRes.js') as typeof Result;

interface Stored {
  readonly points: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const UPSERT = {
  standard:
    'insert into core_throttle (id, points, expires_at) values (?, ?, ?) on conflict (id) do update set' +
    ' points = case when core_throttle.expires_at > ? then core_throttle.points + excluded.points else excluded.points end,' +
    ' expires_at = case when core_throttle.expires_at > ? then core_throttle.expires_at else excluded.expires_at end',
  // Assignments are made from left to right, so `points` still sees the old moment.
  mariadb:
    'insert into core_throttle (id, points, expires_at) values (?, ?, ?) on duplicate key update' +
    ' points = if(expires_at > ?, points + values(points), values(points)),' +
    ' expires_at = if(expires_at > ?, expires_at, values(expires_at))',
};

/**
 * The limiter of rate-limiter-flexible over `core_throttle`, where all workers count together. A key's window begins
 * with its first point.
 */
export class DatabaseLimiter extends StoreAbstract {
  constructor(
    private readonly data: Data,
    o: { readonly keyPrefix: string; readonly points: number; readonly duration: number },
  ) {
    super({ ...o, storeClient: data });
  }

  async _get(key: string): Promise<Stored | null> {
    const [row] = await this.data.execute<{ points: number; expires_at: number | string }>(
      'select points, expires_at from core_throttle where id = ? and expires_at > ?',
      [key, Date.now()],
    );
    return row === undefined ? null : { points: Number(row.points), expiresAt: Number(row.expires_at) };
  }

  async _upsert(key: string, points: number, ms: number, isNew: boolean): Promise<Stored> {
    const now = Date.now();
    // A window that is forced to begin anew counts as one that is over.
    const over = isNew ? Number.MAX_SAFE_INTEGER : now;
    const sql = this.data.dialect === 'mariadb' ? UPSERT.mariadb : UPSERT.standard;
    return this.data.write(async () => {
      await this.data.execute(sql, [key, points, now + ms, over, over]);
      return (await this._get(key)) ?? { points, expiresAt: now + ms };
    });
  }

  async _delete(key: string): Promise<boolean> {
    await this.data.execute('delete from core_throttle where id = ?', [key]);
    return true;
  }

  _getRateLimiterRes(_key: string, changed: number, { points, expiresAt }: Stored): Result {
    const left = Math.max(expiresAt - Date.now(), 0);
    return new RateLimiterRes(Math.max(this.points - points, 0), left, points, points === changed);
  }
}
