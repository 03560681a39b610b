import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install } from '../watch/packages.js';
import { instance, run } from './instance.js';
import { raiseAssembly, type Serving, serve, sql } from './serving.js';

const sdk = fileURLToPath(new URL('../../sdk/package.json', import.meta.url));
let made: Awaited<ReturnType<typeof instance>>;
let serving: Serving;

const list = async (): Promise<Readonly<Record<string, string>>> => {
  const { code, stdout, stderr } = await run(['extension', 'list', '--json', '--instance', made.directory]);
  expect(code, stderr).toBe(0);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  return Object.fromEntries(rows.map(({ id, state, reason }) => [id, `${state}: ${reason}`]));
};
const want = (id: string) =>
  sql(
    made.directory,
    `insert into core_extension (id, package, desired) values ('${id}', 'posthorn-${id}', 'enabled')`,
  );

beforeAll(async () => {
  made = await instance();
  const { directory } = made;
  await install(directory, 'endless', { head: 'for (;;) {}' });
  await install(directory, 'leaver', { head: 'process.exit(0);' });
  await install(directory, 'thrower', { head: "throw new Error('no luck');" });
  await install(directory, 'misshapen', { members: 'taps: [{ hook: 7 }],' });
  await install(directory, 'twofold');
  const copy = join(directory, 'node_modules/posthorn-twofold/node_modules/@posthorn/sdk');
  await mkdir(copy, { recursive: true });
  await cp(sdk, join(copy, 'package.json'));
  await install(directory, 'ring', { requires: { wheel: '*' } });
  await install(directory, 'wheel', { requires: { ring: '*' } });
  await install(directory, 'wrong');
  const manifest = join(directory, 'node_modules/posthorn-wrong/package.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"id":"wrong"', '"id":"__proto__"'));
  await install(directory, 'blind', {
    members:
      "contributes: [page({ path: '/blind/', permission: 'public', load: async () => view('nowhere', 'Blind') })], views: new URL('./views/', import.meta.url),",
  });
  for (const id of ['endless', 'leaver', 'thrower', 'misshapen', 'twofold', 'ring', 'wheel', 'wrong', 'blind'])
    want(id);
  serving = await serve(directory, { env: { POSTHORN_RETIRE_SECONDS: '3' } });
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await made?.[Symbol.asyncDispose]();
});

describe('extensions that somebody installed by hand and that cannot work', () => {
  it('each get a reason, and the program serves what can', async () => {
    // What never ends is waited for once.
    await expect.poll(async () => (await serving.readyz()).status, { timeout: 60_000 }).toBe(200);
    expect((await serving.ask('/accounts/login/')).status).toBe(200);
    expect((await serving.ask('/blind/')).status).toBe(500);
    expect((await serving.ask('/accounts/login/')).status).toBe(200);
    expect(await list()).toMatchObject({
      admin: 'enabled: ',
      blind: 'enabled: ',
      endless: 'failed: its import did not end within 5 seconds',
      leaver: 'failed: its code ends the process on import',
      thrower: 'failed: its code fails on import: no luck',
      misshapen: 'incompatible: one of its taps has no hook or no function',
      twofold: expect.stringMatching(/^incompatible: brings its own copy of @posthorn\/sdk/),
      ring: 'incompatible: is part of a cycle: ring → wheel → ring',
      wrong: 'missing: its package is not installed in this instance',
    });
    expect(serving.workers()).toHaveLength(1);
    const doctor = await run(['extension', 'doctor', 'endless', '--fail-on', 'error', '--instance', made.directory]);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain('did not end');
  });

  it('and one that only fails when it starts is named; what was wanted with it waits', async () => {
    await install(made.directory, 'sleeper', { members: "start() { throw new Error('not today'); }," });
    await install(made.directory, 'patient');
    want('sleeper');
    want('patient');
    raiseAssembly(made.directory);
    await expect
      .poll(list, { timeout: 60_000, interval: 500 })
      .toMatchObject({ sleeper: expect.stringMatching(/^failed: assembly \d+: sleeper: start: not today/) });
    expect(await list()).toMatchObject({
      patient: expect.stringMatching(/^waiting-for-retry: assembly \d+: sleeper: start: not today/),
      admin: 'enabled: ',
    });
    expect((await serving.readyz()).status).toBe(200);
  });
});
