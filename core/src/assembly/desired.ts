import type { Data } from '@posthorn/sdk';
import { readSdkOverrides, type SdkOverride } from './sdk-overrides.js';

export type Desired = 'enabled' | 'disabled';

/** What the administrator wants, kept apart from what could be assembled. */
export interface DesiredRow {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly desired: Desired;
  readonly isFirst: boolean;
  /** It is enabled even though it was built for another contract. */
  readonly override?: SdkOverride;
}

type Execute = Data['execute'];

export async function readDesired(execute: Execute): Promise<readonly DesiredRow[]> {
  const rows = await execute<{
    id: string;
    package: string;
    version: string;
    desired: Desired;
    first_enabled_at: unknown;
  }>('select id, package, version, desired, first_enabled_at from core_extension order by id');
  const overrides = await readSdkOverrides(execute);
  return rows.map((row) => ({
    ...(overrides.has(row.id) ? { override: overrides.get(row.id) as SdkOverride } : {}),
    id: row.id,
    package: row.package,
    version: row.version,
    desired: row.desired,
    isFirst: row.first_enabled_at === null,
  }));
}

export interface DesiredChange {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly desired: Desired;
  readonly by: string;
}

/** Writes one row; call inside a transaction. */
export async function writeDesired(execute: Execute, change: DesiredChange, now: string): Promise<void> {
  const [row] = await execute('select id from core_extension where id = ?', [change.id]);
  if (row === undefined) {
    await execute(
      'insert into core_extension (id, package, version, desired, changed_by, changed_at) values (?, ?, ?, ?, ?, ?)',
      [change.id, change.package, change.version, change.desired, change.by, now],
    );
  } else {
    await execute(
      'update core_extension set package = ?, version = ?, desired = ?, changed_by = ?, changed_at = ? where id = ?',
      [change.package, change.version, change.desired, change.by, now, change.id],
    );
  }
}
