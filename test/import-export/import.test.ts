import { afterAll, beforeAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { type TestHost, testHost } from '../kit/src/test-host.js';
import { importScenarios } from './import-scenarios.js';
import { shelf } from './rows.js';

const SERVERS = { postgresql: startPostgres, mariadb: startMariadb } as const;

describe('import and export on sqlite', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ with: [shelf] });
  });
  afterAll(() => host?.[Symbol.asyncDispose]());
  importScenarios(() => host);
});

describe.each(['postgresql', 'mariadb'] as const)('import and export on %s', (dialect) => {
  describe.skipIf(!requireSuite(dialect))('with a server', () => {
    let server: DatabaseServer;
    let host: TestHost;
    beforeAll(async () => {
      server = await SERVERS[dialect]();
      host = await testHost({ with: [shelf], database: (await server.createDatabase()).url });
    });
    afterAll(async () => {
      await host?.[Symbol.asyncDispose]();
      await server?.stop();
    });
    importScenarios(() => host);
  });
});
