/** Small pieces of SQL, and of what comes back of it. */
import type { Data } from '@posthorn/sdk';

export const asNumber = (value: unknown): number => Number(value ?? 0);
export const asText = (value: unknown): string => String(value ?? '');

/** Placeholders for a list that is never empty and never long. */
export const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** Takes the place of the rows of one owner under these names. Inside a `write`. */
export async function replaceRows(
  data: Data,
  table: string,
  owner: { readonly column: string; readonly id: number },
  values: ReadonlyMap<string, number | undefined>,
): Promise<void> {
  const names = [...values.keys()];
  if (names.length === 0) return;
  await data.execute(`delete from ${table} where ${owner.column} = ? and name in (${marks(names)})`, [
    owner.id,
    ...names,
  ]);
  const rows = [...values].flatMap(([name, max]) => (max === undefined ? [] : [[owner.id, name, max]]));
  if (rows.length === 0) return;
  await data.execute(
    `insert into ${table} (${owner.column}, name, max_value) values ${rows.map(() => '(?, ?, ?)').join(', ')}`,
    rows.flat(),
  );
}
