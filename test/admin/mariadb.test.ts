import { afterAll, beforeAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb } from '../kit/src/servers/index.js';
import { type Bench, bench } from './fixture.js';
import { scenarios } from './scenarios.js';

describe.skipIf(!requireSuite('mariadb'))('admin on MariaDB', () => {
  let server: DatabaseServer;
  let b: Bench;
  beforeAll(async () => {
    server = await startMariadb();
    b = await bench({ database: (await server.createDatabase()).url });
  });
  afterAll(async () => {
    await b?.host[Symbol.asyncDispose]();
    await server?.stop();
  });
  scenarios(() => b);
});
