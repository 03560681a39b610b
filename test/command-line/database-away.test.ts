import { describe, expect, it } from 'vitest';
import { freshInstance } from '../kit/src/cli/cli.js';
import { requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';

const servers = [
  ['postgresql', startPostgres],
  ['mariadb', startMariadb],
] as const;

describe.each(servers)('a %s server that is away', (name, start) => {
  it.skipIf(!requireSuite(name))('makes commands end with 75 and a sentence, never with half a change', async () => {
    const server = await start();
    const { url } = await server.createDatabase();
    const instance = await freshInstance({ database: url });
    try {
      await instance.must(['domain', 'create', 'one.test']);
      await server.stop();
      for (const args of [
        ['domain', 'list'],
        ['domain', 'create', 'two.test'],
        ['account', 'list', '--json'],
        ['migrate', 'status'],
        ['maps', 'check', '/tmp'],
      ]) {
        const { code, stderr } = await instance.posthorn(args);
        expect([args.join(' '), code]).toEqual([args.join(' '), 75]);
        expect(stderr).not.toMatch(/\n\s+at |secret/);
      }
      expect((await instance.posthorn(['--help'])).code).toBe(0);
    } finally {
      await instance.remove();
      await server.stop();
    }
  });
});
