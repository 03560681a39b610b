import { afterAll, beforeAll, describe } from 'vitest';
import { type LimitBench, limitBench } from './fixture.js';
import { scenarios } from './scenarios.js';

describe('limits on SQLite', () => {
  let b: LimitBench;
  beforeAll(async () => {
    b = await limitBench();
  });
  afterAll(() => b?.host[Symbol.asyncDispose]());
  scenarios(() => b);
});
