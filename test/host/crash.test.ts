import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, until } from '@posthorn/testkit/servers';
import { describe, expect, it } from 'vitest';
import { instance } from './instance.js';
import { serve, sql } from './serving.js';

describe('workers that die', () => {
  it('are replaced, while the others serve on', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory, {
      command: ['serve', '--workers', '2', '--listen', '127.0.0.1:0'],
    });
    const count = () => sql(made.directory, 'select pid from core_process').length;
    await until('two workers that take part', 10, () => count() === 2);
    await sleep(300); // The row comes a moment before the first connection is taken.
    const port = Number(/listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(serving.output())?.[1]);
    const before = serving.workers();
    process.kill(before[0] ?? 0, 'SIGKILL');
    await until(
      'a new worker',
      10,
      () => serving.workers().length === 2 && !serving.workers().includes(before[0] ?? 0),
    );
    expect(serving.workers()).toContain(before[1]);
    expect(serving.logged('a worker ended; starting another')).toHaveLength(1);
    expect(await fetch(`http://127.0.0.1:${port}/healthz`)).toMatchObject({ status: 200 });
    expect(await serving.stop()).toBe(0);
  });

  it('come back on the same address even when it was the only one', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory);
    process.kill(serving.workers()[0] ?? 0, 'SIGKILL');
    await until('an answer', 10, async () => {
      try {
        return (await serving.ask('/readyz')).status === 200;
      } catch {
        return false;
      }
    });
  });

  it('end the program when none ever becomes ready', async () => {
    await using made = await instance();
    // What a worker needs before it can say anything at all.
    const broken = join(made.directory, 'broken.mjs');
    writeFileSync(broken, "if (process.env.POSTHORN_WORKER) throw new Error('no worker can start like this');\n");
    await using serving = await serve(made.directory, { isHasty: true, env: { NODE_OPTIONS: `--import=${broken}` } });
    expect(await serving.ended).toBe(1);
    expect(serving.output()).toContain('5 workers ended within 30 seconds before they were ready');
  });
});
