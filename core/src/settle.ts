import { readDesired } from './assembly/desired.js';
import { sqlTimestamp } from './data/sql-timestamp.js';
import type { Kernel } from './kernel.js';
import { ExtensionError, enterFrame } from './watch/attribution.js';

/** Default grants and `firstEnable` of every extension that is enabled for the first time, each in one transaction. */
export async function settle(kernel: Kernel): Promise<void> {
  const execute = kernel.database.execute.bind(kernel.database);
  const rows = new Map((await readDesired(execute)).map((row) => [row.id, row]));
  for (const d of kernel.generation.order) {
    const row = rows.get(d.id);
    if (row === undefined || !row.isFirst) continue;
    try {
      await kernel.database.write(async () => {
        await kernel.grants.seed(d.id, { ...d.permissions, ...d.claimedPermissions });
        await enterFrame({ extension: d.id, at: 'firstEnable', spot: kernel.spots.at(d.id, 'firstEnable') }, () =>
          d.firstEnable?.(kernel.generation.context(d.id)),
        );
        await execute('update core_extension set first_enabled_at = ? where id = ?', [sqlTimestamp(new Date()), d.id]);
      });
    } catch (error) {
      throw new ExtensionError(d.id, 'firstEnable', error);
    }
  }
}
