import { afterAll, describe } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { raceScenarios } from './race-scenarios.js';

describe('two saves at once on sqlite', () => raceScenarios(async () => undefined));

for (const [name, start] of Object.entries({ postgresql: startPostgres, mariadb: startMariadb })) {
  describe.skipIf(!requireSuite(name as 'postgresql' | 'mariadb'))(`two saves at once on ${name}`, () => {
    let server: DatabaseServer | undefined;
    afterAll(() => server?.stop());
    raceScenarios(async () => {
      server = await start();
      return (await server.createDatabase()).url;
    });
  });
}
