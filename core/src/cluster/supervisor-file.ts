import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Supervisors leave `run/serve-<pid>.pid` in the instance's folder: the pid and, on the second line, when that process
 * started. The start time keeps a pid that was given to another program meanwhile from getting our signal.
 */
export const SUPERVISOR_FILE = /^serve-(\d+)\.pid$/;

/** Field 22 of /proc/PID/stat, in ticks since boot; undefined where there is no such process or no /proc. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold anything, spaces included.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/**
 * Tells the supervisors of this instance on this machine to look at the revision now. Only saves the second until they
 * would have looked anyway, so whatever goes wrong here is left alone. Returns how many were told.
 */
export function nudgeSupervisors(directory: string): number {
  const run = join(directory, 'run');
  let told = 0;
  let names: readonly string[];
  try {
    names = readdirSync(run);
  } catch {
    return 0;
  }
  for (const name of names) {
    if (!SUPERVISOR_FILE.test(name)) continue;
    try {
      const [pid = '', start = ''] = readFileSync(join(run, name), 'latin1').split('\n');
      if (start === '' || processStart(Number(pid)) !== start) continue;
      process.kill(Number(pid), 'SIGHUP');
      told += 1;
    } catch {
      // Gone meanwhile, or another user's.
    }
  }
  return told;
}
