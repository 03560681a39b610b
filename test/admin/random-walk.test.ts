import { afterAll, beforeAll, it } from 'vitest';
import { type Bench, bench } from './fixture.js';
import { randomWalks } from './random-walk.js';

let b: Bench;
beforeAll(async () => {
  b = await bench();
});
afterAll(() => b?.host[Symbol.asyncDispose]());

it('no sequence of calls leads anybody outside of his rights, on SQLite', () =>
  randomWalks(b, { runs: 15, steps: 40 }));
