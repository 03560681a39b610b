import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Locks } from '../../core/src/cluster/locks.js';
import { dialects, isAvailable, makeRig, type Rig, silent } from '../jobs/rig.js';
import { sleep } from '../kit/src/servers/index.js';

const CHILD = fileURLToPath(new URL('./lock-child.mjs', import.meta.url));
const LEASE_MS = 1_200;

describe.each(dialects)('locks on %s', (dialect) => {
  describe.skipIf(!isAvailable(dialect))('database', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await makeRig(dialect);
      await rig.database.execute('create table try_written (fence int not null)');
    });
    beforeEach(async () => {
      await rig.database.execute('delete from try_written');
    });
    afterAll(async () => {
      await rig?.[Symbol.asyncDispose]();
    });
    const written = async () =>
      (await rig.database.execute('select fence from try_written order by fence')).map((row) => Number(row['fence']));

    /** A process that holds the lock. */
    const holder = async () => {
      const child = fork(CHILD, [rig.url, String(LEASE_MS)], { execArgv: [] });
      const exited = once(child, 'exit');
      const [{ fence }] = (await once(child, 'message')) as [{ fence: number }];
      return { child, fence, exited };
    };

    it('one at a time, each with a larger number', async () => {
      const others = [await rig.open(), await rig.open()];
      try {
        const all = [rig.database, ...others].map((database) => new Locks(database, silent));
        let inside = 0;
        const fences: number[] = [];
        await Promise.all(
          Array.from({ length: 12 }, (_, i) =>
            (all[i % 3] as Locks).hold('many', async ({ fence }) => {
              inside += 1;
              expect(inside).toBe(1);
              await sleep(5);
              inside -= 1;
              fences.push(fence);
            }),
          ),
        );
        expect(fences).toEqual([...fences].sort((a, b) => a - b));
        expect(new Set(fences).size).toBe(12);
      } finally {
        for (const other of others) await other.close();
      }
    });

    it('is renewed while its work goes on, and given back when that fails', async () => {
      const locks = new Locks(rig.database, silent);
      const failing = locks.hold(
        'long',
        async () => {
          await sleep(900);
          throw new Error('no');
        },
        { leaseMs: 300 },
      );
      failing.catch(() => {});
      await sleep(600);
      await expect(locks.hold('long', async () => 1, { waitMs: 0 })).rejects.toMatchObject({ code: 'E_LOCK_HELD' });
      await expect(failing).rejects.toThrow('no');
      expect(await locks.hold('long', async () => 1, { waitMs: 0 })).toBe(1);
    });

    it('of a process that is killed is taken over after its lease', async () => {
      const { child, fence, exited } = await holder();
      child.kill('SIGKILL');
      await exited;
      const locks = new Locks(rig.database, silent);
      await expect(locks.hold('try', async () => 1, { waitMs: 0 })).rejects.toMatchObject({ code: 'E_LOCK_HELD' });
      expect(await locks.hold('try', async (lock) => lock.fence)).toBe(fence + 1);
    });

    it('a holder that was stopped for longer than its lease cannot write', async () => {
      const { child, fence, exited } = await holder();
      child.kill('SIGSTOP');
      await new Locks(rig.database, silent).hold('try', (lock) =>
        rig.database.write(async () => {
          await lock.confirm(rig.database);
          await rig.database.execute('insert into try_written (fence) values (?)', [lock.fence]);
        }),
      );
      const answered = once(child, 'message');
      child.send('write');
      child.kill('SIGCONT');
      expect((await answered)[0]).toEqual({ code: 'E_LOCK_LOST' });
      await exited;
      expect(await written()).toEqual([fence + 1]);
    });

    it('one that holds it still writes', async () => {
      const { child, fence, exited } = await holder();
      await sleep(LEASE_MS * 1.5);
      const answered = once(child, 'message');
      child.send('write');
      expect((await answered)[0]).toEqual({ done: true });
      await exited;
      expect(await written()).toEqual([fence]);
    });
  });
});
