import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { raiseAssembly, sql } from '../host/serving.js';
import { dialects, isAvailable } from '../jobs/rig.js';
import { until } from '../kit/src/servers/index.js';
import { install, makeInstallation, type Place } from './installation.js';
import { runSwitches } from './switches.js';

/** All two hundred on each database are one of the long runs. */
const COUNT = { sqlite: 6, postgresql: 4, mariadb: 4 } as const;

describe('four processes on one database', () => {
  for (const dialect of dialects) {
    it.skipIf(!isAvailable(dialect))(
      `${COUNT[dialect]} switches and some kills on ${dialect}: nothing mixed, nothing stale`,
      { timeout: 400_000 },
      () => runSwitches(dialect, COUNT[dialect]),
    );
  }
});

describe('a process without the package', () => {
  it('stays with the arrangement before, says so, and follows once it has it', { timeout: 90_000 }, async () => {
    await using installation = await makeInstallation('sqlite', { size: 2, lacks: 1 });
    const [whole, poor] = installation.places as [Place, Place];
    const workers = poor.serving.workers();
    const done = await whole.posthorn(['extension', 'enable', 'example']);
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/still works with the arrangement before: .*example is wanted.*not installed/);
    expect(poor.serving.workers()).toEqual(workers);
    expect((await poor.serving.readyz()).body['notices']).toHaveLength(1);

    const browser = await installation.signedIn(whole);
    expect((await browser.ask('/example/')).status).toBe(200);
    const page = (await browser.ask('/core/extensions/')).body;
    expect(page).toContain('1 of 2 processes have followed the last switch.');
    expect(page).toMatch(/example is wanted, but cannot be had here: its package is not installed/);

    await install(poor.directory);
    await until('it to follow', 40, () => poor.serving.workers().some((pid) => !workers.includes(pid)));
    await until('everybody to have followed', 20, async () => {
      const { body } = await browser.ask('/core/extensions/');
      return !body.includes('have followed the last switch');
    });
    expect(await readFile(join(poor.directory, 'package.json'), 'utf8')).toContain('posthorn-example');
  });
});

describe('a client that knows of a change', () => {
  it('waits for the process that answers him, and nobody else does', { timeout: 90_000 }, async () => {
    await using installation = await makeInstallation('sqlite', { size: 1 });
    const [place] = installation.places as [Place];
    const browser = await installation.signedIn(place);
    const [before] = place.serving.workers();
    const known = sql(place.directory, 'select revision, assembly from core_revision')[0] as {
      revision: number;
      assembly: number;
    };
    raiseAssembly(place.directory);
    browser.cookies.set('posthorn-revision', `${known.revision + 1}.${known.assembly + 1}`);
    const answer = await place.serving.ask('/readyz', {
      headers: { cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') },
    });
    expect((JSON.parse(answer.body) as { revision: number }).revision).toBe(known.revision + 1);
    expect(place.serving.workers()).not.toEqual([before]);
    // A number that the database does not have is not waited for.
    const start = performance.now();
    await place.serving.ask('/readyz', { headers: { cookie: 'posthorn-revision=999999.999999' } });
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});
