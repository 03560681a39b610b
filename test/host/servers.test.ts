import { type DatabaseServer, requireSuite, startMariadb, startPostgres, until } from '@posthorn/testkit/servers';
import { describe, expect, it } from 'vitest';
import { instance, run } from './instance.js';
import { serve } from './serving.js';

/** What only shows on a database server: the process row’s SQL, and a switch that the command waits for. */
const engines: readonly (readonly ['postgresql' | 'mariadb', () => Promise<DatabaseServer>])[] = [
  ['postgresql', startPostgres],
  ['mariadb', startMariadb],
];

describe.each(engines)('on %s', (engine, start) => {
  it.skipIf(!requireSuite(engine))(
    'processes see each other, and a switch is over when the command says so',
    async () => {
      await using server = await start();
      const { name, url } = await server.createDatabase();
      await using made = await instance({ database: url });
      await using serving = await serve(made.directory, { env: { POSTHORN_RETIRE_SECONDS: '3' } });
      await until('readiness', 15, async () => (await serving.readyz()).status === 200);
      const processes = async () =>
        (await server.sql(name, 'select role, pid, problems from core_process order by role'))
          .split('\n')
          .filter((line) => line !== '');
      expect(await processes()).toEqual([`web\t${serving.workers()[0]}\t[]`]);

      await server.sql(
        name,
        `insert into core_process (id, role, host, pid, revision, assembly, versions, problems, seen_at, started_at)
       values ('dead', 'worker', 'elsewhere', 1, 1, 1, '{}', '[]', '2020-01-01 00:00:00', '2020-01-01 00:00:00')`,
      );
      await until('the dead to be dropped', 10, async () => (await processes()).length === 1);

      const before = serving.workers();
      const switched = await run(['extension', 'disable', 'limits', '--instance', made.directory]);
      expect(switched).toMatchObject({ code: 0 });
      expect((await serving.ask('/limits/plans/')).status).toBe(404);
      expect(await processes()).not.toContain(`web\t${before[0]}\t[]`);
      expect(await serving.stop()).toBe(0);
      expect(await processes()).toEqual([]);
    },
  );
});
