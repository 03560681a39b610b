import { afterAll, beforeAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startPostgres } from '../kit/src/servers/index.js';
import { type LimitBench, limitBench } from './fixture.js';
import { scenarios } from './scenarios.js';

describe.skipIf(!requireSuite('postgresql'))('limits on PostgreSQL', () => {
  let server: DatabaseServer;
  let b: LimitBench;
  beforeAll(async () => {
    server = await startPostgres();
    b = await limitBench({ database: (await server.createDatabase()).url });
  });
  afterAll(async () => {
    await b?.host[Symbol.asyncDispose]();
    await server?.stop();
  });
  scenarios(() => b);
});
