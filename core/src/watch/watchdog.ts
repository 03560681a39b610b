import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { running } from './attribution.js';
import { board, type FrameName, RUNNING } from './frame-board.js';

export interface WatchdogOptions {
  /** Where the thread writes what the process is stuck in. */
  readonly folder: string;
  /** Milliseconds without a turn of the event loop that are worth a line in the log. */
  readonly logMs: number;
  /** Milliseconds after which the process is given up. */
  readonly endMs: number;
  /** The event loop turns again. */
  readonly onBlock: (block: Block) => void;
  readonly onFailure: (error: unknown) => void;
}

export interface Block extends FrameName {
  readonly ms: number;
}

/** What the thread is started with. */
export interface WatchdogOrder extends Pick<WatchdogOptions, 'folder' | 'logMs' | 'endMs'> {
  readonly memory: SharedArrayBuffer;
  readonly everyMs: number;
}

export type WatchdogReport = { readonly type: 'ready' } | ({ readonly type: 'block' } & Block);

const EVERY_MS = 200;

/**
 * Watches this process's event loop from a thread of its own. Resolves when the thread looks; one that cannot be started
 * is told to `onFailure`, since nothing else depends on it.
 */
export function startWatchdog(o: WatchdogOptions): Promise<void> {
  const { folder, logMs, endMs } = o;
  const everyMs = Math.min(EVERY_MS, logMs / 4);
  const compiled = new URL('./watchdog-thread.js', import.meta.url);
  if (!existsSync(compiled)) return Promise.resolve();
  Object.defineProperty(globalThis, Symbol.for(RUNNING), { value: whoRuns, configurable: true });
  const thread = new Worker(compiled, {
    name: 'watchdog',
    execArgv: [],
    workerData: { folder, logMs, endMs, everyMs, memory: board.memory } satisfies WatchdogOrder,
    resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32, stackSizeMb: 1 },
  });
  board.onName((name, frame) => thread.postMessage({ name, frame }));
  setInterval(() => board.beat(), everyMs).unref();
  const { promise, resolve } = Promise.withResolvers<void>();
  thread.on('message', (report: WatchdogReport) => {
    if (report.type === 'ready') resolve();
    else o.onBlock(report);
  });
  thread.on('error', (error) => {
    o.onFailure(error);
    resolve();
  });
  thread.unref();
  return promise;
}

function whoRuns(): string {
  const frame = running.getStore();
  const isOurs = frame === undefined || frame.extension === 'host';
  return JSON.stringify({ extension: isOurs ? 'core' : frame.extension, at: frame?.at ?? '' });
}
