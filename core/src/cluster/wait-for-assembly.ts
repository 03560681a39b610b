import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Data } from '@posthorn/sdk';
import { agoSql } from './database-clock.js';
import { DEAD_AFTER_SECONDS } from './process-row.js';

/** Milliseconds: a little more than a supervisor gives its workers to be ready, so that its reason is heard. */
export const WAIT_MS = ((Number(process.env['POSTHORN_READY_SECONDS']) || 10) + 2) * 1_000;

export interface Straggler {
  readonly pid: number;
  readonly role: string;
  readonly assembly: number;
  /** What the process says of its own replacement; empty while it simply has not happened yet. */
  readonly problems: readonly string[];
}

export interface AssemblyWait {
  readonly isDone: boolean;
  /** Serving processes of this machine that had followed when the wait ended. */
  readonly followed: number;
  readonly stragglers: readonly Straggler[];
}

interface ProcessRecord {
  readonly pid: number;
  readonly role: string;
  readonly assembly: number;
  readonly problems: string | null;
}

const PAUSE_MS = 50;

/** A process that was killed leaves a row that looks alive for some seconds. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The stored list of what a process complains about. */
export function readProblems(text: string | null): readonly string[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.map(String) : [];
  } catch {
    return [];
  }
}

/**
 * Waits until every serving process of this machine has reached a generation, so that a command or a click can say
 * "done" and mean it. Ends early when only those are left that report why they cannot; other machines follow by themselves.
 */
export async function waitForAssembly(
  database: Pick<Data, 'dialect' | 'execute'>,
  assembly: number,
  o: { readonly host?: string; readonly timeoutMs?: number } = {},
): Promise<AssemblyWait> {
  const host = o.host ?? hostname();
  const deadline = performance.now() + (o.timeoutMs ?? WAIT_MS);
  for (;;) {
    const rows = await database.execute<ProcessRecord & Record<string, unknown>>(
      `select pid, role, assembly, problems from core_process
       where host = ? and role in ('web', 'worker') and seen_at >= ${agoSql(database.dialect, DEAD_AFTER_SECONDS)}`,
      [host],
    );
    const live = rows
      .map((row) => ({
        pid: Number(row.pid),
        role: row.role,
        assembly: Number(row.assembly),
        problems: readProblems(row.problems),
      }))
      .filter((row) => host !== hostname() || isRunning(row.pid));
    const stragglers = live.filter((row) => row.assembly < assembly);
    const followed = live.length - stragglers.length;
    if (stragglers.length === 0) return { isDone: true, followed, stragglers };
    // Problems name the generation they are about, so those of an earlier attempt do not end the wait.
    const isHopeless = stragglers.every((row) => row.problems.some((text) => text.startsWith(`assembly ${assembly}:`)));
    if (isHopeless || performance.now() >= deadline) return { isDone: false, followed, stragglers };
    await sleep(PAUSE_MS);
  }
}
