import { spawn } from 'node:child_process';

/** Milliseconds that npm may take; a registry may be slow, and one that does not answer is no reason to wait for ever. */
const NPM_MS = 5 * 60_000;
/** As much of what npm says as a sentence about it can use. */
const KEPT = 4_000;

export interface NpmRun {
  readonly code: number | null;
  readonly said: string;
}

/**
 * Runs npm in a folder, without a shell and without the packages' own scripts. Peers are not resolved: the SDK and the
 * other extensions are in the instance already.
 */
export function npm(directory: string, args: readonly string[]): Promise<NpmRun> {
  const quiet = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
  return new Promise((resolve) => {
    const child = spawn('npm', [...quiet, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk: Buffer): void => {
      said = `${said}${chunk.toString('utf8')}`.slice(-KEPT);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const timer = setTimeout(() => child.kill('SIGKILL'), NPM_MS);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: null, said: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, said: said.trim() });
    });
  });
}
