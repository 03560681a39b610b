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
