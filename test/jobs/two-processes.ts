import { expect } from 'vitest';
import { until } from '../kit/src/servers/index.js';
import { emptyLog, enqueueMany, lines, type Rig, states, Worker } from './rig.js';

/** Two worker processes run `count` jobs: each exactly once. Returns the jobs per second. */
export async function runInTwoProcesses(rig: Rig, count: number, seconds: number): Promise<number> {
  const log = emptyLog(rig, 'two.log');
  await enqueueMany(rig, 'count', count);
  const workers = await Promise.all([Worker.start(rig, log), Worker.start(rig, log)]);
  const start = performance.now();
  await until(`${count} jobs to be done`, seconds, async () => (await states(rig)).done === count);
  const took = (performance.now() - start) / 1000;
  await Promise.all(workers.map((worker) => worker.stop()));

  const ran = lines(log).map((line) => line.split(' '));
  expect(ran).toHaveLength(count);
  expect(new Set(ran.map(([i]) => i)).size).toBe(count);
  expect(new Set(ran.map(([, pid]) => pid)).size).toBe(2);
  expect(await states(rig)).toEqual({ done: count });
  const [row] = await rig.database.execute('select max(attempts) as attempts from core_job');
  expect(Number(row?.attempts)).toBe(1);
  expect(workers.map((worker) => worker.warnings)).toEqual(['', '']);
  return Math.round(count / took);
}

/** What a worker may hold at once, and so what runs a second time after it was killed. */
const HELD = 4;

/** The same, while one process after the other is killed and followed by a new one: nothing is lost, and ends once. */
export async function runWithKills(rig: Rig, count: number, seconds: number): Promise<number> {
  const log = emptyLog(rig, 'kills.log');
  await enqueueMany(rig, 'brief', count);
  const start = (): Promise<Worker> => Worker.start(rig, log, { leaseMs: 3_000 });
  const workers = await Promise.all([start(), start()]);
  let kills = 0;
  await until(
    `${count} jobs to be done`,
    seconds,
    async () => {
      if ((await states(rig)).done === count) return true;
      const victim = kills++ % 2;
      await workers[victim]?.kill();
      workers[victim] = await start();
      return false;
    },
    1_000,
  );
  await Promise.all(workers.map((worker) => worker.stop()));
  const ran = lines(log);
  expect(new Set(ran).size).toBe(count);
  expect(ran.length - count).toBeLessThanOrEqual(HELD * kills);
  expect(await states(rig)).toEqual({ done: count });
  return kills;
}
