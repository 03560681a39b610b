/** Two hundred replacements in a row: what the supervisor holds before and after, and whether anything is left behind. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, fetchOnce, freshInstance, memoryOf, serve } from './lib/instance.mjs';
import { row } from './lib/rows.mjs';

const REPLACEMENTS = 200;
/** Replacements until what is loaded late is loaded, and the first collection of old objects, which takes 6 MB, is past. */
const SETTLED = 110;
const LONGEST_MS = 20_000;

const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

async function until(what, probe) {
  const deadline = performance.now() + LONGEST_MS;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}

export default {
  async run() {
    await using instance = await freshInstance();
    const server = await serve(instance.directory);
    const db = new DatabaseSync(instance.sqliteFile, { timeout: 5_000 });
    const raise = db.prepare(
      'update core_revision set revision = revision + 1, assembly = assembly + 1 where id = 1 returning revision',
    );
    const seen = { memory: [], times: [] };
    let filesBefore = 0;
    try {
      for (let n = 1; n <= REPLACEMENTS; n += 1) {
        const begun = performance.now();
        const wanted = Number(raise.get()?.['revision']);
        server.signal('SIGHUP');
        await until('the new workers', async () => {
          const { body } = await fetchOnce(server.port, '/readyz').catch(() => ({ body: '{}' }));
          return JSON.parse(body).revision === wanted;
        });
        seen.times.push(performance.now() - begun);
        await until('the old worker to end', () => childrenOf(server.pid).length === 1);
        if (n === SETTLED) filesBefore = openFiles(server.pid);
        seen.memory.push(memoryOf(server.pid).rss);
      }
      const sockets = readdirSync(join(instance.directory, 'run')).filter((name) => name.endsWith('.sock')).length;
      const early = seen.memory.slice(SETTLED, SETTLED + 20);
      return {
        rows: [
          row({
            name: `supervisor after ${REPLACEMENTS} replacements`,
            unit: 'MB',
            samples: seen.memory.slice(-20),
            baseline: { name: `after ${SETTLED}`, samples: early },
            aim: { of: 'ratio', below: 1.1 },
          }),
          row({
            name: 'sockets, processes and open files left',
            unit: '',
            samples: [
              sockets - 1 + childrenOf(server.pid).length - 1 + Math.max(openFiles(server.pid) - filesBefore, 0),
            ],
            aim: { of: 'median', below: 1 },
          }),
          row({ name: 'one replacement, of the last 20', unit: 'ms', samples: seen.times.slice(-20) }),
        ],
        details: seen,
      };
    } finally {
      db.close();
      await server.stop();
    }
  },
};
