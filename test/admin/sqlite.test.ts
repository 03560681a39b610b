import { afterAll, beforeAll, describe } from 'vitest';
import { type Bench, bench } from './fixture.js';
import { scenarios } from './scenarios.js';

describe('admin on SQLite', () => {
  let b: Bench;
  beforeAll(async () => {
    b = await bench();
  });
  afterAll(() => b?.host[Symbol.asyncDispose]());
  scenarios(() => b);
});
