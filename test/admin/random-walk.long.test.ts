import { afterAll, beforeAll, describe, it } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { type Bench, bench } from './fixture.js';
import { randomWalks } from './random-walk.js';

const LONG = 1_800_000;

describe('long random walks', () => {
  let b: Bench;
  beforeAll(async () => {
    b = await bench();
  });
  afterAll(() => b?.host[Symbol.asyncDispose]());
  it('on SQLite', () => randomWalks(b, { runs: 400, steps: 80 }), LONG);
});

describe.each([
  ['postgresql', startPostgres],
  ['mariadb', startMariadb],
] as const)('long random walks on %s', (name, start) => {
  describe.skipIf(!requireSuite(name))('server', () => {
    let server: DatabaseServer;
    let b: Bench;
    beforeAll(async () => {
      server = await start();
      b = await bench({ database: (await server.createDatabase()).url });
    });
    afterAll(async () => {
      await b?.host[Symbol.asyncDispose]();
      await server?.stop();
    });
    it(
      'no sequence of calls leads anybody outside of his rights',
      () => randomWalks(b, { runs: 100, steps: 60 }),
      LONG,
    );
  });
});
