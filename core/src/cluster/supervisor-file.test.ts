import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nudgeSupervisors, processStart } from './supervisor-file.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'posthorn-nudge-'));
  mkdirSync(join(directory, 'run'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it.runIf(process.platform === 'linux')(
  'tells the supervisor that wrote the file, and nobody who has its pid by chance',
  async () => {
    let told = 0;
    const listener = (): void => {
      told += 1;
    };
    process.on('SIGHUP', listener);
    try {
      const file = join(directory, 'run', `serve-${process.pid}.pid`);
      for (const start of ['1', '', 'x']) {
        writeFileSync(file, `${process.pid}\n${start}\n`);
        expect(nudgeSupervisors(directory)).toBe(0);
      }
      writeFileSync(file, `${process.pid}\n${processStart(process.pid)}\n`);
      expect(nudgeSupervisors(directory)).toBe(1);
      await sleep(100);
      expect(told).toBe(1);
    } finally {
      process.off('SIGHUP', listener);
    }
  },
);

it('does not mind that nobody serves', () => {
  writeFileSync(join(directory, 'run', 'worker-1.sock'), '');
  expect(nudgeSupervisors(directory)).toBe(0);
  expect(nudgeSupervisors('/nothing/here')).toBe(0);
});
