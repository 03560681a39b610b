import { createServer } from 'node:net';

/** Of vitest's workers each has ports of its own: between the check and the start another might take the same. */
const BAND = 1_000;
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % 12;
const lowest = worker === 0 ? 20_000 : 20_000 + worker * BAND;
const highest = worker === 0 ? 32_000 : lowest + BAND;
const handedOut = new Set<number>();

/** Whether nothing listens on the loopback port at this moment. */
function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A free TCP port of 127.0.0.1 between 20000 and 32000, never the same one twice in a process.
 *
 * Below 32768 on purpose: Linux takes the source ports of outgoing connections from 32768 upward, and a server
 * started a moment after the check would now and then find its port taken by somebody's live connection.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (handedOut.has(port)) continue;
    if (await canBind(port)) {
      handedOut.add(port);
      return port;
    }
  }
  throw new Error(`no free loopback port found between ${lowest} and ${highest}`);
}
