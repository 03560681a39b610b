import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Check, Looked } from './check.js';
import type { Subject } from './subject.js';

const CHILD = fileURLToPath(new URL('./quiet-child.js', import.meta.url));
const LONGEST_MS = 60_000;

/** What the child process is told to look at. */
export interface QuietTask {
  readonly mode: 'import' | 'start';
  readonly folder: string;
  readonly entry: string;
  readonly required: readonly string[];
}

/** In a process of its own, where nothing else opens handles. */
function inChild(mode: QuietTask['mode'], { folder, found, required }: Subject): Promise<Looked> {
  const task: QuietTask = { mode, folder, entry: found.entry, required };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CHILD, JSON.stringify(task)], { timeout: LONGEST_MS }, (error, stdout, stderr) => {
      const said = stdout.trim().split('\n').at(-1) ?? '';
      try {
        resolve(JSON.parse(said) as readonly string[]);
      } catch {
        reject(new Error(`the process that looked ended early: ${stderr || error?.message || said}`));
      }
    });
  });
}

export const quietImportCheck: Check = {
  id: 'quiet-import',
  name: 'importing it opens nothing and starts nothing',
  mend: 'Module code can never be unloaded: move timers, connections and listeners into `start`, which returns what ends them.',
  look: (s) => inChild('import', s),
};

export const balanceCheck: Check = {
  id: 'balance',
  name: 'what start begins, its disposal ends',
  mend: 'Return an AsyncDisposable from `start` that clears every timer and closes every connection that start made.',
  look: async (s) => (s.definition.start === undefined ? [] : inChild('start', s)),
};
