import { afterAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startPostgres } from '../kit/src/servers/index.js';
import { apiSuite } from './suite.js';

describe.skipIf(!requireSuite('postgresql'))('the API on PostgreSQL', () => {
  let server: DatabaseServer;
  // Hooks that come later run first: the host leaves before its server.
  afterAll(() => server?.stop());
  apiSuite(async () => {
    server = await startPostgres();
    return (await server.createDatabase()).url;
  });
});
