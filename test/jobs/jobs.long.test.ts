import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { engines, isAvailable, makeRig, type Rig } from './rig.js';
import { runInTwoProcesses, runWithKills } from './two-processes.js';

describe.each(engines)('jobs on %s, many', (engine) => {
  describe.skipIf(!isAvailable(engine))('with two processes', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await makeRig(engine);
    });
    beforeEach(() => rig.clear());
    afterAll(async () => {
      await rig?.[Symbol.asyncDispose]();
    });

    test('20,000 jobs: none lost, none twice', { timeout: 900_000 }, async () => {
      const rate = await runInTwoProcesses(rig, 20_000, 800);
      process.stderr.write(`${engine}: ${rate} jobs per second\n`);
    });

    test('20,000 jobs and many kills: none lost, all end once', { timeout: 900_000 }, async () => {
      const kills = await runWithKills(rig, 20_000, 800);
      process.stderr.write(`${engine}: ${kills} kills\n`);
      expect(kills).toBeGreaterThan(1);
    });
  });
});
