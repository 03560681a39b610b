import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dialects, emptyLog, isAvailable, lines, makeRig, type Rig } from '../jobs/rig.js';
import { until } from '../kit/src/servers/index.js';
import { openMember } from './outbox-rig.js';

const CHILD = fileURLToPath(new URL('./outbox-child.mjs', import.meta.url));
const LEASE_MS = 600;
const THINGS = 12;
/** Processes at a time: they wait for each other's events, and take over what another has left behind. */
const LANES = 4;
const IS_LONG = process.env['POSTHORN_TEST_LONG'] === '1';
const KILLS = { sqlite: 100, postgresql: IS_LONG ? 100 : 5, mariadb: IS_LONG ? 100 : 5 };

/** A process that works until it kills itself between a commit and the end of a delivery. */
async function live(rig: Rig, log: string, i: number): Promise<void> {
  const o = {
    url: rig.url,
    directory: rig.directory,
    log,
    leaseMs: LEASE_MS,
    things: THINGS,
    deliveries: 1 + (i % 9),
    isNoted: i % 2 === 0,
  };
  const child = fork(CHILD, [JSON.stringify(o)], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], execArgv: [] });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [, signal] = await once(child, 'exit');
  expect([signal, errors]).toEqual(['SIGKILL', '']);
}

describe('events of processes that are killed', () => {
  for (const dialect of dialects) {
    const kills = KILLS[dialect];
    it.skipIf(!isAvailable(dialect))(
      `are delivered at least once and in order, ${kills} kills on ${dialect}`,
      async () => {
        await using rig = await makeRig(dialect);
        await rig.database.execute('create table try_thing (id int primary key, number int not null)');
        await rig.database.execute('create table try_told (tag varchar(36) primary key, thing int, number int)');
        for (let id = 0; id < THINGS; id += 1) await rig.database.execute('insert into try_thing values (?, 0)', [id]);
        const log = emptyLog(rig, 'told.log');
        let next = 0;
        const lane = async (): Promise<void> => {
          while (next < kills) await live(rig, log, next++);
        };
        await Promise.all(Array.from({ length: LANES }, lane));

        const last = await openMember(rig, { leaseMs: LEASE_MS });
        const told = lines(log).map((line) => line.split(' '));
        last.listeners.set(
          'try.changed@1',
          ({ subject, number, tag }: { subject: number; number: number; tag: string }) => {
            told.push([String(subject), String(number), tag]);
          },
        );
        await until('what was left behind', 60, async () => {
          await last.outbox.sweep();
          const [row] = await rig.database.execute('select count(*) as n from core_outbox');
          return Number(row?.n) === 0;
        });
        await last.stop();

        const committed = await rig.database.execute('select tag, thing, number from try_told');
        const tags = new Set(committed.map(({ tag }) => String(tag)));
        expect(committed.length).toBeGreaterThan(kills);
        expect(new Set(told.map(([, , tag]) => tag))).toEqual(tags);
        // The first time that each event is heard, every earlier one of its subject has been.
        for (const [subject, events] of Map.groupBy(told, ([about]) => about)) {
          const first = [...new Set(events.map(([, number]) => Number(number)))];
          expect([subject, first]).toEqual([subject, [...first.keys()].map((n) => n + 1)]);
        }
      },
      IS_LONG ? 1_200_000 : 300_000,
    );
  }
});
