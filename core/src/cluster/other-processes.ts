import type { Data } from '@posthorn/sdk';
import { agoSql } from './database-clock.js';
import { DEAD_AFTER_SECONDS } from './process-row.js';
import { readProblems } from './wait-for-assembly.js';

export interface ServingProcess {
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  readonly assembly: number;
  /** Of the extensions it runs, by id. */
  readonly versions: Readonly<Record<string, string>>;
  /** Why it has not followed; empty while it is about to. */
  readonly problems: readonly string[];
}

/** The serving processes of the whole installation that are alive, by host. */
export async function servingProcesses(data: Pick<Data, 'dialect' | 'execute'>): Promise<readonly ServingProcess[]> {
  const rows = await data.execute(
    `select role, host, pid, assembly, versions, problems from core_process
     where role in ('web', 'worker') and seen_at >= ${agoSql(data.dialect, DEAD_AFTER_SECONDS)} order by host, role, pid`,
  );
  return rows.map((row) => ({
    role: String(row.role),
    host: String(row.host),
    pid: Number(row.pid),
    assembly: Number(row.assembly),
    versions: JSON.parse(String(row.versions)) as Record<string, string>,
    problems: readProblems(row.problems as string | null),
  }));
}
