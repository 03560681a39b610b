import { readDesired, writeDesired } from '../assembly/desired.js';
import { sqlTimestamp } from '../data/sql-timestamp.js';
import type { Kernel } from '../kernel.js';

/** Who has switched off what a search has switched off: that is how an interrupted one is put right. */
export const BISECT = 'bisect';

/** Wants exactly these of `suspects`, and leaves all others as they are. Returns what serving processes must reach. */
export async function arrange(kernel: Kernel, suspects: readonly string[], on: ReadonlySet<string>): Promise<number> {
  const execute = kernel.database.execute.bind(kernel.database);
  await kernel.database.write(async () => {
    const now = sqlTimestamp(new Date());
    const rows = (await readDesired(execute)).filter(({ id }) => suspects.includes(id));
    const changed = rows.filter(({ id, desired }) => (desired === 'enabled') !== on.has(id));
    for (const row of changed) {
      await writeDesired(execute, { ...row, desired: on.has(row.id) ? 'enabled' : 'disabled', by: BISECT }, now);
    }
    if (changed.length > 0) await kernel.revisionRow.raise({ assembly: true });
  });
  return (await kernel.revisionRow.read()).assembly;
}

/** What a search that was killed has left switched off. */
export async function leftBehind(kernel: Kernel): Promise<readonly string[]> {
  const rows = await kernel.database.execute<{ id: string }>(
    "select id from core_extension where desired = 'disabled' and changed_by = ? order by id",
    [BISECT],
  );
  return rows.map(({ id }) => id);
}
