import { afterAll, beforeAll, describe } from 'vitest';
import { type Bench, bench } from '../admin/fixture.js';
import { notes } from './notes.js';
import { auditScenarios } from './scenarios.js';

describe('the audit on SQLite', () => {
  let b: Bench;
  beforeAll(async () => {
    b = await bench({ with: [notes] });
  });
  afterAll(() => b?.host[Symbol.asyncDispose]());
  auditScenarios(() => b);
});
