import { expect, test } from 'vitest';
import { libuvPoolSize, poolPermits, Semaphore } from './semaphore.js';

test('lets in as many as it has permits, the others in order of arrival', async () => {
  const semaphore = new Semaphore(2);
  const entered: number[] = [];
  const leave: (() => void)[] = [];
  const enter = (id: number): Promise<void> =>
    semaphore.run(async () => {
      entered.push(id);
      await new Promise<void>((resolve) => leave.push(resolve));
    });
  const all = [1, 2, 3, 4].map(enter);
  await turn();
  expect(entered).toEqual([1, 2]);
  expect(semaphore.waiting).toBe(2);
  leave[1]?.();
  await turn();
  expect(entered).toEqual([1, 2, 3]);
  // A newcomer, though a permit is about to be free, comes after the one already waiting.
  leave[0]?.();
  all.push(enter(5));
  await turn();
  expect(entered).toEqual([1, 2, 3, 4]);
  leave[2]?.();
  leave[3]?.();
  await turn();
  leave[4]?.();
  await Promise.all(all);
  expect(entered).toEqual([1, 2, 3, 4, 5]);
});

test('a failure gives the permit back; giving back twice frees one only', async () => {
  const semaphore = new Semaphore(1);
  await expect(semaphore.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const release = await semaphore.acquire();
  release();
  release();
  await semaphore.acquire();
  let second = false;
  void semaphore.acquire().then(() => {
    second = true;
  });
  await turn();
  expect(second).toBe(false);
});

test('needs a permit', () => {
  expect(() => new Semaphore(0)).toThrow(RangeError);
  expect(() => new Semaphore(1.5)).toThrow(RangeError);
});

test.each([
  [8, 4, 2],
  [2, 16, 1],
  [3, 16, 2],
  [1, 4, 1],
  [8, 2, 1],
  [8, 1, 1],
])('%i cores and a pool of %i: %i permits', (cores, pool, permits) => {
  expect(poolPermits(cores, pool)).toBe(permits);
});

test.each([
  [undefined, 4],
  ['16', 16],
  ['0', 1],
  ['x', 1],
  ['5000', 1024],
])('UV_THREADPOOL_SIZE=%s: %i threads', (text, size) => {
  expect(libuvPoolSize(text === undefined ? {} : { UV_THREADPOOL_SIZE: text })).toBe(size);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
