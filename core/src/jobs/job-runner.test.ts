import { setTimeout as sleep } from 'node:timers/promises';
import type { ExtensionContext, Job, Log } from '@posthorn/sdk';
import { describe, expect, test } from 'vitest';
import type { ClaimedJob, JobDriver } from './driver.js';
import { JobRunner, type JobRunnerOptions } from './job-runner.js';

/** An engine that can be away; the jobs themselves are tested on databases in `test/jobs`. */
class FakeDriver {
  waiting: ClaimedJob[] = [];
  readonly calls: string[] = [];
  failures = 0;
  isHeld = true;

  add(name: string): void {
    const id = this.calls.length + this.waiting.length + 1;
    this.waiting.push({ id, worker: 'w', attempt: 1, extension: 'x', name, queue: 'default', payload: '1' });
  }
  #call<T>(name: string, value: T): Promise<T> {
    if (this.failures > 0) {
      this.failures -= 1;
      return Promise.reject(new Error('away'));
    }
    this.calls.push(name);
    return Promise.resolve(value);
  }
  claim = ({ limit }: { limit: number }) =>
    this.failures > 0 ? this.#call('claim', []) : Promise.resolve(this.waiting.splice(0, limit));
  extend = (leases: readonly ClaimedJob[]) =>
    this.#call('extend', new Set(this.isHeld ? leases.map((lease) => lease.id) : []));
  progress = () => this.#call('progress', true);
  complete = () => this.#call('complete', true);
  fail = (_lease: ClaimedJob, o: { error: string; retryInMs: number | null }) =>
    this.#call(`fail ${o.error} ${o.retryInMs === null ? 'for good' : 'again'}`, true);
  release = () => this.#call('release', true);
}

const until = async (what: () => boolean): Promise<void> => {
  for (let i = 0; !what(); i += 1) {
    if (i > 1_000) throw new Error('waited in vain');
    await sleep(5);
  }
};

function make(run: Job['run'], o: Partial<JobRunnerOptions> = {}) {
  const driver = new FakeDriver();
  const said: string[] = [];
  const say = (_fields: object, message: string): void => void said.push(message);
  const log: Log = { debug: say, info: say, warn: say, error: say };
  const runner = new JobRunner({
    driver: driver as unknown as JobDriver,
    jobs: [{ from: 'x', item: { id: 'a', title: 'a', queue: 'default', timeoutMs: 60_000, retries: 1, run } }],
    contexts: () => ({ call: async () => {} }) as unknown as ExtensionContext,
    queues: ['default'],
    log,
    starter: async () => null,
    report: () => {},
    pollMs: { min: 5, max: 20 },
    ...o,
  });
  return { driver, said, runner };
}

describe('runner', () => {
  test('writes the end of a job once the database is back', async () => {
    const { driver, runner, said } = make(async () => {
      driver.failures = 3;
    });
    driver.add('a');
    runner.start();
    await until(() => driver.calls.includes('complete'));
    await runner.stop();
    expect(driver.calls).toEqual(['complete']);
    expect(said).not.toContain('how the job ended could not be written; it will run again');
  });

  test('says once that it cannot claim, and once that it can again', async () => {
    const { driver, runner, said } = make(async () => {});
    driver.failures = 5;
    runner.start();
    await until(() => driver.failures === 0);
    driver.add('a');
    await until(() => driver.calls.includes('complete'));
    await runner.stop();
    expect(said).toEqual(['no jobs can be claimed', 'jobs can be claimed again']);
  });

  test('lets go of a job whose lease could not be renewed in time', async () => {
    let reason: unknown;
    const { driver, runner } = make(
      async (_payload, { signal }) => {
        driver.failures = 1_000;
        await sleep(60_000, undefined, { signal }).catch(() => {
          reason = signal.reason;
        });
      },
      { leaseMs: 60 },
    );
    driver.add('a');
    runner.start();
    await until(() => runner.busy === 1);
    await until(() => runner.busy === 0);
    driver.failures = 0;
    await runner.stop();
    expect(String(reason)).toContain('given to another worker');
    expect(driver.calls).toEqual([]);
  });

  test('writes nothing for a job that was taken away', async () => {
    const { driver, runner } = make((_payload, { signal }) => sleep(60_000, undefined, { signal }), { leaseMs: 60 });
    driver.isHeld = false;
    driver.add('a');
    runner.start();
    await until(() => runner.busy === 1);
    await until(() => runner.busy === 0);
    await runner.stop();
    expect(new Set(driver.calls)).toEqual(new Set(['extend']));
  });

  test('a job that returns early because it was aborted is not done', async () => {
    const { driver, runner } = make(async (_payload, { signal }) => {
      await sleep(60_000, undefined, { signal }).catch(() => {});
    });
    driver.add('a');
    runner.start();
    await until(() => runner.busy === 1);
    await runner.stop({ graceMs: 0 });
    expect(driver.calls).toEqual(['release']);
  });

  test('a payload that cannot be read is a failure like any other', async () => {
    const { driver, runner } = make(async () => {});
    driver.waiting.push({ id: 1, worker: 'w', attempt: 2, extension: 'x', name: 'a', queue: 'default', payload: '{' });
    runner.start();
    await until(() => driver.calls.length > 0);
    await runner.stop();
    expect(driver.calls[0]).toMatch(/^fail .*JSON.* for good$/);
  });

  test('never runs more at once than it may', async () => {
    let now = 0;
    let most = 0;
    const { driver, runner } = make(
      async () => {
        now += 1;
        most = Math.max(most, now);
        await sleep(3);
        now -= 1;
      },
      { concurrency: 3 },
    );
    for (let i = 0; i < 30; i += 1) driver.add('a');
    expect(await runner.drain()).toHaveLength(30);
    expect(most).toBe(3);
    expect(() => runner.start()).toThrow('starts once');
  });

  test('is woken at once and ends at once', async () => {
    const { driver, runner } = make(async () => {}, { pollMs: { min: 60_000, max: 60_000 } });
    runner.start();
    await sleep(20);
    driver.add('a');
    runner.wake();
    await until(() => driver.calls.includes('complete'));
    await runner.stop();
  });
});
