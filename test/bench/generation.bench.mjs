/**
 * Building the generation of a process: ordering the extensions and arranging what they bring. A process does it once,
 * so every sample is a process of its own. What MikroORM does with the entities is measured apart.
 */
import { fileURLToPath } from 'node:url';
import { row } from './lib/rows.mjs';
import { mustRun } from './lib/run-once.mjs';
import { median } from './lib/statistics.mjs';

const ROUNDS = 5;
const SIZES = [10, 40, 200];
const script = fileURLToPath(new URL('./lib/generation-once.mjs', import.meta.url));

async function once(what, count) {
  const { stdout } = await mustRun(process.execPath, ['--expose-gc', script, what, String(count)]);
  return JSON.parse(stdout);
}

export default {
  async run() {
    const samples = new Map();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const count of SIZES) {
        for (const what of ['generation', 'bare', 'discovery']) {
          const key = `${what} ${count}`;
          samples.set(key, [...(samples.get(key) ?? []), await once(what, count)]);
        }
      }
    }
    const of = (what, count, pick) => samples.get(`${what} ${count}`).map(pick);
    const rows = SIZES.flatMap((count) => [
      row({
        name: `generation of ${count}, first`,
        unit: 'ms',
        samples: of('generation', count, (one) => one.cold),
        baseline: { name: 'bare maps and taps', samples: of('bare', count, (one) => one.cold) },
        ...(count === 40 ? { aim: { of: 'median', below: 50 } } : {}),
      }),
      row({
        name: `generation of ${count}, again`,
        unit: 'ms',
        samples: of('generation', count, (one) => one.warm),
        baseline: { name: 'bare maps and taps', samples: of('bare', count, (one) => one.warm) },
      }),
    ]);
    rows.push(
      ...SIZES.map((count) =>
        row({
          name: `ORM with ${count} entities`,
          unit: 'ms',
          samples: of('discovery', count, (one) => one.all.ms),
          baseline: { name: 'ORM without entities', samples: of('discovery', count, (one) => one.none.ms) },
        }),
      ),
      row({
        name: 'memory of a generation of 40',
        unit: 'KB',
        samples: of('generation', 40, (one) => one.bytes / 1_000),
        baseline: { name: 'bare maps and taps', samples: of('bare', 40, (one) => one.bytes / 1_000) },
      }),
      row({
        name: 'memory of the ORM, 40 entities',
        unit: 'KB',
        samples: of('discovery', 40, (one) => one.all.bytes / 1_000),
        baseline: { name: 'without entities', samples: of('discovery', 40, (one) => one.none.bytes / 1_000) },
      }),
    );
    const growth = (pick) => median(pick(200)) / median(pick(40));
    return {
      rows,
      notes: [
        `five times the extensions (200 against 40) take ${growth((n) => of('generation', n, (one) => one.warm)).toFixed(1)} times as long to arrange`,
      ],
    };
  },
};
