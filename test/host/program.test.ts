import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { instance, run, scratch } from './instance.js';

/** Beside the Node that runs the tests the system's own, which may be older than the program needs. */
const nodes = [process.execPath, '/usr/bin/node'].filter((path) => existsSync(path));

describe('the program', () => {
  it('says its version', async () => {
    expect(await run(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^posthorn \d+\.\d+\.\d+\n$/),
    });
  });

  it('shows its own commands beside everybody else’s', async () => {
    await using made = await instance();
    const { code, stdout } = await run(['--help', '--instance', made.directory]);
    expect(code).toBe(0);
    for (const noun of ['init', 'serve', 'worker', 'extension', 'domain'])
      expect(stdout).toMatch(new RegExp(`^ {2}${noun} `, 'm'));
  });

  it.each(['init', 'serve', 'worker'])('explains %s', async (noun) => {
    const { code, stdout } = await run([noun, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: posthorn ${noun} `);
  });

  it('says where it looked when there is no instance', async () => {
    await using folder = await scratch();
    for (const args of [['serve'], ['extension', 'list']]) {
      const refused = await run([...args, '--instance', folder.path]);
      expect(refused.code).toBe(78);
      expect(refused.stderr).toContain(folder.path);
    }
    const asJson = await run(['serve', '--json', '--instance', folder.path]);
    expect(asJson.code).toBe(2);
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'E_HOST_USAGE' } });
  });

  it('tells everything that is wrong with the configuration, with its origin', async () => {
    await using made = await instance();
    writeFileSync(join(made.directory, 'posthorn.yaml'), 'database: 7\nworkers: many\ncolour: blue\nlog_level: loud\n');
    const env = { POSTHORN_TIME_ZONE: 'Nowhere' };
    for (const args of [['serve'], ['extension', 'list']]) {
      const refused = await run([...args, '--instance', made.directory], { env });
      expect(refused.code).toBe(78);
      for (const part of [
        'posthorn.yaml:1',
        'posthorn.yaml:2',
        'posthorn.yaml:3',
        'posthorn.yaml:4',
        'POSTHORN_TIME_ZONE',
      ]) {
        expect(refused.stderr).toContain(part);
      }
      expect(refused.stderr).toMatch(/colour.*not a known setting/);
    }
  });

  it.each(nodes)('runs when %s starts it', async (node) => {
    expect(await run(['--version'], { node })).toMatchObject({ code: 0 });
    await using folder = await scratch();
    expect(await run(['serve', '--instance', folder.path], { node })).toMatchObject({ code: 78 });
  });
});
