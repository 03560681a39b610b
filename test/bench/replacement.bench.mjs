/**
 * Another generation is wanted while requests come in: how long until new workers answer, and what the clients notice.
 * Against stopping the program and starting it again, under the same load.
 */
import { fork } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freshInstance, serve } from './lib/instance.mjs';
import { row } from './lib/rows.mjs';
import { figure, table } from './lib/table.mjs';

const REPLACEMENTS = 5;
const RESTARTS = 2;
const CONNECTIONS = 24;
/** Pause of a connection between answer and question: about a thousand requests a second altogether. */
const REST_MS = 20;
const LONGEST_MS = 15_000;

function startLoad(port) {
  const options = { port, path: '/readyz', connections: CONNECTIONS, restMs: REST_MS };
  const child = fork(fileURLToPath(new URL('./lib/load.mjs', import.meta.url)), [JSON.stringify(options)]);
  process.once('exit', () => child.kill('SIGKILL'));
  let revision = 0;
  let wake = () => {};
  const figures = new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message.type === 'figures') resolve(message.figures);
      if (message.type === 'revision') {
        revision = message.revision;
        wake();
      }
    });
    child.once('exit', () => reject(new Error('the load generator ended')));
  });
  figures.catch(() => {});
  return {
    phase: (name) => child.send({ type: 'phase', name }),
    /** Until an answer comes from a generation at least as new. */
    async seen(wanted) {
      const deadline = performance.now() + LONGEST_MS;
      while (revision < wanted) {
        if (performance.now() > deadline) throw new Error(`no worker of revision ${wanted} answered`);
        await Promise.race([sleep(50), new Promise((resolve) => (wake = () => resolve(undefined)))]);
      }
    },
    stop() {
      child.send({ type: 'stop' });
      return figures;
    },
  };
}

export default {
  async run() {
    await using instance = await freshInstance();
    let server = await serve(instance.directory);
    const load = startLoad(server.port);
    const db = new DatabaseSync(instance.sqliteFile, { timeout: 5_000 });
    /** What enabling an extension writes at its end; the wish itself stays as it is, so every generation is alike. */
    const raise = () =>
      db
        .prepare(
          'update core_revision set revision = revision + 1, assembly = assembly + 1 where id = 1 returning revision',
        )
        .get().revision;
    const told = [];
    const unasked = [];
    const restarts = [];
    try {
      await sleep(1_500);
      load.phase('steady');
      await sleep(3_000);
      for (let n = 0; n < REPLACEMENTS; n += 1) {
        load.phase('replacement');
        const begun = performance.now();
        const wanted = raise();
        server.signal('SIGHUP'); // As the command line does after its commit.
        await load.seen(wanted);
        told.push(performance.now() - begun);
        await sleep(1_000); // The old worker retires.
        load.phase('between');
        await sleep(700);
      }
      load.phase('replacement, found by itself');
      for (let n = 0; n < 2; n += 1) {
        const begun = performance.now();
        await load.seen(raise());
        unasked.push(performance.now() - begun);
        await sleep(1_000);
      }
      load.phase('restart');
      for (let n = 0; n < RESTARTS; n += 1) {
        const begun = performance.now();
        const wanted = raise();
        await server.stop();
        server = await serve(instance.directory, server.port);
        await load.seen(wanted);
        restarts.push(performance.now() - begun);
        await sleep(500);
      }
    } finally {
      db.close();
      load.phase('end');
    }
    const figures = await load.stop();
    await server.stop();
    const { steady, replacement, restart } = figures;
    const count = (name, of, baseline, more = {}) =>
      row({ name, unit: '', samples: [of], baseline: { name: 'stop and start', samples: [baseline] }, ...more });
    return {
      rows: [
        row({
          name: 'replacement: until the new worker answers',
          unit: 'ms',
          samples: told,
          baseline: { name: 'stop and start', samples: restarts },
          aim: { of: 'median', below: 1_500 },
        }),
        row({
          name: 'replacement: found by itself',
          unit: 'ms',
          samples: unasked,
          baseline: { name: 'stop and start', samples: restarts },
        }),
        count(`replacement: failed of ${replacement.requests} requests`, replacement.failed, restart.failed, {
          aim: { of: 'median', below: 0 },
        }),
        row({
          name: 'replacement: p99 of requests meanwhile',
          unit: 'ms',
          samples: [replacement.p99],
          baseline: { name: 'p99 without', samples: [steady.p99] },
        }),
      ],
      notes: [
        `${CONNECTIONS} kept-alive connections; requests by phase, ms:\n${table(
          ['phase', 'requests>', 'failed>', 'p50>', 'p99>', 'longest>', 'why'],
          Object.entries(figures)
            .filter(([name]) => name !== 'end')
            .map(([name, one]) => [
              name,
              String(one.requests),
              String(one.failed),
              figure(one.p50),
              figure(one.p99),
              figure(one.longest),
              Object.entries(one.failures)
                .map(([why, times]) => `${why} × ${times}`)
                .join(', '),
            ]),
        )}`,
      ],
      details: { told, unasked, restarts, figures },
    };
  },
};
