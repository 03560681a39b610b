import type { Data } from '@posthorn/sdk';

export interface Failures {
  readonly count: number;
  /** Milliseconds until they are forgotten. */
  readonly left: number;
}

const UPSERT = {
  standard:
    'insert into core_throttle (id, points, expires_at) values (?, 1, ?) on conflict (id) do update set' +
    ' points = case when core_throttle.expires_at > ? then core_throttle.points + 1 else 1 end,' +
    ' expires_at = case when core_throttle.expires_at > ? then core_throttle.expires_at else excluded.expires_at end',
  // Assignments are made from left to right, so `points` still sees the old moment.
  mariadb:
    'insert into core_throttle (id, points, expires_at) values (?, 1, ?) on duplicate key update' +
    ' points = if(expires_at > ?, points + 1, 1), expires_at = if(expires_at > ?, expires_at, values(expires_at))',
};

/** Failures by key in `core_throttle`, where all workers count together. Each key's window begins with its first one. */
export class FailureCounts {
  constructor(
    private readonly data: Data,
    private readonly windowMs: number,
  ) {}

  async of(keys: readonly string[]): Promise<ReadonlyMap<string, Failures>> {
    const now = Date.now();
    const rows = await this.data.execute<{ id: string; points: number; expires_at: number | string }>(
      `select id, points, expires_at from core_throttle where id in (${keys.map(() => '?').join(', ')}) and expires_at > ?`,
      [...keys, now],
    );
    return new Map(rows.map((row) => [row.id, { count: Number(row.points), left: Number(row.expires_at) - now }]));
  }

  async add(keys: readonly string[]): Promise<void> {
    const now = Date.now();
    const sql = this.data.dialect === 'mariadb' ? UPSERT.mariadb : UPSERT.standard;
    await this.data.write(async () => {
      // In one order everywhere, so that two failures at once never wait for each other in a circle.
      for (const key of [...keys].sort()) await this.data.execute(sql, [key, now + this.windowMs, now, now]);
    });
  }

  async forget(key: string): Promise<void> {
    await this.data.execute('delete from core_throttle where id = ?', [key]);
  }

  async forgetBeginning(prefix: string): Promise<void> {
    await this.data.execute('delete from core_throttle where id like ?', [`${prefix}%`]);
  }
}
