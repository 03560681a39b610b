import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Locks } from '../../core/src/cluster/locks.js';
import { Database } from '../../core/src/data/database.js';
import { parseDatabaseUrl } from '../../core/src/data/url.js';
import { SqlJobDriver } from '../../core/src/jobs/sql-driver.js';
import { type Line, lineTo } from '../host/line.js';
import { type Serving, serve } from '../host/serving.js';
import { Browser } from '../http/browser.js';
import { enqueueMany, isAvailable, jobsOf, makeRig, makeRunner, type Rig, silent, states } from '../jobs/rig.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { type DatabaseServer, sleep, startMariadb, startPostgres, until } from '../kit/src/servers/index.js';

const CHILD = fileURLToPath(new URL('./lock-child.mjs', import.meta.url));
const LEASE_MS = 1_200;
const servers = { postgresql: startPostgres, mariadb: startMariadb } as const;

/** The same database at the end of a line. */
const through = (url: string, line: Line): string => Object.assign(new URL(url), { port: String(line.port) }).href;

describe.each(['postgresql', 'mariadb'] as const)('cut off from %s', (dialect) => {
  describe.skipIf(!isAvailable(dialect))('a program that serves', () => {
    let server: DatabaseServer;
    let name = '';
    let line: Line;
    let instance: Instance;
    let serving: Serving;
    let browser: Browser;
    let workers: readonly number[] = [];

    beforeAll(async () => {
      server = await servers[dialect]();
      const made = await server.createDatabase();
      name = made.name;
      line = await lineTo(server.port);
      instance = await freshInstance({ database: through(made.url, line) });
      serving = await serve(instance.directory);
      await until('readiness', 20, isReady);
      browser = new Browser(serving.port);
      await browser.signIn(instance.admin.username, instance.admin.password);
    });
    afterAll(async () => {
      await serving?.[Symbol.asyncDispose]();
      await line?.[Symbol.asyncDispose]();
      await instance?.remove();
      await server?.stop();
    });
    beforeEach(() => {
      workers = serving.workers();
      expect(workers).toHaveLength(1);
    });

    const isReady = async () => (await serving.readyz()).status === 200;

    /** Says that it is not ready, lives, and answers whoever asks for a page in time and without a page half made. */
    async function isAway(): Promise<void> {
      await until('unreadiness', 20, async () => !(await isReady()));
      expect((await serving.readyz()).body).toMatchObject({
        database: 'away',
        reasons: ['The database does not answer.'],
      });
      expect((await serving.ask('/healthz')).status).toBe(200);
      const begun = performance.now();
      expect((await browser.ask('/admin/domains/')).status).toBe(503);
      expect(performance.now() - begun).toBeLessThan(25_000);
    }

    /** The same process serves the same generation, takes part in the installation again, and has lost nothing. */
    async function isBack(domain: string): Promise<void> {
      await until('readiness', 30, isReady);
      expect(serving.workers()).toEqual(workers);
      expect((await browser.ask('/admin/domains/')).status).toBe(200);
      await instance.must(['domain', 'create', domain]);
      expect((await browser.ask('/admin/domains/')).body).toContain(domain);
      await until('its row', 10, async () => {
        const pids = await server.sql(name, `select pid from core_process where role = 'web'`);
        return pids.split('\n').includes(String(workers[0]));
      });
      expect(serving.logged('worker failed')).toEqual([]);
      expect(serving.logged('a worker ended; starting another')).toEqual([]);
    }

    it('goes on when its connections are ended', async () => {
      for (let i = 0; i < 5; i += 1) {
        await server.disconnect(name);
        await sleep(150);
      }
      await isBack('ended.test');
    });

    it('serves on while the server is stopped, and comes back', async () => {
      await server.down();
      await isAway();
      await server.up();
      await isBack('stopped.test');
    });

    it('serves on while the line is cut, and comes back', async () => {
      line.cut();
      await isAway();
      await line.mend();
      await isBack('cut.test');
    });

    it('serves on while nothing gets through, and comes back', { timeout: 180_000 }, async () => {
      line.freeze();
      await isAway();
      line.thaw();
      await isBack('frozen.test');
    });

    /** Switches without telling anybody; the process has to find out by itself. */
    async function isReplaced(): Promise<void> {
      await until('its replacement', 60, () => serving.workers().some((pid) => !workers.includes(pid)));
      await until('the end of the one before', 60, () => serving.workers().length === 1);
      await until('readiness', 30, isReady);
    }
    const raise = () =>
      server.sql(name, 'update core_revision set revision = revision + 1, assembly = assembly + 1 where id = 1');

    it('follows a switch that it has not seen', { timeout: 180_000 }, async () => {
      line.cut();
      await isAway();
      await raise();
      expect(serving.workers()).toEqual(workers);
      await line.mend();
      await isReplaced();
    });

    it('follows a switch although its connections are forgotten on the way', { timeout: 180_000 }, async () => {
      line.forget();
      await sleep(2_500); // What is asked each second has been asked.
      await raise();
      await isReplaced();
    });
  });

  describe.skipIf(!isAvailable(dialect))('a process that', () => {
    let rig: Rig;
    let line: Line;
    beforeAll(async () => {
      rig = await makeRig(dialect);
      line = await lineTo(Number(new URL(rig.url).port));
      await rig.database.execute('create table try_written (fence int not null)');
    });
    beforeEach(async () => {
      await rig.database.execute('delete from try_written');
    });
    afterAll(async () => {
      await line?.[Symbol.asyncDispose]();
      await rig?.[Symbol.asyncDispose]();
    });
    const written = async () =>
      (await rig.database.execute('select fence from try_written order by fence')).map((row) => Number(row['fence']));
    const open = () =>
      Database.create({ target: parseDatabaseUrl(through(rig.url, line), '/'), entities: [], additions: [] });

    const interruptions: readonly [string, () => void, () => Promise<void> | void][] = [
      ['is cut off', () => line.cut(), () => line.mend()],
      ['hears nothing', () => line.freeze(), () => line.thaw()],
    ];

    it.each(interruptions)('holds a lock and %s loses it, and cannot write under it', async (_, interrupt, end) => {
      const child = fork(CHILD, [through(rig.url, line), String(LEASE_MS)], { execArgv: [] });
      const exited = once(child, 'exit');
      const [{ fence }] = (await once(child, 'message')) as [{ fence: number }];
      interrupt();
      const heir = await new Locks(rig.database, silent).hold('try', async (lock) => {
        await rig.database.write(async () => {
          await lock.confirm(rig.database);
          await rig.database.execute('insert into try_written (fence) values (?)', [lock.fence]);
        });
        return lock.fence;
      });
      expect(heir).toBe(fence + 1);
      await end();
      const answered = once(child, 'message');
      child.send('write');
      expect((await answered)[0]).toEqual({ code: 'E_LOCK_LOST' });
      await exited;
      expect(await written()).toEqual([heir]);
    });

    it.each(interruptions)('writes and %s has written nothing', { timeout: 60_000 }, async (_, interrupt, end) => {
      const database = await open();
      try {
        const writing = database.write(async () => {
          await database.execute('insert into try_written (fence) values (1)');
          interrupt();
          await Promise.race([
            database.execute('insert into try_written (fence) values (2)'),
            // Whoever waits gives up himself: the line may be silent for hours.
            sleep(3_000).then(() => {
              throw new Error('given up');
            }),
          ]);
        });
        writing.catch(() => {});
        await sleep(500);
        expect(await written()).toEqual([]);
        await sleep(3_000);
        await end();
        await expect(writing).rejects.toThrow();
        expect(await written()).toEqual([]);
        await until('the next to be written', 15, async () => {
          await database.write(() => database.execute('insert into try_written (fence) values (3)')).catch(() => {});
          return (await written()).length > 0;
        });
      } finally {
        await database.close();
      }
    });

    it.each(interruptions)('runs jobs and %s loses none of them', { timeout: 120_000 }, async (_, interrupt, end) => {
      await rig.clear();
      const count = 300;
      await enqueueMany(rig, 'a', count);
      const far = await open();
      const ran: number[] = [];
      const jobs = jobsOf({
        id: 'a',
        run: async (payload) => {
          await sleep(5);
          ran.push((payload as { i: number }).i);
        },
      });
      const driver = new SqlJobDriver(far);
      const { runner } = makeRunner(rig.database, jobs, { driver, leaseMs: 1_500 });
      try {
        runner.start();
        for (let i = 1; i <= 3; i += 1) {
          await until('some to have run', 30, () => ran.length >= (i * count) / 5);
          interrupt();
          await sleep(2_000);
          await end();
        }
        await until('all to be done', 60, async () => (await states(rig)).done === count);
      } finally {
        await runner.stop();
        await far.close();
      }
      expect(new Set(ran).size).toBe(count);
    });
  });
});
