import { afterAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb } from '../kit/src/servers/index.js';
import { apiSuite } from './suite.js';

describe.skipIf(!requireSuite('mariadb'))('the API on MariaDB', () => {
  let server: DatabaseServer;
  // Hooks that come later run first: the host leaves before its server.
  afterAll(() => server?.stop());
  apiSuite(async () => {
    server = await startMariadb();
    return (await server.createDatabase()).url;
  });
});
