/** Imports or starts an extension and prints what stays alive, as JSON. Runs in a process of its own. */
import { createHook } from 'node:async_hooks';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { testHost } from '../test-host.js';
import type { QuietTask } from './quiet-checks.js';

/** Resources that keep something going; promises and files that are being read end by themselves. */
const LASTING = new Set([
  'Timeout',
  'TCPSERVERWRAP',
  'TCPWRAP',
  'TCPSOCKETWRAP',
  'PIPESERVERWRAP',
  'PIPEWRAP',
  'PROCESSWRAP',
  'FSEVENTWRAP',
  'STATWATCHER',
  'UDPWRAP',
  'SIGNALWRAP',
  'WORKER',
]);
/** What is ending gets this long to end. */
const SETTLE_MS = 300;

const { mode, folder, entry, required } = JSON.parse(process.argv[2] ?? '{}') as QuietTask;
const alive = new Map<number, string>();
let isLooking = false;
const hook = createHook({
  init(id, type) {
    if (!isLooking || !LASTING.has(type)) return;
    const place = (new Error().stack ?? '').split('\n').find((line) => line.includes(folder)) ?? '';
    const [, file = '', line = ''] = /(?:file:\/\/)?(\/[^():]+):(\d+):\d+\)?$/.exec(place) ?? [];
    alive.set(id, `${type}${file === '' ? '' : ` made at ${relative(folder, file)}:${line}`}`);
  },
  destroy: (id) => void alive.delete(id),
}).enable();

/** Runs `work` and names what it leaves behind. */
async function leftBy(work: () => Promise<void>): Promise<readonly string[]> {
  const globals = new Set(Object.getOwnPropertyNames(globalThis));
  const listeners = new Map(process.eventNames().map((name) => [name, process.listenerCount(name)]));
  isLooking = true;
  await work();
  isLooking = false;
  await sleep(SETTLE_MS);
  hook.disable();
  return [
    ...[...alive.values()].map((what) => `${what} is still there`),
    ...process
      .eventNames()
      .filter((name) => process.listenerCount(name) > (listeners.get(name) ?? 0))
      .map((name) => `a listener of the process's event ${String(name)} is still there`),
    ...Object.getOwnPropertyNames(globalThis)
      .filter((name) => !globals.has(name))
      .map((name) => `the global name ${name} was added`),
  ];
}

async function look(): Promise<readonly string[]> {
  // What it stands on comes first: that is not its doing.
  await import('@posthorn/sdk');
  if (mode === 'import') {
    await import('@mikro-orm/core').catch(() => undefined);
    return leftBy(async () => void (await import(pathToFileURL(entry).href)));
  }
  await using host = await testHost({ with: [...required, folder] });
  return leftBy(async () => {
    await host.kernel.generation.start();
    await host.kernel.generation[Symbol.asyncDispose]();
  });
}

const found = await look();
process.stdout.write(`${JSON.stringify(found)}\n`);
// What was left behind must not keep this process.
process.exit(0);
