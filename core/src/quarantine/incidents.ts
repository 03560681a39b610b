import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files in which the watchdog's thread names what a process is stuck in, since that process can tell nobody itself:
 * `slow-PID.json` while the event loop stands still, `stuck-TIME-PID.json` once it has stood still for too long. The
 * second stays when the process is ended, for the one that follows it.
 */
export interface Incident {
  readonly pid: number;
  readonly extension: string;
  /** The hook, page, job or step. */
  readonly at: string;
  /** Milliseconds so far. */
  readonly ms: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export const incidentFolder = (directory: string): string => join(directory, 'data', 'watchdog');

const STUCK = /^stuck-\d+-\d+\.json$/;

export function writeIncident(folder: string, kind: 'slow' | 'stuck', incident: Incident): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = kind === 'slow' ? `slow-${incident.pid}.json` : `stuck-${incident.time}-${incident.pid}.json`;
  writeFileSync(join(folder, name), JSON.stringify(incident), { mode: 0o600 });
}

export function removeSlow(folder: string, pid: number): void {
  rmSync(join(folder, `slow-${pid}.json`), { force: true });
}

export interface KeptIncident extends Incident {
  readonly file: string;
}

/** What processes were stuck in, oldest first. */
export function readIncidents(folder: string): readonly KeptIncident[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => STUCK.test(name))
    .flatMap((name): KeptIncident[] => {
      const file = join(folder, name);
      try {
        return [{ ...(JSON.parse(readFileSync(file, 'utf8')) as Incident), file }];
      } catch {
        return []; // Half written by a process that was ended meanwhile.
      }
    })
    .sort((a, b) => a.time - b.time);
}

export function removeIncidents(incidents: readonly KeptIncident[]): void {
  for (const { file } of incidents) rmSync(file, { force: true });
}
