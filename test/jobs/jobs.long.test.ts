import { afterAll, beforeAll, describe, test } from 'vitest';
import { dialects, isAvailable, makeRig, type Rig } from './rig.js';
import { runInTwoProcesses } from './two-processes.js';

describe.each(dialects)('jobs on %s, many', (dialect) => {
  describe.skipIf(!isAvailable(dialect))('with two processes', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await makeRig(dialect);
    });
    afterAll(async () => {
      await rig?.[Symbol.asyncDispose]();
    });

    test('20,000 jobs: none lost, none twice', { timeout: 900_000 }, async () => {
      const rate = await runInTwoProcesses(rig, 20_000, 800);
      process.stderr.write(`${dialect}: ${rate} jobs per second\n`);
    });
  });
});
