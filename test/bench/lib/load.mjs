/**
 * A load generator, in a process of its own. Keeps some connections busy: each asks, waits for the answer, rests a
 * moment and asks again. Counts by phases that the parent names, tells the parent each new revision it sees in an answer,
 * and sends the figures when it is told to stop.
 */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './statistics.mjs';

const { port, path, connections, restMs } = JSON.parse(process.argv[2] ?? '{}');
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const phases = new Map();
let phase = 'warm-up';
let isStopping = false;
let revision;

function ask() {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.once('end', () =>
        resolve({ body, failure: response.statusCode === 200 ? undefined : `status ${response.statusCode}` }),
      );
      response.once('error', (error) => resolve({ failure: error.code ?? error.message }));
      response.once('aborted', () => resolve({ failure: 'cut off' }));
    });
    request.once('timeout', () => request.destroy(new Error('time-out')));
    request.once('error', (error) => resolve({ failure: error.code ?? error.message }));
  });
}

async function connection() {
  while (!isStopping) {
    const of = phase;
    const begun = performance.now();
    const { body = '', failure } = await ask();
    const counted = phases.get(of) ?? { ms: [], failures: {} };
    phases.set(of, counted);
    counted.ms.push(performance.now() - begun);
    if (failure !== undefined) counted.failures[failure] = (counted.failures[failure] ?? 0) + 1;
    const seen = Number(/"revision":(\d+)/.exec(body)?.[1] ?? Number.NaN);
    if (seen > (revision ?? 0)) {
      revision = seen;
      process.send?.({ type: 'revision', revision });
    }
    await sleep(restMs * (0.5 + Math.random()));
  }
}

process.on('message', (message) => {
  if (message.type === 'phase') phase = message.name;
  if (message.type === 'stop') isStopping = true;
});
process.on('disconnect', () => process.exit(1));

await Promise.all(Array.from({ length: connections }, connection));
const figures = Object.fromEntries(
  [...phases].map(([name, { ms, failures }]) => [
    name,
    {
      requests: ms.length,
      failed: Object.values(failures).reduce((a, b) => a + b, 0),
      failures,
      p50: quantile(ms, 0.5),
      p99: quantile(ms, 0.99),
      longest: quantile(ms, 1),
    },
  ]),
);
process.send?.({ type: 'figures', figures }, () => process.exit(0));
