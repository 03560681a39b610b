import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** Milliseconds until an import counts as one that never ends. */
const TRIAL_MS = 10_000;
const MEMORY_MB = 256;
/** Printed once the module stands, so that one which ends the process by itself is told from one that was read. */
const DONE = 'posthorn-trial-import-done';
const SCRIPT = `await import(process.argv[1]); process.stdout.write('\\n${DONE}', () => process.exit(0));`;

/**
 * Imports a module in a process of its own, before one that serves does. Returns why it must not be: it throws, never
 * ends, ends the process, or needs more memory than any definition does.
 */
export function trialImport(entry: string, o: { readonly timeoutMs?: number } = {}): Promise<string | undefined> {
  const args = [
    `--max-old-space-size=${MEMORY_MB}`,
    '--input-type=module',
    '--eval',
    SCRIPT,
    pathToFileURL(entry).href,
  ];
  const timeoutMs = o.timeoutMs ?? TRIAL_MS;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let complained = '';
    let isLate = false;
    child.stdout.on('data', (chunk: Buffer) => {
      printed = `${printed}${chunk.toString('utf8')}`.slice(-1_000);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complained = `${complained}${chunk.toString('utf8')}`.slice(-4_000);
    });
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (isLate) resolve(`its import did not end within ${timeoutMs / 1_000} seconds`);
      else if (printed.endsWith(DONE) && code === 0) resolve(undefined);
      else if (code === 0) resolve('its code ends the process on import');
      else resolve(`its code fails on import: ${lastError(complained)}`);
    });
  });
}

/** Node prints the place first and the error somewhere behind it. */
const lastError = (text: string): string =>
  /^\s*(?:\w*Error\b.*|FATAL ERROR.*)$/m.exec(text)?.[0].trim() ?? (text.trim().split('\n').at(-1) || 'it ended');
