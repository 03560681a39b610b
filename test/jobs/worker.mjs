// A worker process for the tests: runs the built kernel's job runner until its parent says `stop`, or kills it.
// Arguments: one JSON object { url, log, leaseMs, schedule }.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../core/dist/data/database.js';
import { parseDatabaseUrl } from '../../core/dist/data/url.js';
import { JobRunner } from '../../core/dist/jobs/job-runner.js';
import { makeJobDriver } from '../../core/dist/jobs/make-driver.js';
import { JobSchedule } from '../../core/dist/jobs/schedule.js';

const o = JSON.parse(process.argv[2]);
const database = await Database.create({ target: parseDatabaseUrl(o.url, '/'), entities: [], additions: [] });
const say = (level) => (fields, message) =>
  process.stderr.write(`${process.pid} ${level} ${message} ${JSON.stringify(fields)}\n`);
const log = { debug: () => {}, info: say('info'), warn: say('warn'), error: say('error') };
const driver = await makeJobDriver(database, o.redis, log);
const context = { extension: 'test', data: database, log, now: () => new Date(), call: async () => {} };
// one line per run, appended at once: no two processes write into each other
const note = (text) => appendFileSync(o.log, `${text}\n`);

const base = { queue: 'default', timeoutMs: 60_000, retries: 3 };
const jobs = [
  {
    ...base,
    id: 'count',
    title: 'count',
    async run(payload) {
      note(`${payload.i} ${process.pid}`);
      // long enough for the other process to get its share
      await sleep(2);
    },
  },
  {
    ...base,
    id: 'brief',
    title: 'brief',
    async run(payload) {
      note(payload.i);
      await sleep(2);
    },
  },
  {
    ...base,
    id: 'slow',
    title: 'slow',
    async run(payload, { attempt }) {
      note(`${payload.i} ${attempt}`);
      if (attempt === 1) await sleep(60_000);
    },
  },
  {
    ...base,
    id: 'alone',
    title: 'alone',
    exclusive: 'cluster',
    async run(payload, { attempt }) {
      note(`begin ${payload.i} ${process.pid}`);
      if (payload.isHeld === true && attempt === 1) await sleep(60_000);
      await sleep(20);
      note(`end ${payload.i} ${process.pid}`);
    },
  },
  { ...base, id: 'tick', title: 'tick', cron: '* * * * *', run: async () => note('tick') },
].map((item) => ({ from: 'test', item }));

const runner = new JobRunner({
  driver,
  jobs,
  contexts: () => context,
  queues: ['default'],
  log,
  report: () => {},
  ...(o.leaseMs === undefined ? {} : { leaseMs: o.leaseMs }),
});
// every 300 ms instead of every minute
const next = (_cron, after) => new Date((Math.floor(after.getTime() / o.schedule) + 1) * o.schedule);
const schedule =
  o.schedule === undefined ? undefined : new JobSchedule({ driver, jobs, log, next, wake: () => runner.wake() });
runner.start();
schedule?.start();
process.send('ready');
process.once('message', async () => {
  await schedule?.stop();
  await runner.stop({ graceMs: 5_000 });
  await driver.close?.();
  await database.close();
  process.disconnect();
});
