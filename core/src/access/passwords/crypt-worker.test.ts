import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { CryptWorker, type CryptWorkerOptions } from './crypt-worker.js';

const setting = '$6$rounds=1000$0123456789abcdef';
const hashOfPass = '$1$saltsalt$hZR.9zfJXcVTsa9iTxnQR1';
const opened: CryptWorker[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((worker) => worker.close()));
});

test('starts no thread before the first request, then one for all', async () => {
  let started = 0;
  const start = (): Worker => {
    started += 1;
    return startThread();
  };
  const worker = open({ start });
  expect(worker.thread).toBeUndefined();
  const hashes = await Promise.all(['a', 'b', 'c'].map((password) => worker.crypt(password, setting)));
  expect(new Set(hashes).size).toBe(3);
  expect(await worker.crypt('b', setting)).toBe(hashes[1]);
  expect(started).toBe(1);
});

test('answers a request it cannot compute with an error and goes on', async () => {
  const worker = open();
  await expect(worker.crypt('pass', '$9$salt')).rejects.toThrow('no crypt(3) method 9');
  await expect(worker.crypt('pass', '$2y$04$short')).rejects.toThrow('crypt(3) failed');
  expect(await worker.crypt('pass', '$1$saltsalt')).toBe(hashOfPass);
});

test('a thread that dies is replaced and the request computed by the next one', async () => {
  const worker = open();
  const slow = worker.crypt('pass', '$6$rounds=200000$salt');
  const queued = worker.crypt('pass', '$1$saltsalt');
  const first = worker.thread;
  await first?.terminate();
  expect(await queued).toBe(hashOfPass);
  expect(await slow).toMatch(/^\$6\$rounds=200000\$salt\$/);
  expect(worker.thread).not.toBe(first);
});

test('a request over which the thread dies twice is refused, the next one served', async () => {
  const crashing = (): Worker =>
    new Worker("require('node:worker_threads').parentPort.on('message', () => { throw new Error('crash'); })", {
      eval: true,
    });
  let started = 0;
  const start = (): Worker => {
    started += 1;
    return started <= 2 ? crashing() : startThread();
  };
  const worker = open({ start });
  const doomed = worker.crypt('pass', setting);
  const next = worker.crypt('pass', '$1$saltsalt');
  await expect(doomed).rejects.toThrow('the crypt worker thread died');
  expect(await next).toBe(hashOfPass);
  expect(started).toBe(3);
});

test('an idle thread stops and comes back with the next request', async () => {
  const worker = open({ idleMs: 1 });
  await worker.crypt('pass', '$1$saltsalt');
  const { thread } = worker;
  if (thread) await once(thread, 'exit');
  expect(worker.thread).toBeUndefined();
  expect(await worker.crypt('pass', '$1$saltsalt')).toBe(hashOfPass);
});

test('closing refuses what is outstanding', async () => {
  const worker = open();
  const outstanding = ['a', 'b'].map((password) => worker.crypt(password, '$6$rounds=200000$salt'));
  const settled = Promise.allSettled(outstanding);
  await worker.close();
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await worker.crypt('pass', '$1$saltsalt')).toBe(hashOfPass);
});

test('a process gets its answers and ends, an idle thread notwithstanding', async () => {
  const script = `
    const { CryptWorker } = await import(${JSON.stringify(new URL('./crypt-worker.ts', import.meta.url).href)});
    const worker = new CryptWorker({ idleMs: 3_600_000 });
    console.log(await worker.crypt('pass', '$1$saltsalt'));
    console.log(worker.thread !== undefined);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 60_000,
    env: { PATH: process.env.PATH },
  });
  expect(stdout).toBe(`${hashOfPass}\ntrue\n`);
}, 90_000);

function open(options: CryptWorkerOptions = {}): CryptWorker {
  const worker = new CryptWorker(options);
  opened.push(worker);
  return worker;
}

function startThread(): Worker {
  return new Worker(new URL('./crypt-thread.ts', import.meta.url), { execArgv: [] });
}
