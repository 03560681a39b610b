import { Revision } from '../cluster/revision.js';
import type { InstanceConfig } from '../config.js';
import type { Database } from '../data/database.js';
import type { Logger } from '../watch/log.js';
import { incidentFolder, type KeptIncident, readIncidents, removeIncidents } from './incidents.js';
import { writeQuarantine } from './quarantine-rows.js';

/** So many processes stuck in the same extension, within which time, and it is left off. */
const TIMES = 2;
const WITHIN_MS = 5 * 60_000;
/** Older incidents tell nothing any more. */
const KEPT_MS = 24 * 3_600_000;

/**
 * Called where a process starts: leaves off whatever has repeatedly kept processes of this machine from going on.
 * Essential extensions are never left off, since nothing would be served without them. Returns the incidents of the last
 * day.
 */
export async function quarantineRepeaters(
  database: Database,
  config: Pick<InstanceConfig, 'directory' | 'essential'>,
  log: Logger,
  now = Date.now(),
): Promise<readonly KeptIncident[]> {
  const all = readIncidents(incidentFolder(config.directory));
  removeIncidents(all.filter(({ time }) => now - time > KEPT_MS));
  const recent = all.filter(({ time }) => now - time <= KEPT_MS);
  for (const [extension, incidents] of Map.groupBy(recent, (one) => one.extension)) {
    const close = incidents.filter(({ time }) => now - time <= WITHIN_MS);
    const last = close.at(-1);
    if (last === undefined || close.length < TIMES || extension === 'core') continue;
    if (config.essential.includes(extension)) {
      log.error({ extension, at: last.at }, 'an essential extension blocks processes again and again');
      continue;
    }
    const reason = `it kept ${close.length} processes from going on within 5 minutes, the last one in ${last.at}`;
    await database.write(async () => {
      const execute = database.execute.bind(database);
      const isNew = await writeQuarantine(execute, { extension, scope: 'extension', place: last.at, reason });
      if (isNew) await new Revision(database).raise({ assembly: true });
    });
    removeIncidents(incidents);
    log.error({ extension, at: last.at, reason }, 'an extension is quarantined');
  }
  return recent;
}
