/** What the processes of `posthorn serve` hold: idle, and after a thousand requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, fetchOnce, freshInstance, memoryOf, serve, serveBareKoa } from './lib/instance.mjs';
import { row } from './lib/rows.mjs';
import { figure, table } from './lib/table.mjs';

const ROUNDS = 2;
const IDLE_MS = 5_000;
const REQUESTS = 1_000;

async function ask(port, paths) {
  for (let sent = 0; sent < REQUESTS; sent += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => fetchOnce(port, paths[(sent + i) % paths.length])));
  }
}

export default {
  async run() {
    await using instance = await freshInstance();
    const seen = { koa: [], koaAfter: [], supervisor: [], worker: [], supervisorAfter: [], workerAfter: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const koa = await serveBareKoa();
      const server = await serve(instance.directory);
      try {
        await sleep(IDLE_MS);
        const [worker, ...more] = childrenOf(server.pid);
        if (more.length > 0) throw new Error('the supervisor has more than one process');
        seen.koa.push(memoryOf(koa.pid));
        seen.supervisor.push(memoryOf(server.pid));
        seen.worker.push(memoryOf(worker));
        await ask(server.port, ['/', '/readyz']);
        await ask(koa.port, ['/']);
        seen.koaAfter.push(memoryOf(koa.pid));
        seen.supervisorAfter.push(memoryOf(server.pid));
        seen.workerAfter.push(memoryOf(worker));
      } finally {
        await Promise.all([koa.stop(), server.stop()]);
      }
    }
    const pick = (list, what) => list.map((one) => one[what]);
    const sum = (a, b, what) => a.map((one, i) => one[what] + b[i][what]);
    const koa = (what, after = false) => ({ name: 'bare Koa', samples: pick(after ? seen.koaAfter : seen.koa, what) });
    const line = (name, samples, baseline, aim) =>
      row({ name, unit: 'MB', samples, baseline, ...(aim ? { aim } : {}) });
    const { supervisor, worker, supervisorAfter, workerAfter } = seen;
    return {
      rows: [
        line('memory idle: supervisor', pick(supervisor, 'rss'), koa('rss')),
        line('memory idle: worker', pick(worker, 'rss'), koa('rss')),
        line('memory idle: together', sum(supervisor, worker, 'rss'), koa('rss'), { of: 'median', below: 170 }),
        line('memory idle: together, PSS', sum(supervisor, worker, 'pss'), koa('pss')),
        line(`memory after ${REQUESTS} requests`, sum(supervisorAfter, workerAfter, 'rss'), koa('rss', true)),
        line(`memory after ${REQUESTS} requests, PSS`, sum(supervisorAfter, workerAfter, 'pss'), koa('pss', true)),
      ],
      notes: [
        `PSS divides Node's own pages among all processes that run it, so it falls with every other Node on the machine. Last round, MB:\n${table(
          ['process', 'RSS>', 'PSS>', 'its own>', 'RSS after>', 'its own after>'],
          [
            ['supervisor', supervisor, supervisorAfter],
            ['worker', worker, workerAfter],
            ['bare Koa', seen.koa, seen.koaAfter],
          ].map(([name, before, after]) => {
            const [a, b] = [before.at(-1), after.at(-1)];
            return [name, figure(a.rss), figure(a.pss), figure(a.own), figure(b.rss), figure(b.own)];
          }),
        )}`,
      ],
      details: seen,
    };
  },
};
