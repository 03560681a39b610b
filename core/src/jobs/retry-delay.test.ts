import { expect, test } from 'vitest';
import { retryDelay } from './retry-delay.js';

test('grows fourfold from five seconds to an hour', () => {
  expect([1, 2, 3, 4, 5, 6, 100].map((attempt) => retryDelay(attempt, () => 0.5))).toEqual([
    5_000, 20_000, 80_000, 320_000, 1_280_000, 3_600_000, 3_600_000,
  ]);
});

test('differs by a quarter either way', () => {
  expect(retryDelay(1, () => 0)).toBe(3_750);
  expect(retryDelay(1, () => 1)).toBe(6_250);
  for (let i = 0; i < 100; i += 1) expect(Number.isInteger(retryDelay(3))).toBe(true);
});
