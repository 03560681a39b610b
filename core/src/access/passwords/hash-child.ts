/**
 * What the process of `hash-process.ts` runs: Argon2 at low priority, each request as it comes; whoever asks decides how
 * many at once.
 *
 * Tests start this file as it is, with Node's type stripping: no syntax that has to be compiled, and
 * the one relative import carries the extension this file itself was loaded with.
 */
import { constants, setPriority } from 'node:os';
import type { HashReply, HashRequest } from './hash-process.js';

try {
  // Before there are other threads: they take it over.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // A system that does not allow it: hashing then only is not in the way of the event loop and the pool.
}

// Its parent's signals are not meant for it: it ends with its parent, or when it is sent away.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const { computeArgon } = (await import(`./argon-compute${extension}`)) as typeof import('./argon-compute.js');

process.on('message', async ({ id, request }: HashRequest) => {
  let reply: HashReply;
  try {
    reply = { id, tag: await computeArgon(request) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  if (process.connected) process.send?.(reply);
});
