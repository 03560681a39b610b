import { afterAll, beforeAll, describe } from 'vitest';
import { type Bench, bench } from '../admin/fixture.js';
import { type DatabaseServer, requireSuite, startPostgres } from '../kit/src/servers/index.js';
import { notes } from './notes.js';
import { auditScenarios } from './scenarios.js';

describe.skipIf(!requireSuite('postgresql'))('the audit on PostgreSQL', () => {
  let server: DatabaseServer;
  let b: Bench;
  beforeAll(async () => {
    server = await startPostgres();
    b = await bench({ database: (await server.createDatabase()).url, with: [notes] });
  });
  afterAll(async () => {
    await b?.host[Symbol.asyncDispose]();
    await server?.stop();
  });
  auditScenarios(() => b);
});
