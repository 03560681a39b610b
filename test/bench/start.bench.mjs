/** From the start of the program to its first answer, with an instance as `posthorn init` makes it, on SQLite. */
import { readFileSync } from 'node:fs';
import { environment, freshInstance, program, serve, serveBareKoa } from './lib/instance.mjs';
import { row } from './lib/rows.mjs';
import { mustRun } from './lib/run-once.mjs';

const ROUNDS = 5;

/** Milliseconds of processor time of the children that have ended so far: proc(5), fields 16 and 17, 10 ms each. */
function spentByChildren() {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

export default {
  async run() {
    await using instance = await freshInstance();
    const times = { line: [], ready: [], koa: [], list: [], listCpu: [], empty: [], emptyCpu: [] };
    // The first round only fills the caches of the operating system.
    for (let round = -1; round < ROUNDS; round += 1) {
      const keep = (list, ms) => void (round >= 0 && list.push(ms));
      const koa = await serveBareKoa();
      await koa.stop();
      keep(times.koa, koa.readyMs);
      const server = await serve(instance.directory);
      await server.stop();
      keep(times.line, server.lineMs);
      keep(times.ready, server.readyMs);
      const spent = [spentByChildren()];
      const empty = await mustRun(process.execPath, ['-e', ''], { env: environment });
      keep(times.empty, empty.ms);
      spent.push(spentByChildren());
      const list = await mustRun(
        process.execPath,
        [program, 'domain', 'list', '--json', '--instance', instance.directory],
        {
          env: environment,
        },
      );
      keep(times.list, list.ms);
      spent.push(spentByChildren());
      keep(times.emptyCpu, spent[1] - spent[0]);
      keep(times.listCpu, spent[2] - spent[1]);
    }
    const koa = { name: 'bare Koa, first 200', samples: times.koa };
    const empty = { name: "node -e ''", samples: times.empty };
    return {
      rows: [
        row({ name: 'start: serve to its ready line', unit: 'ms', samples: times.line, baseline: koa }),
        row({ name: 'start: serve to 200 of /readyz', unit: 'ms', samples: times.ready, baseline: koa }),
        row({ name: 'start: domain list --json', unit: 'ms', samples: times.list, baseline: empty }),
        row({
          name: 'start: domain list, processor time',
          unit: 'ms',
          samples: times.listCpu,
          baseline: { name: "node -e ''", samples: times.emptyCpu },
        }),
      ],
    };
  },
};
