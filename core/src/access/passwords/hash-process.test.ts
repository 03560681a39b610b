import { execFile, fork } from 'node:child_process';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { type ArgonRequest, computeArgon } from './argon-compute.js';
import { HashProcess, type HashProcessOptions } from './hash-process.js';

const opened: HashProcess[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

const request = (o: Partial<ArgonRequest> = {}): ArgonRequest => ({
  password: 'pässword',
  variant: 'argon2id',
  version: 19,
  memoryKiB: 1024,
  timeCost: 2,
  parallelism: 1,
  salt: Buffer.from('saltsaltsaltsalt'),
  length: 32,
  ...o,
});

test('computes what this process would, in one that starts when it is needed', async () => {
  const apart = open();
  expect(apart.pid).toBeUndefined();
  const requests = [
    request(),
    request({ variant: 'argon2i', version: 16 }),
    request({ parallelism: 2, length: 20 }),
    request({ password: '' }),
  ];
  const tags = await Promise.all(requests.map((one) => apart.compute(one)));
  expect(tags).toEqual(await Promise.all(requests.map(computeArgon)));
  const { pid } = apart;
  expect(await apart.compute(request())).toEqual(tags[0]);
  expect(apart.pid).toBe(pid);
  expect(pid).not.toBe(process.pid);
});

test('lets everything else go first', async () => {
  const apart = open();
  await apart.compute(request());
  expect(getPriority(apart.pid)).toBeGreaterThan(getPriority());
});

test('a request that cannot be computed is refused, and the process goes on', async () => {
  const apart = open();
  await expect(apart.compute(request({ memoryKiB: 1 }))).rejects.toThrow(/^Argon2 failed: /);
  const { pid } = apart;
  expect(await apart.compute(request())).toHaveLength(32);
  expect(apart.pid).toBe(pid);
});

test('when the process dies, nobody notices, and the next request starts another', async () => {
  const apart = open();
  await apart.compute(request());
  const first = apart.pid ?? 0;
  const slow = [1, 2, 3].map(() => apart.compute(request({ memoryKiB: 65_536 })));
  process.kill(first, 'SIGKILL');
  expect(await Promise.all(slow)).toEqual(
    await Promise.all(slow.map(() => computeArgon(request({ memoryKiB: 65_536 })))),
  );
  expect(await apart.compute(request())).toEqual(await computeArgon(request()));
  expect(apart.pid).not.toBe(first);
}, 30_000);

test.each([
  ['does not exist', () => fork('/nowhere/no.js', [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })],
  [
    'cannot be started',
    () => {
      throw new Error('EAGAIN');
    },
  ],
])('where the program %s, it is computed here', async (_what, start) => {
  const apart = open({ start });
  expect(await apart.compute(request())).toEqual(await computeArgon(request()));
});

test('an idle process ends and comes back with the next request', async () => {
  const apart = open({ idleMs: 20 });
  await apart.compute(request());
  const first = apart.pid ?? 0;
  await expect.poll(() => apart.pid).toBeUndefined();
  await expect.poll(() => isAlive(first), { timeout: 10_000 }).toBe(false);
  expect(await apart.compute(request())).toHaveLength(32);
});

test('a program ends with its work, and takes the process along', async () => {
  const script = `
    const { HashProcess } = await import(${JSON.stringify(new URL('./hash-process.ts', import.meta.url).href)});
    const apart = new HashProcess(() => Promise.reject(new Error('not here')), { idleMs: 3_600_000 });
    await apart.compute({ ...${JSON.stringify(request())}, salt: Buffer.from('saltsaltsaltsalt') });
    console.log(apart.pid);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 60_000,
    env: { PATH: process.env.PATH },
  });
  await expect.poll(() => isAlive(Number(stdout)), { timeout: 10_000 }).toBe(false);
}, 90_000);

function open(options: HashProcessOptions = {}): HashProcess {
  const apart = new HashProcess(computeArgon, options);
  opened.push(apart);
  return apart;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
