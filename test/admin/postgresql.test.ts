import { afterAll, beforeAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startPostgres } from '../kit/src/servers/index.js';
import { type Bench, bench } from './fixture.js';
import { scenarios } from './scenarios.js';

describe.skipIf(!requireSuite('postgresql'))('admin on PostgreSQL', () => {
  let server: DatabaseServer;
  let b: Bench;
  beforeAll(async () => {
    server = await startPostgres();
    b = await bench({ database: (await server.createDatabase()).url });
  });
  afterAll(async () => {
    await b?.host[Symbol.asyncDispose]();
    await server?.stop();
  });
  scenarios(() => b);
});
