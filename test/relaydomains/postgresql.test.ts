import { afterAll, beforeAll, describe } from 'vitest';
import type { Bench } from '../admin/fixture.js';
import { type DatabaseServer, requireSuite, startPostgres } from '../kit/src/servers/index.js';
import { relayBench, scenarios } from './scenarios.js';

describe.skipIf(!requireSuite('postgresql'))('relay domains on PostgreSQL', () => {
  let server: DatabaseServer;
  let b: Bench;
  beforeAll(async () => {
    server = await startPostgres();
    b = await relayBench({ database: (await server.createDatabase()).url });
  });
  afterAll(async () => {
    await b?.host[Symbol.asyncDispose]();
    await server?.stop();
  });
  scenarios(() => b);
});
