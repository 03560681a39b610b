import type { Contributed, Job, Log } from '@posthorn/sdk';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JobDriver, NewJob } from './driver.js';
import { JobSchedule, nextTime } from './schedule.js';

const at = (text: string): Date => new Date(`${text}Z`);

describe('cron expressions', () => {
  test('are in UTC, whatever the clock change', () => {
    expect(nextTime('30 1 * * *', at('2026-03-28T23:00'))).toEqual(at('2026-03-29T01:30'));
    expect(nextTime('*/5 * * * *', at('2026-10-25T00:59:59.999'))).toEqual(at('2026-10-25T01:00'));
    expect(nextTime('0 0 1 1 *', at('2026-01-01T00:00'))).toEqual(at('2027-01-01T00:00'));
  });

  test('that never come true have no next time', () =>
    expect(nextTime('0 0 30 2 *', at('2026-01-01T00:00'))).toBeNull());

  test.each(['* * * * * *', 'x', '61 * * * *', ''])('refuses %j', (cron) =>
    expect(() => nextTime(cron, new Date())).toThrow());
});

describe('schedule', () => {
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const job = (id: string, cron?: string): Contributed<Job> => ({
    from: 'x',
    item: {
      id,
      title: id,
      queue: 'default',
      timeoutMs: 1,
      retries: 0,
      run: async () => {},
      ...(cron === undefined ? {} : { cron }),
    },
  });
  let made: NewJob[] = [];
  let isPending = false;
  let failures = 0;
  const driver = {
    isPending: async () => isPending,
    async enqueue(given: NewJob) {
      if (failures > 0) {
        failures -= 1;
        throw new Error('away');
      }
      made.push(given);
      return made.length;
    },
  } as unknown as JobDriver;

  beforeEach(() => {
    made = [];
    isPending = false;
    failures = 0;
    vi.useFakeTimers({ now: at('2026-05-01T12:00:30') });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const times = (): string[] => made.map((one) => (one.runAt as Date).toISOString().slice(11, 16));

  test('enqueues each time under a key of its own', async () => {
    let woken = 0;
    const schedule = new JobSchedule({
      driver,
      jobs: [job('a', '*/2 * * * *'), job('b')],
      log,
      wake: () => (woken += 1),
    });
    schedule.start();
    schedule.start();
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(times()).toEqual(['12:02', '12:04']);
    expect(made[0]).toEqual({
      extension: 'x',
      name: 'a',
      queue: 'default',
      payload: 'null',
      priority: 0,
      runAt: at('2026-05-01T12:02'),
      onceKey: `cron:a:${at('2026-05-01T12:02').getTime()}`,
    });
    expect(woken).toBe(2);
    await schedule.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(made).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leaves a time out while the last one waits', async () => {
    const schedule = new JobSchedule({ driver, jobs: [job('a', '* * * * *')], log });
    isPending = true;
    schedule.start();
    await vi.advanceTimersByTimeAsync(60_000);
    isPending = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(times()).toEqual(['12:02']);
    await schedule.stop();
  });

  test('tries a time again while the database is away, until the next one comes', async () => {
    const schedule = new JobSchedule({ driver, jobs: [job('a', '* * * * *')], log });
    failures = 2;
    schedule.start();
    await vi.advanceTimersByTimeAsync(45_000);
    expect(times()).toEqual(['12:01']);
    failures = 13;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(times()).toEqual(['12:01', '12:03']);
    await schedule.stop();
  });

  test('does not make up for the time it slept', async () => {
    const schedule = new JobSchedule({ driver, jobs: [job('a', '* * * * *')], log });
    schedule.start();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.setSystemTime(at('2026-05-01T18:00:10'));
    await vi.advanceTimersByTimeAsync(60_000);
    // the one it was waiting for, then only what is to come
    expect(times()).toEqual(['12:01', '18:01']);
    await schedule.stop();
  });

  test('waits for a far time in steps', async () => {
    const schedule = new JobSchedule({ driver, jobs: [job('a', '0 0 1 1 *')], log });
    schedule.start();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(made).toEqual([]);
    vi.setSystemTime(at('2026-12-31T23:59:59'));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(made[0]?.runAt).toEqual(at('2027-01-01T00:00'));
    await schedule.stop();
  });

  test('leaves out a job whose expression cannot be read, and says so', async () => {
    const said: object[] = [];
    const telling: Log = { ...log, error: (fields) => void said.push(fields) };
    const schedule = new JobSchedule({ driver, jobs: [job('a', 'never'), job('b', '* * * * *')], log: telling });
    expect(said).toMatchObject([{ job: 'x.a' }]);
    schedule.start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(made).toMatchObject([{ name: 'b' }]);
    await schedule.stop();
  });
});
