import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Acknowledgements } from './acknowledgements.js';

it('forgets together what was delivered within a moment', async () => {
  const removed: (readonly number[])[] = [];
  const delivered = new Acknowledgements(
    async (ids) => void removed.push(ids),
    () => {},
  );
  delivered.add(1);
  delivered.add(2);
  await sleep(60);
  expect(removed).toEqual([[1, 2]]);
  delivered.add(3);
  await delivered.flush();
  expect(removed).toEqual([[1, 2], [3]]);
  await delivered.flush();
  expect(removed).toHaveLength(2);
});

it('keeps what could not be forgotten, and says so', async () => {
  const removed: (readonly number[])[] = [];
  const errors: unknown[] = [];
  let isAway = true;
  const delivered = new Acknowledgements(
    async (ids) => {
      if (isAway) throw new Error('away');
      removed.push(ids);
    },
    (error) => errors.push(error),
  );
  delivered.add(1);
  await delivered.flush();
  expect(errors).toHaveLength(1);
  delivered.add(2);
  isAway = false;
  await delivered.flush();
  expect(removed).toEqual([[1, 2]]);
  delivered.stop();
});
