import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

/** Milliseconds until an import counts as one that never ends. */
const TRIAL_MS = 10_000;
const MEMORY_MB = 256;
/** How often is looked whether an import has taken too long. */
const LOOK_MS = 100;
/** What a child without its parent gets beyond its time. */
const ORPHAN_MS = 60_000;
/** Where the child tells what became of each module, one line of JSON each. */
const REPORTS = 3;

/**
 * Imports one module after the other. A thread ends the process should whoever waits for it be gone: a module that never
 * ends would use the processor for ever.
 */
const SCRIPT = `
const { writeSync } = process.getBuiltinModule('node:fs');
const { Worker } = process.getBuiltinModule('node:worker_threads');
const [longestMs, ...modules] = process.argv.slice(1);
new Worker('setTimeout(() => process.kill(process.pid, "SIGKILL"), ' + longestMs + ')', { eval: true }).unref();
const tell = (problem) => writeSync(${REPORTS}, JSON.stringify(problem) + '\\n');
tell('begun');
for (const one of modules) {
  try {
    await import(one);
    tell('');
  } catch (error) {
    tell('its code fails on import: ' + (error instanceof Error ? error.message : String(error)));
  }
}
process.exit(0);`;

/** What the child exits with where nothing is left that could end an import. */
const UNSETTLED = 13;

/**
 * Imports modules in a process of their own, before one that serves does. Returns for each, in order, why it must not be:
 * it throws, never ends, ends the process, or needs more memory than any definition does.
 */
export async function trialImport(
  entries: readonly string[],
  o: { readonly timeoutMs?: number } = {},
): Promise<readonly (string | undefined)[]> {
  const verdicts: (string | undefined)[] = [];
  while (verdicts.length < entries.length) {
    const { told, ending } = await tryOnce(entries.slice(verdicts.length), o.timeoutMs ?? TRIAL_MS);
    verdicts.push(...told.map((problem) => (problem === '' ? undefined : problem)));
    // Whoever ended the process keeps the others from their turn, so they get another one.
    if (verdicts.length < entries.length) verdicts.push(ending);
  }
  return verdicts;
}

/**
 * Milliseconds that a process has waited for a processor, from proc(5); 0 where that is not told. They do not count: on a
 * busy machine an import may take long without being endless.
 */
function waitedMs(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

interface Trial {
  readonly told: readonly string[];
  /** Why the process ended at the module after those. */
  readonly ending: string;
}

function tryOnce(entries: readonly string[], timeoutMs: number): Promise<Trial> {
  const longestMs = timeoutMs * (entries.length + 1) + ORPHAN_MS;
  const modules = entries.map((entry) => pathToFileURL(entry).href);
  const args = [`--max-old-space-size=${MEMORY_MB}`, '--input-type=module', '--eval', SCRIPT, '--'];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args, String(longestMs), ...modules], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    let reports = '';
    let complained = '';
    let isLate = false;
    const end = (): void => {
      isLate = true;
      child.kill('SIGKILL');
    };
    const spent = (): number => performance.now() - waitedMs(child.pid);
    let begun = spent();
    const timer = setInterval(() => {
      if (spent() - begun > timeoutMs) end();
    }, LOOK_MS);
    (child.stdio[REPORTS] as Readable).on('data', (chunk: Buffer) => {
      reports += chunk.toString('utf8');
      begun = spent();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      complained = `${complained}${chunk.toString('utf8')}`.slice(-4_000);
    });
    child.once('close', (code) => {
      clearInterval(timer);
      const ending = (): string => {
        if (isLate || code === UNSETTLED) return `its import did not end within ${timeoutMs / 1_000} seconds`;
        if (code === 0) return 'its code ends the process on import';
        return `its code fails on import: ${lastError(complained)}`;
      };
      const told = reports.split('\n').slice(1, -1);
      resolve({ told: told.map((line) => String(JSON.parse(line))), ending: ending() });
    });
    child.once('error', (error) => {
      complained = error.message;
    });
  });
}

/** Node prints the place first and the error somewhere behind it. */
const lastError = (text: string): string =>
  /^\s*(?:\w*Error\b.*|FATAL ERROR.*)$/m.exec(text)?.[0].trim() ?? (text.trim().split('\n').at(-1) || 'it ended');
