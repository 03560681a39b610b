import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serve } from '../host/serving.js';
import { Browser } from '../http/browser.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { sleep, until } from '../kit/src/servers/index.js';
import { install } from './packages.js';

const END_MS = 2_500;

/** Pages that keep everything else waiting, each in another way, and one that never ends in somebody's listener. */
const looper = {
  head: `
const spin = hook.filter('looper.spin@1');
const text = download({ filename: 'done.txt', type: 'text/plain', content: 'done' });
const used = () => { const { user, system } = process.threadCpuUsage(); return (user + system) / 1_000; };
const busy = (ms) => { const end = used() + ms; while (used() < end); };
`,
  members: `
  taps: [on(spin, async () => { await null; for (;;); })],
  contributes: [
    page({ path: '/looper/', permission: 'public', load: async () => text }),
    page({ path: '/looper/later/', permission: 'public', load: async () => {
      await new Promise((done) => setTimeout(done, 10));
      busy(1500);
      return text;
    } }),
    page({ path: '/looper/outside/', permission: 'public', load: async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
      return text;
    } }),
    page({ path: '/looper/spin/', permission: 'public', load: async ({ context }) => {
      await context.call(spin, {}, 0);
      return text;
    } }),
  ],`,
};

let instance: Instance;
let serving: Serving;

const states = async () =>
  Object.fromEntries((await instance.must(['extension', 'list', '--json'])).rows().map((row) => [row['id'], row]));

const status = async (path: string): Promise<number> => (await serving.ask(path)).status;

/** Asks for what never ends; the connection breaks with its worker. */
const spin = async (): Promise<void> => void (await serving.ask('/looper/spin/').catch(() => {}));

describe('a worker whose event loop stands still', { timeout: 180_000 }, () => {
  beforeAll(async () => {
    instance = await freshInstance();
    await install(instance.directory, 'looper', looper);
    await install(instance.directory, 'follower', { requires: { looper: '^1.0.0' } });
    await instance.must(['extension', 'enable', 'looper']);
    await instance.must(['extension', 'enable', 'follower']);
    serving = await serve(instance.directory, {
      env: { POSTHORN_BLOCK_END_MS: String(END_MS), POSTHORN_READY_SECONDS: '30' },
    });
  });
  afterAll(async () => {
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
  });

  it.each(['later', 'outside'])('for a while is told in the log, by name (%s)', async (way) => {
    expect((await serving.ask(`/looper/${way}/`)).body).toBe('done');
    const at = `GET /looper/${way}/`;
    const told = () => serving.logged('the event loop stood still').filter((line) => line['at'] === at);
    await until('the line', 30, async () => told().length > 0);
    expect(told()).toMatchObject([{ extension: 'looper', ms: expect.any(Number) }]);
    expect(Number(told()[0]?.['ms'])).toBeGreaterThan(1_000);
    await until('the figures', 60, async () => {
      const rows = (await instance.must(['extension', 'doctor', 'looper', '--json'])).rows();
      return rows.some((row) => row['record'] === 'place' && row['at'] === at && row['blocks'] === 1);
    });
    // Whoever asked for what took long has got it; nothing was ended.
    expect(serving.logged('a worker ended; starting another')).toEqual([]);
  });

  it('for good is replaced within seconds, and what it was stuck in is named', async () => {
    const [first] = serving.workers();
    const stuck = spin();
    await sleep(300);
    // Whoever comes now waits at the socket, and is answered by the next worker.
    const begun = performance.now();
    expect((await serving.ask('/looper/')).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(60_000);
    await until('the end of the first', 30, async () => !serving.workers().includes(first as number));
    await stuck;
    expect(serving.logged('a worker does not go on; ending it')).toMatchObject([
      { worker: first, extension: 'looper', at: 'looper.spin@1' },
    ]);
    expect(await states()).toMatchObject({ looper: { state: 'enabled' } });
    const kept = await readdir(join(instance.directory, 'data', 'watchdog'));
    expect(kept.filter((name) => name.startsWith('stuck-'))).toHaveLength(1);
  });

  it('again leaves the extension off, with what needs it, and everything else serves on', async () => {
    await spin();
    await until('the extension to be left off', 60, async () => (await status('/looper/')) === 404);
    expect((await serving.ask('/accounts/login/')).status).toBe(200);
    expect(await states()).toMatchObject({
      admin: { state: 'enabled' },
      looper: {
        state: 'quarantined',
        desired: 'enabled',
        reason: 'it kept 2 processes from going on within 5 minutes, the last one in looper.spin@1',
      },
      follower: { state: 'quarantined', desired: 'enabled', reason: 'requires looper, which is quarantined' },
    });
    const browser = new Browser(serving.port);
    await browser.signIn(instance.admin.username, instance.admin.password);
    expect((await browser.ask('/dashboard/')).body).toContain('The extension looper is quarantined');
    const list = '/core/extensions/';
    const lifted = await browser.ask(`${list}looper/lift/`, { form: { _token: await browser.token(list) } });
    expect(lifted.status).toBe(303);
    expect((await serving.ask('/looper/')).status).toBe(200);
    expect(await states()).toMatchObject({ looper: { state: 'enabled' }, follower: { state: 'enabled' } });
    expect((await browser.ask('/dashboard/')).body).not.toContain('is quarantined');
  });

  it('while it starts is named as well, and the workers before serve on', async () => {
    await install(instance.directory, 'stubborn', { members: 'start() { for (;;); },' });
    await instance.posthorn(['extension', 'enable', 'stubborn']);
    await until('it to be left off', 150, async () => {
      expect(await status('/healthz')).toBe(200);
      return (await states())['stubborn']?.['state'] === 'quarantined';
    });
    expect((await states())['stubborn']).toMatchObject({ reason: expect.stringContaining('the last one in start') });
    const reasons = serving.logged('new workers did not become ready; the old ones serve on');
    expect(reasons.map((line) => line['reason'])).toContainEqual(
      expect.stringMatching(/held up by stubborn \(start\)/),
    );
  });
});
