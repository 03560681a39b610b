import { afterAll, beforeAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb } from '../kit/src/servers/index.js';
import { type LimitBench, limitBench } from './fixture.js';
import { scenarios } from './scenarios.js';

describe.skipIf(!requireSuite('mariadb'))('limits on MariaDB', () => {
  let server: DatabaseServer;
  let b: LimitBench;
  beforeAll(async () => {
    server = await startMariadb();
    b = await limitBench({ database: (await server.createDatabase()).url });
  });
  afterAll(async () => {
    await b?.host[Symbol.asyncDispose]();
    await server?.stop();
  });
  scenarios(() => b);
});
