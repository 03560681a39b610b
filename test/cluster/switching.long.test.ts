import { describe, it } from 'vitest';
import { dialects, isAvailable } from '../jobs/rig.js';
import { runSwitches } from './switches.js';

const COUNT = 200;

describe('four processes on one database, for long', () => {
  for (const dialect of dialects) {
    it.skipIf(!isAvailable(dialect))(
      `${COUNT} switches and many kills on ${dialect}: nothing mixed, nothing stale`,
      { timeout: 3_600_000 },
      () => runSwitches(dialect, COUNT),
    );
  }
});
