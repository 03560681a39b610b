import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Progress } from './driver.js';
import { ProgressWriter } from './progress-writer.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('writes the latest state once in each period', async () => {
  const written: Progress[] = [];
  const writer = new ProgressWriter(async (progress) => void written.push(progress));
  for (let i = 1; i <= 100; i += 1) writer.report(i, 200);
  await vi.advanceTimersByTimeAsync(499);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([{ done: 100, total: 200 }]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written).toHaveLength(1);
  writer.report(101, undefined);
  await vi.advanceTimersByTimeAsync(500);
  expect(written.at(-1)).toEqual({ done: 101, total: null });
});

test('what is reported while it writes is written next', async () => {
  const written: number[] = [];
  const gate = Promise.withResolvers<void>();
  const writer = new ProgressWriter(async ({ done }) => {
    written.push(done);
    await gate.promise;
  });
  writer.report(1, 9);
  await vi.advanceTimersByTimeAsync(500);
  writer.report(2, 9);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(written).toEqual([1]);
  gate.resolve();
  await vi.advanceTimersByTimeAsync(500);
  expect(written).toEqual([1, 2]);
});

test('keeps to what the columns hold and is silent after its end', async () => {
  const writer = new ProgressWriter(async () => expect.unreachable());
  writer.report(-1, 1e12);
  expect(writer.latest).toEqual({ done: 0, total: 2_147_483_647 });
  writer.report(Number.NaN, 1);
  writer.report(2.9, Number.POSITIVE_INFINITY);
  expect(writer.latest).toEqual({ done: 2, total: null });
  writer.stop();
  writer.report(3, 3);
  expect(writer.latest).toEqual({ done: 2, total: null });
  await vi.advanceTimersByTimeAsync(1_000);
});

test('writes outside the asynchronous context of the job', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const writer = new ProgressWriter(async () => void seen.push(storage.getStore()));
  storage.run('transaction', () => writer.report(1, 1));
  await vi.advanceTimersByTimeAsync(500);
  expect(seen).toEqual([undefined]);
});
