import { type Data, isProblem } from '@posthorn/sdk';

/** Somebody wants an extension although it was built for another contract. */
export interface SdkOverride {
  /** Username. */
  readonly by: string;
  /** UTC, in whole seconds. */
  readonly at: string;
}

type Execute = Data['execute'];

/** By extension. A database that the schema step has not reached yet holds none. */
export async function readSdkOverrides(execute: Execute): Promise<ReadonlyMap<string, SdkOverride>> {
  try {
    const rows = await execute<{ extension: string; changed_by: string; changed_at: string }>(
      'select extension, changed_by, changed_at from core_sdk_override',
    );
    return new Map(rows.map(({ extension, changed_by: by, changed_at: at }) => [extension, { by, at }]));
  } catch (error) {
    if (isProblem(error) && error.code === 'E_DATABASE_NOT_MIGRATED') return new Map();
    throw error;
  }
}

/** Keeps, or with `undefined` takes away, what is known for one extension; call inside a transaction. */
export async function writeSdkOverride(
  execute: Execute,
  extension: string,
  override: SdkOverride | undefined,
): Promise<void> {
  await execute('delete from core_sdk_override where extension = ?', [extension]);
  if (override === undefined) return;
  await execute('insert into core_sdk_override (extension, changed_by, changed_at) values (?, ?, ?)', [
    extension,
    override.by,
    override.at,
  ]);
}
