import { setTimeout as sleep } from 'node:timers/promises';
import { hook } from '@posthorn/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Migrations } from '../../core/src/data/migrate.js';
import { parseDatabaseUrl } from '../../core/src/data/url.js';
import { kernelMigrations } from '../../core/src/schema/migrations.js';
import { dialects, isAvailable, makeRig, type Rig } from '../jobs/rig.js';
import { until } from '../kit/src/servers/index.js';
import { endLeases, type Member, openMember, stored } from './outbox-rig.js';

const happened = hook.signal<{ readonly n: number }>('demo.happened@1');
const changed = hook.signal<{ readonly id: number; readonly n: number }>('demo.changed@1', {
  subject: ({ id }) => `demo/${id}`,
});
const secret = hook.signal<{ readonly password: string }>('demo.secret@1', { isSecret: true });

for (const dialect of dialects) {
  describe.skipIf(!isAvailable(dialect))(`the outbox on ${dialect}`, () => {
    let rig: Rig;
    let one: Member;
    let two: Member;
    let told: string[];
    const raise = (member: Member, ref: { readonly id: string }, event: object) =>
      member.outbox.raise(ref as never, 'demo', event);
    /** Raises in a process that dies after the commit, before any listener. */
    const leave = async (work: (member: Member) => Promise<void>) => {
      const dead = await openMember(rig);
      for (const id of [happened.id, changed.id, secret.id]) dead.listeners.set(id, () => new Promise(() => {}));
      const before = (await stored(rig)).length;
      void dead.database.write(() => work(dead));
      await until('the events to be stored', 5, async () => (await stored(rig)).length > before);
      await endLeases(rig);
      // its leases are nobody's business any more
      clearLeases.push(dead);
    };
    const clearLeases: Member[] = [];

    beforeAll(async () => {
      rig = await makeRig(dialect);
    });
    afterAll(() => rig?.[Symbol.asyncDispose]());
    beforeEach(async () => {
      await rig.database.execute('delete from core_outbox');
      told = [];
      [one, two] = await Promise.all([openMember(rig), openMember(rig)]);
      for (const [name, member] of Object.entries({ one, two })) {
        member.listeners.set(happened.id, ({ n }: { n: number }) => void told.push(`${name} ${n}`));
        member.listeners.set(changed.id, ({ n }: { n: number }) => void told.push(`${name} ${n}`));
      }
    });
    afterEach(async () => {
      await Promise.all([one.stop(), two.stop()]);
      for (const dead of clearLeases.splice(0)) await dead.database.close();
    });

    it('stores events in their transaction in one statement, delivers after it and forgets', async () => {
      const seen: unknown[] = [];
      one.listeners.set(happened.id, async ({ n }: { n: number }, delivery) => {
        seen.push([n, delivery.attempt, delivery.id.length, (await stored(rig)).length]);
      });
      await one.database.write(async () => {
        for (const n of [1, 2, 3]) await raise(one, happened, { n });
        expect(seen).toEqual([]);
      });
      expect(seen).toEqual([1, 2, 3].map((n) => [n, 1, 36, 3]));
      await until('the events to be forgotten', 5, async () => (await stored(rig)).length === 0);
    });

    it('leaves no row of what is rolled back, and delivers none of it', async () => {
      await expect(
        one.database.write(async () => {
          await raise(one, changed, { id: 1, n: 1 });
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      // an inner failure that somebody caught
      await expect(
        one.database.write(async () => {
          await raise(one, changed, { id: 1, n: 2 });
          await one.database
            .write(async () => {
              throw new Error('inner');
            })
            .catch(() => undefined);
        }),
      ).rejects.toThrow('inner');
      expect(await stored(rig)).toEqual([]);
      await raise(one, changed, { id: 1, n: 3 });
      expect(told).toEqual(['one 3']);
    });

    it('gives listeners what a redelivery would: data of its own', async () => {
      const event = { n: 1, inner: { list: [1] }, gone: undefined };
      let got: unknown;
      one.listeners.set(happened.id, (e: unknown) => {
        got = e;
      });
      await one.database.write(async () => {
        await raise(one, happened, event);
        event.n = 2;
      });
      expect(got).toStrictEqual({ n: 1, inner: { list: [1] } });
    });

    it('refuses what JSON would change, even where nobody listens, and rolls back', async () => {
      two.listeners.clear();
      await expect(raise(two, happened, { n: 1, at: new Date() })).rejects.toThrow(
        'demo.happened@1: event.at is an instance of Date',
      );
      await expect(raise(one, happened, { n: 'x'.repeat(70_000) })).rejects.toThrow(/more than 65536 bytes/);
      const long = hook.signal<object>('demo.long@1', { subject: () => 'x'.repeat(191) });
      one.listeners.set(long.id, () => {});
      await expect(raise(one, long, {})).rejects.toThrow('demo.long@1: a subject is text of 1 to 190 characters');
      expect(await stored(rig)).toEqual([]);
    });

    it('stores nothing of a signal that nobody listens to', async () => {
      one.listeners.clear();
      const seen: string[] = [];
      await one.database.write(async () => {
        await raise(one, happened, { n: 1 });
        seen.push(String((await stored(rig)).length));
      });
      expect(seen).toEqual(['0']);
    });

    it('delivers anew what a dead process left behind, in any process, once', async () => {
      await leave(async (dead) => {
        for (let n = 0; n < 20; n += 1) await raise(dead, happened, { n });
      });
      const attempts: number[] = [];
      two.listeners.set(happened.id, ({ n }: { n: number }, { attempt }) => {
        told.push(`two ${n}`);
        attempts.push(attempt);
      });
      const counts = await Promise.all([one.outbox.sweep(), two.outbox.sweep()]);
      expect(counts[0] + counts[1]).toBe(20);
      expect(told.map((line) => Number(line.split(' ')[1]))).toEqual([...Array(20).keys()]);
      expect(new Set(attempts).difference(new Set([2]))).toEqual(new Set());
      expect(await stored(rig)).toEqual([]);
      expect(await one.outbox.sweep()).toBe(0);
    });

    it('takes nothing over from a process that lives, however long its listeners take', async () => {
      await one.stop();
      one = await openMember(rig, { leaseMs: 400 });
      one.listeners.set(happened.id, async ({ n }: { n: number }) => {
        await sleep(1_200);
        told.push(`one ${n}`);
      });
      const writing = raise(one, happened, { n: 1 });
      await sleep(700);
      expect(await two.outbox.sweep()).toBe(0);
      await writing;
      expect(told).toEqual(['one 1']);
    });

    it('drops what nobody listens to any more', async () => {
      await leave((dead) => raise(dead, happened, { n: 1 }));
      one.listeners.clear();
      expect(await one.outbox.sweep()).toBe(1);
      expect(await stored(rig)).toEqual([]);
    });

    it('keeps the order of a subject when another process delivers the event before', async () => {
      const gate = Promise.withResolvers<void>();
      one.listeners.set(changed.id, async ({ n }: { n: number }) => {
        await gate.promise;
        told.push(`one ${n}`);
      });
      const first = raise(one, changed, { id: 7, n: 1 });
      await until('the first event to be stored', 5, async () => (await stored(rig)).length === 1);
      // does not wait for the other process
      await raise(two, changed, { id: 7, n: 2 });
      await raise(two, changed, { id: 7, n: 3 });
      await raise(two, changed, { id: 8, n: 4 });
      expect(told).toEqual(['two 4']);
      gate.resolve();
      await first;
      await until('the events behind it', 5, async () => told.length === 4);
      expect(told).toEqual(['two 4', 'one 1', 'two 2', 'two 3']);
    });

    it('delivers the event of a dead process before a later one of its subject', async () => {
      await leave((dead) => raise(dead, changed, { id: 7, n: 1 }));
      await raise(one, changed, { id: 7, n: 2 });
      await until('both events', 5, async () => told.length === 2);
      expect(told).toEqual(['one 1', 'one 2']);
    });

    it('keeps the order of a subject however many raise and take over at once', async () => {
      await rig.database.execute('update core_revision set revision = 0');
      const heard: number[] = [];
      for (const member of [one, two])
        member.listeners.set(changed.id, async ({ n }: { n: number }) => {
          await sleep(Math.random() * 3);
          heard.push(n);
        });
      const raising = [one, two, one, two].map(async (member) => {
        for (let i = 0; i < 15; i += 1) {
          await member.database.write(async () => {
            await member.database.execute('update core_revision set revision = revision + 1');
            const [row] = await member.database.execute('select revision from core_revision');
            await raise(member, changed, { id: 7, n: Number(row?.revision) });
          });
        }
      });
      await Promise.all(raising);
      await until('all events', 20, async () => heard.length >= 60);
      expect(heard).toEqual([...Array(60).keys()].map((n) => n + 1));
      expect([...one.said, ...two.said]).toEqual([]);
    });

    it('lets a listener write about the subject that it hears of', async () => {
      one.listeners.set(changed.id, async ({ n }: { n: number }) => {
        told.push(`begin ${n}`);
        if (n < 3) await raise(one, changed, { id: 7, n: n + 1 });
        told.push(`end ${n}`);
      });
      await raise(one, changed, { id: 7, n: 1 });
      expect(told).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
    });

    it('sets an event aside that kills whoever delivers it, and none of those around it', async () => {
      await leave(async (dead) => {
        for (const n of [1, 2, 3]) await raise(dead, changed, { id: n, n });
      });
      const deaths: number[] = [];
      /** Dies in the second event: that one never ends, and nothing is acknowledged any more. */
      const life = async () => {
        const member = await openMember(rig);
        member.listeners.set(changed.id, ({ n }: { n: number }, { attempt }) => {
          told.push(String(n));
          if (n !== 2) return undefined;
          deaths.push(attempt);
          return new Promise(() => {});
        });
        const before = deaths.length;
        void member.outbox.sweep();
        await until(
          'its death',
          5,
          async () => deaths.length > before || (await stored(rig)).every((e) => e.state === 'failed'),
        );
        await endLeases(rig);
        clearLeases.push(member);
        return member;
      };
      for (let i = 0; i < 4; i += 1) await life();
      expect(deaths).toEqual([2, 3, 4, 5]);
      const last = await life();
      expect(last.said).toEqual(['an event was set aside: it ends whoever delivers it']);
      await until('the rest', 5, async () => (await stored(rig)).length === 1);
      expect(new Set(told)).toEqual(new Set(['1', '2', '3']));
      expect(await stored(rig)).toMatchObject([{ state: 'failed', subject: 'demo/2' }]);
      const [shown] = await one.outbox.table.list({ failed: true, limit: 10 });
      expect(shown).toMatchObject({
        signal: changed.id,
        state: 'failed',
        error: 'its delivery ended the process 5 times',
      });
      expect(JSON.stringify(shown)).not.toContain('"n"');

      // later events of its subject go on without it, and it may be tried again
      told.length = 0;
      await raise(one, changed, { id: 2, n: 4 });
      expect(told).toEqual(['one 4']);
      expect(await one.outbox.table.retry(shown?.id ?? 0)).toBe(true);
      expect(await one.outbox.table.retry(shown?.id ?? 0)).toBe(false);
      await one.outbox.sweep();
      expect(told).toEqual(['one 4', 'one 2']);
    });

    it('keeps a secret event unreadable where it is stored, and opens it in another process', async () => {
      const event = { password: 'Toto1234-secret' };
      await leave((dead) => raise(dead, secret, event));
      const [row] = await rig.database.execute('select * from core_outbox');
      expect(JSON.stringify(row)).not.toContain('Toto1234');
      expect(JSON.stringify(row)).not.toContain('password');
      expect(JSON.stringify(row)).not.toContain(Buffer.from(event.password).toString('base64').slice(0, 12));
      let got: unknown;
      two.listeners.set(secret.id, (e: unknown) => {
        got = e;
      });
      await two.outbox.sweep();
      expect(got).toEqual(event);
    });

    it('sets a secret event aside whose key is gone', async () => {
      await leave((dead) => raise(dead, secret, { password: 'x' }));
      await rig.database.execute(`update core_outbox set payload = 'v1.gone.AAAA'`);
      two.listeners.set(secret.id, () => {});
      await two.outbox.sweep();
      expect(await two.outbox.table.list({ failed: true, limit: 10 })).toMatchObject([
        { error: 'the key gone is not in the key file' },
      ]);
      const [{ id = 0 } = {}] = await two.outbox.table.list({ failed: true, limit: 10 });
      expect(await two.outbox.table.discard(id)).toBe(true);
      expect(await stored(rig)).toEqual([]);
    });

    it('delivers and forgets its own before it ends', async () => {
      const three = await openMember(rig);
      three.listeners.set(happened.id, async ({ n }: { n: number }) => {
        await sleep(100);
        told.push(`three ${n}`);
      });
      const writing = raise(three, happened, { n: 1 });
      await until('the event to be stored', 5, async () => (await stored(rig)).length === 1);
      await three.stop();
      await writing;
      expect(told).toEqual(['three 1']);
      expect(await stored(rig)).toEqual([]);
    });

    it('makes its table, takes it back and makes it again', async () => {
      const migrations = new Migrations(parseDatabaseUrl(rig.url, rig.directory), kernelMigrations);
      const shape = async () => Object.keys((await rig.database.execute('select * from core_outbox'))[0] ?? {}).sort();
      await leave((dead) => raise(dead, happened, { n: 1 }));
      const before = await shape();
      // What builds on it goes and comes with it.
      const names = kernelMigrations.map(({ name }) => name);
      const steps = names.slice(names.indexOf('core/0005-outbox'));
      expect(await migrations.down(steps)).toEqual(steps.toReversed());
      await expect(stored(rig)).rejects.toThrow();
      expect(await migrations.up()).toEqual(steps);
      await leave((dead) => raise(dead, happened, { n: 1 }));
      expect(await shape()).toEqual(before);
      expect(before).toContain('leased_until');
    });
  });
}
