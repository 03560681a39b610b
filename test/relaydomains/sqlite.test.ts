import { afterAll, beforeAll, describe } from 'vitest';
import type { Bench } from '../admin/fixture.js';
import { relayBench, scenarios } from './scenarios.js';

describe('relay domains on SQLite', () => {
  let b: Bench;
  beforeAll(async () => {
    b = await relayBench();
  });
  afterAll(() => b?.host[Symbol.asyncDispose]());
  scenarios(() => b);
});
