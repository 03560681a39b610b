import { describe, expect, it } from 'vitest';
import { freshInstance } from '../kit/src/cli/cli.js';

describe('sixteen processes on one SQLite file', () => {
  it('create accounts at once, and none fails', async () => {
    const instance = await freshInstance();
    try {
      await instance.must(['domain', 'create', 'one.test']);
      const file = await instance.secretFile('Toto1234');
      // Hashing is not what is tried here.
      await instance.must(['parameter', 'set', 'core.password_scheme', 'sha512crypt']);
      await instance.must(['parameter', 'set', 'core.rounds_number', '1000']);
      const runs = await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          instance.posthorn(['account', 'create', `user${i}@one.test`, '--password-file', file]),
        ),
      );
      expect(runs.map((r) => [r.code, r.stderr])).toEqual(runs.map(() => [0, '']));
      expect(
        (await instance.must(['account', 'list', '--json']))
          .rows()
          .filter((row) => String(row['username']).includes('@')),
      ).toHaveLength(16);
    } finally {
      await instance.remove();
    }
  }, 180_000);
});
