/**
 * Somebody who opens a page at a fixed pace, alone and while `posthorn import` hashes clear passwords beside the server
 * with every core but one; on SQLite, where both meet at one file.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, freshInstance, program, serve } from './lib/instance.mjs';
import { row } from './lib/rows.mjs';
import { median, p95 } from './lib/statistics.mjs';
import { figure } from './lib/table.mjs';

const ROUNDS = 3;
/** Accounts of a round, for each core that hashes. */
const ACCOUNTS = 100;
const ALONE_MS = 8_000;
/** Far below what a server can do, so that what is measured is not its queue. */
const PAGES_PER_SECOND = 20;
const MOST = 2;
const HASHING = Math.max(1, availableParallelism() - 1);

/** Imports a file in a process of its own; says how many cores that kept busy. */
async function importFile(instance, path) {
  const code = `
    process.argv.splice(1, 1, ...${JSON.stringify([program, 'import', '--crypt-password', path])});
    process.once('exit', () => process.send?.(process.cpuUsage()));
    await import(${JSON.stringify(`file://${program}`)});`;
  const begun = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, '-'], {
    cwd: instance.directory,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const used = once(child, 'message');
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`the import ended with ${status}: ${said}`);
  const [{ user, system }] = await used;
  return (user + system) / 1_000 / (performance.now() - begun);
}

export default {
  async run() {
    await using instance = await freshInstance({});
    const server = await serve(instance.directory);
    const settings = {
      port: server.port,
      who: instance.admin,
      path: '/admin/identities/',
      perSecond: PAGES_PER_SECOND,
    };
    const child = fork(new URL('./lib/paced.mjs', import.meta.url), [JSON.stringify(settings)]);
    const said = async () => (await once(child, 'message'))[0];
    try {
      await said();
      const busy = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const path = join(instance.directory, `round-${round}.csv`);
        const accounts = Array.from({ length: ACCOUNTS * HASHING }, (_, n) => {
          const name = `u${n}@r${round}.test`;
          return `account;${name};Correct-Horse-${n};A;B;True;SimpleUsers;${name};0`;
        });
        await writeFile(path, `${[`domain;r${round}.test;0;0;True`, ...accounts].join('\n')}\n`);
        child.send({ phase: `alone ${round}` });
        await sleep(ALONE_MS);
        child.send({ phase: `import ${round}` });
        busy.push(await importFile(instance, path));
      }
      const figures = said();
      child.send({});
      const phases = await figures;
      const rounds = (name) => Array.from({ length: ROUNDS }, (_, round) => phases[`${name} ${round}`]);
      const [alone, meanwhile] = [rounds('alone'), rounds('import')];
      const spread = (all) =>
        `p50 ${figure(median(all.flat()))}, p95 ${figure(p95(all.flat()))} ms of ${all.flat().length}`;
      return {
        rows: [
          row({
            name: 'sqlite: p95 of a page during an import of clear passwords',
            unit: 'ms',
            samples: meanwhile.map(p95),
            baseline: { name: 'p95 before', samples: alone.map(p95) },
            paired: true,
            aim: { of: 'ratio', below: MOST },
          }),
          row({ name: 'cores that the import kept busy', unit: '', samples: busy }),
        ],
        notes: [
          `a page at ${PAGES_PER_SECOND} a second, alone: ${spread(alone)}; during the import: ${spread(meanwhile)}; load ${figure(loadavg()[0])} on ${availableParallelism()} cores.`,
        ],
        details: { alone, meanwhile, busy },
      };
    } finally {
      child.kill();
      await server.stop();
    }
  },
};
